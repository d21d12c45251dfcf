//! Whole bodies, and the conditions before them.

use crate::code::{BIT_OR, COMPARISON, Code, OR};
use crate::writer::{Exit, Place, QUESTION, Writer};

impl Writer<'_> {
    /// A whole body.
    pub(crate) fn body(&mut self) -> Code {
        let place = Place {
            depth: 2 + self.below(4),
            exit: Exit::Body { is_tail: true },
            awaits: true,
            has_dependencies: true,
        };
        match self.below(10) {
            0..=4 => self.number(place),
            5 => self.block(place),
            6 => self.call(place),
            7 => {
                self.is_number = false;
                self.truth(place)
            }
            8 => {
                self.is_number = false;
                self.text(place)
            }
            _ => {
                self.is_number = false;
                self.outcome(place)
            }
        }
    }

    /// A condition that may bind a name, and holds.
    pub(crate) fn condition_that_holds(&mut self) -> String {
        let place = Place {
            depth: 1,
            exit: Exit::None,
            awaits: true,
            has_dependencies: false,
        };
        let code = self.outside(|it| it.number(place));
        let equal = Code::binary(code.clone(), "==", Code::atom("i64::MIN"), COMPARISON);
        let text = match self.below(3) {
            0 => Code::prefix("!", equal.in_parentheses()).text,
            1 => format!(
                "let seen = {} && seen != i64::MIN",
                code.before_block().at(BIT_OR).text
            ),
            _ => {
                Code::binary(Code::atom("w.guard(0).number() == 0"), "||", equal, OR)
                    .before_block()
                    .text
            }
        };
        // What it does is not what the body does.
        text.replace('⟦', "(")
            .replace('⟧', ")")
            .replace("w.", "quiet.")
    }

    /// A body that is nothing but a call, with arguments that may live too short.
    fn call(&mut self, place: Place) -> Code {
        let mark = self.mark();
        let (plain, fallible) = (
            [
                "look(&FIXED).await".to_owned(),
                "look(&fixed).await".to_owned(),
                "look(&Fixed(3)).await".to_owned(),
                "peek(dep).await".to_owned(),
                "peek(&*dep).await".to_owned(),
                "peek(&(*dep + 1)).await".to_owned(),
                format!("peek(&w.guard({mark}).number()).await"),
                format!("w.later({mark}, *dep).await"),
                format!("w.later({mark}, w.guard({mark}).number()).await"),
                "ready(acc.len()).await".to_owned(),
            ],
            [
                format!("attempt(w, {mark}, *dep).await"),
                format!("attempt(&w, {mark}, w.guard({mark}).number()).await"),
                format!("w.try_later({mark}, *dep).await"),
                format!("w.try_later({mark}, w.guard({mark}).touch(2)).await"),
                format!("async {{ w.check({mark}, *dep) }}.await"),
            ],
        );
        if place.exit != Exit::None && self.chance(50) {
            let call = &fallible[self.below(fallible.len())];
            Code::atom(call.clone()).postfix(QUESTION)
        } else {
            self.is_number = false;
            Code::atom(plain[self.below(plain.len())].clone())
        }
    }
}

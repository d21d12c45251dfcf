//! Closures, `async` blocks and macro calls.

use crate::code::Code;
use crate::writer::{Exit, Place, Writer, questioned};

impl Writer<'_> {
    pub(crate) fn closure(&mut self, place: Place) -> Code {
        let argument = self.number(place.inside());
        self.scoped(|it| {
            it.apart(|it| {
                let name = it.declare(false);
                match it.below(6) {
                    0 => {
                        let number = it.number(place.elsewhere(Exit::None, false));
                        Code::atom(format!("(|{name}: i64| {})({})", number.text, argument.text))
                    }
                    1 => {
                        let number = it.number(place.elsewhere(Exit::Inner, false));
                        Code::atom(format!(
                            "(|{name}: i64| -> Result<i64, Fail> {{ Ok({}) }})({}).unwrap_or(6)",
                            number.text, argument.text
                        ))
                    }
                    2 => {
                        let number = it.number(place.elsewhere(Exit::Inner, false));
                        let result = format!(
                            "[{}, 2].iter().map(|&{name}| Ok({})).collect::<Result<Vec<i64>, Fail>>()",
                            argument.text, number.text
                        );
                        questioned(Code::atom(result).postfix(".map(|it| it.len() as i64)"), place)
                    }
                    3 if place.awaits => {
                        let number = it.number(place.elsewhere(Exit::None, true));
                        Code::atom(format!("(async |{name}: i64| {})({}).await", number.text, argument.text))
                    }
                    4 => {
                        let number = it.number(place.elsewhere(Exit::None, false));
                        Code::atom(format!(
                            "[1, 2].iter().map(move |&{name}| -> i64 {{ if {name} > 1 {{ return {name}; }} {} }}).sum::<i64>()",
                            number.alone().text
                        ))
                    }
                    _ => Code::atom(format!("(0..3).fold({}, |{name}, other| {name} % 1000 | other)", argument.text)),
                }
            })
        })
    }

    pub(crate) fn future(&mut self, place: Place) -> Code {
        if !place.awaits {
            return self.closure(place);
        }
        let moves = self.pick(&["", "move "]);
        match self.below(4) {
            0 => {
                let number = self.apart(|it| it.number(place.elsewhere(Exit::None, true)));
                Code::atom(format!("async {moves}{{ {} }}.await", number.alone().text))
            }
            1 => {
                let number = self.apart(|it| it.number(place.elsewhere(Exit::Inner, true)));
                let result = Code::atom(format!(
                    "async {moves}{{ Ok::<i64, Fail>({}) }}.await",
                    number.text
                ));
                questioned(result, place)
            }
            2 => {
                let mark = self.mark();
                let number = self.apart(|it| it.number(place.elsewhere(Exit::None, true)));
                Code::atom(format!(
                    "async {moves}{{ let _guard = w.guard({mark}); if w.maybe({mark}, 1).is_none() {{ return 8; }} {} }}.await",
                    number.alone().text
                ))
            }
            _ => {
                let number = self.number(place.inside());
                Code::atom(format!("ready({}).await", number.text))
            }
        }
    }

    pub(crate) fn macro_call(&mut self, place: Place) -> Code {
        let mark = self.mark();
        let is_own = matches!(place.exit, Exit::Body { .. });
        match self.below(8) {
            0 => Code::atom(format!("pass!({})", self.number(place.inside()).text)),
            1 => Code::atom(format!(
                "first!({}, {})",
                self.number(place.inside()).text,
                self.truth(place).text
            )),
            2 if is_own && self.is_number => Code::atom(format!(
                "or_return!({}, @return(w.mark({mark}, 9)))",
                self.maybe(place).text
            )),
            3 if is_own => Code::atom(format!("or_fail!({})", self.outcome(place).text)),
            4 => Code::atom(format!(
                "vec![{}, {}]",
                self.number(place.inside()).text,
                self.number(place.inside()).text
            ))
            .postfix(".len()")
            .cast("i64"),
            5 => Code::atom(format!("std::mem::size_of::<[u8; {{ {mark} }}]>()")).cast("i64"),
            6 => Code::block(format!(
                "{{ macro_rules! local {{ ($it:expr) => {{ $it.check({mark}, 1)?.wrapping_add(2) }} }} {} }}",
                self.number(place.inside()).alone().text
            )),
            _ => Code::block(format!("pass! {{ {} }}", self.number(place.inside()).text)),
        }
    }
}

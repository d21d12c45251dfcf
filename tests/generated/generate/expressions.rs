//! Expressions of each type.

use crate::code::{AND, BIT_OR, COMPARISON, Code, OR, PRODUCT, RANGE, SUM};
use crate::writer::{Exit, Place, Writer, questioned};

impl Writer<'_> {
    /// An `i64`.
    pub(crate) fn number(&mut self, place: Place) -> Code {
        if place.depth == 0 {
            return self.small_number(place);
        }
        if self.chance(12)
            && let Some(fragment) = self.fragment(place)
        {
            return fragment;
        }
        match self.below(30) {
            0..=4 => self.small_number(place),
            5..=8 => self.arithmetic(place),
            9 => {
                let operator = self.pick(&["-", "!", "*&", "- -", "*&mut "]);
                let operand = self.number(place.inside());
                // What it refers to must not be behind another reference.
                let operand = match operator {
                    "*&mut " => Code::binary(operand, "+", Code::atom("1"), SUM),
                    _ => operand,
                };
                Code::prefix(operator, operand)
            }
            10 => {
                let to = self.pick(&["i32 as i64", "u8 as i64", "i64"]);
                self.number(place.inside()).cast(to)
            }
            11 => self.truth(place.inside()).cast("i64"),
            12 => {
                let method =
                    self.pick(&[".abs()", ".clone()", ".min(9)", ".turn()", ".rem_euclid(5)"]);
                self.number(place.inside()).postfix(method)
            }
            13..=15 => self.choice(place),
            16 | 17 => self.selection(place),
            18 | 19 => self.block(place),
            20 => self.loops(place),
            21 | 22 => self.closure(place),
            23 | 24 => self.future(place),
            25 | 26 => self.macro_call(place),
            27 => {
                let outcome = self.outcome(place.inside());
                questioned(outcome, place)
            }
            28 => {
                let (x, y) = (self.number(place.inside()), self.number(place.inside()));
                let literal = Code::literal(format!("Point {{ x: {}, y: {} }}", x.text, y.text));
                literal.postfix(self.pick(&[".sum()", ".x", ".y.abs()"]))
            }
            _ => {
                let text = self.text(place.inside());
                text.postfix(".len()").cast("i64")
            }
        }
    }

    fn small_number(&mut self, place: Place) -> Code {
        let mark = self.mark();
        let literal = self.below(9);
        match self.below(14) {
            0 | 1 => Code::atom(format!("{literal}_i64")),
            2 | 3 => match self.variable() {
                Some(variable) => Code::atom(variable.name),
                None => Code::atom(format!("w.mark({mark}, {literal})")),
            },
            4 if place.has_dependencies => {
                if self.chance(60) {
                    Code::prefix("*", Code::atom("dep"))
                } else {
                    Code::atom("acc.len()").cast("i64")
                }
            }
            5 => Code::atom("<i64 as Turn<u8, Vec<u16>>>::MOST"),
            6 => Code::atom(format!("w.guard({mark}).touch({literal})")),
            7 | 8 if place.awaits => Code::atom(format!("w.later({mark}, {literal}).await")),
            9 if place.awaits && place.exit != Exit::None => {
                let result = Code::atom(format!("w.try_later({mark}, {literal}).await"));
                questioned(result, place)
            }
            10 if place.exit != Exit::None => {
                let call = if self.small_fits(place) {
                    "small"
                } else {
                    "check"
                };
                questioned(Code::atom(format!("w.{call}({mark}, {literal})")), place)
            }
            11 if place.exit != Exit::None => {
                let result = Code::atom(format!("w.maybe({mark}, {literal}).ok_or(Fail({mark}))"));
                questioned(result, place)
            }
            12 if place.awaits => Code::atom("look(&FIXED).await"),
            _ => Code::atom(format!("w.mark({mark}, {literal})")),
        }
    }

    /// Whether a `?` may convert the error here.
    fn small_fits(&mut self, place: Place) -> bool {
        place.exit != Exit::Body { is_tail: true } && self.chance(50)
    }

    fn arithmetic(&mut self, place: Place) -> Code {
        let (left, right) = (self.number(place.inside()), self.number(place.inside()));
        match self.below(8) {
            0 | 1 => Code::binary(left, "+", right, SUM),
            2 => Code::binary(left, "-", right, SUM),
            3 => {
                let right = Code::binary(right, "%", Code::atom("7"), PRODUCT);
                Code::binary(left, "*", right.in_parentheses(), PRODUCT)
            }
            4 => Code::binary(left, "|", right, BIT_OR),
            5 => Code::binary(left, "^", right, BIT_OR + 1),
            6 => Code::binary(left, "&", right, BIT_OR + 2),
            _ => {
                let operator = self.pick(&["<<", ">>"]);
                Code::binary(left, operator, Code::atom("2"), BIT_OR + 3)
            }
        }
    }

    pub(crate) fn truth(&mut self, place: Place) -> Code {
        let place = place.inside();
        match self.below(8) {
            0 | 1 if place.depth > 0 => {
                let (left, right) = (self.truth(place), self.truth(place));
                let (operator, binds) = if self.chance(50) {
                    ("&&", AND)
                } else {
                    ("||", OR)
                };
                Code::binary(left, operator, right, binds)
            }
            2 if place.depth > 0 => Code::prefix("!", self.truth(place)),
            3 if place.depth > 0 => {
                let (left, right) = (self.truth(place), self.truth(place));
                Code::binary(
                    left,
                    self.pick(&["==", "!=", "<=", ">", ">="]),
                    right,
                    COMPARISON,
                )
            }
            4 => {
                let (value, pattern) = (self.number(place), self.pattern());
                Code::atom(format!("matches!({}, {pattern})", value.text))
            }
            5 => self.maybe(place).postfix(self.pick(&[
                ".is_some()",
                ".is_none()",
                ".is_some_and(|it| it > 2)",
            ])),
            _ => {
                let (left, right) = (self.number(place), self.number(place));
                Code::binary(
                    left,
                    self.pick(&["<", "<=", ">", ">=", "==", "!="]),
                    right,
                    COMPARISON,
                )
            }
        }
    }

    pub(crate) fn text(&mut self, place: Place) -> Code {
        let place = place.inside();
        let number = self.number(place);
        match self.below(6) {
            0 => Code::atom(format!(
                "format!(\"{{}}-{{:?}}\", {}, {})",
                number.text,
                self.maybe(place).text
            )),
            1 => number.postfix(".to_string()"),
            2 => Code::binary(
                Code::atom("\"a, b => c?\".to_owned()"),
                "+",
                Code::prefix("&", self.text_of(place)),
                SUM,
            ),
            3 => Code::atom("stringify!(x? => return 5, \"y\")").postfix(".replace(' ', \"\")"),
            4 => Code::atom(format!("vec![{}; 3]", number.text))
                .postfix(".iter().map(|it| it.to_string()).collect::<Vec<_>>().concat()"),
            _ => self.text_of(place),
        }
    }

    fn text_of(&mut self, place: Place) -> Code {
        let condition = self.condition(place);
        let number = self.number(place);
        Code::block(format!(
            "if {condition} {{ {}.to_string() }} else {{ String::new() }}",
            number.at(crate::code::POSTFIX).in_parentheses().text
        ))
    }

    /// An `Option<i64>`.
    pub(crate) fn maybe(&mut self, place: Place) -> Code {
        let place = place.inside();
        let mark = self.mark();
        let number = self.number(place);
        match self.below(6) {
            0 | 1 => Code::atom(format!("w.maybe({mark}, {})", number.text)),
            2 => Code::atom(format!("Some({})", number.text)),
            3 => Code::atom(format!(
                "Some({}).filter(#[inline] |it| *it % 2 == 0)",
                number.text
            )),
            4 => Code::atom(format!("(|| Some(w.maybe({mark}, 3)? + 1))()")),
            _ => Code::atom(format!(
                "[w.maybe({mark}, 1), None].iter().map(|it| -> Option<i64> {{ Some((*it)? + 1) }}).next().flatten()"
            )),
        }
    }

    /// A `Result<i64, Fail>`.
    pub(crate) fn outcome(&mut self, place: Place) -> Code {
        let place = place.inside();
        let mark = self.mark();
        match self.below(7) {
            0 | 1 => Code::atom(format!("w.check({mark}, {})", self.number(place).text)),
            2 if place.awaits => Code::atom(format!(
                "w.try_later({mark}, {}).await",
                self.number(place).text
            )),
            3 if place.awaits => {
                let number = self.apart(|it| it.number(place.elsewhere(Exit::Inner, true)));
                let moves = self.pick(&["", "move "]);
                Code::atom(format!(
                    "async {moves}{{ Ok::<_, Fail>({}) }}.await",
                    number.text
                ))
            }
            4 => {
                let (condition, left, right) = (
                    self.condition(place),
                    self.outcome(place.deeper()),
                    self.outcome(place.deeper()),
                );
                Code::block(format!(
                    "if {condition} {{ {} }} else {{ {} }}",
                    left.alone().text,
                    right.alone().text
                ))
            }
            5 => {
                let (value, pattern) = (self.number(place), self.pattern());
                let (left, right) = (self.outcome(place.deeper()), self.outcome(place.deeper()));
                let value = value.before_block().text;
                Code::block(format!(
                    "match {value} {{ {pattern} => {}, _ => {} }}",
                    left.alone().text,
                    right.alone().text
                ))
            }
            _ => Code::atom(format!("Ok::<i64, Fail>({})", self.number(place).text))
                .postfix(self.pick(&["", ".map(|it| it + 1)", ".and_then(|it| w.check(0, it))"])),
        }
    }

    /// Code that a caller can pass as `$f:expr`: it sees nothing of the body.
    fn fragment(&mut self, place: Place) -> Option<Code> {
        let place = Place {
            has_dependencies: false,
            ..place.deeper()
        };
        let code = self.outside(|it| it.number(place));
        (!code.is_block_like()).then(|| Code::atom(format!("⟦{}⟧", code.text)))
    }

    /// What stands after `if` or `while`; what it binds is seen in the block.
    pub(crate) fn condition(&mut self, place: Place) -> String {
        let place = place.inside();
        if self.chance(60) {
            return self.truth(place).before_block().text;
        }
        let bar = self.pick(&["", "| "]);
        let link = if self.chance(50) {
            let value = self.maybe(place).before_block().at(BIT_OR).text;
            format!("let {bar}Some(1 | 3 | 4..) | None = {value}")
        } else {
            let value = self.number(place).before_block().at(BIT_OR).text;
            format!("let {bar}{} = {value}", self.pattern())
        };
        if self.chance(40) {
            let other = self.truth(place).before_block().at(COMPARISON).text;
            format!("{link} && {other}")
        } else {
            link
        }
    }

    /// A pattern for a number that binds no name, but may be an alternative.
    pub(crate) fn pattern(&mut self) -> &'static str {
        self.pick(&[
            "0",
            "1 | 3",
            "i64::MIN..=2",
            "4..=9 | -1",
            "-3..",
            "_",
            "<i64 as Turn<u8, Vec<u16>>>::MOST",
        ])
    }

    pub(crate) fn range(&mut self, place: Place) -> Code {
        let low = self.number(place.inside());
        let low = Code::binary(low, "%", Code::atom("2"), PRODUCT);
        Code::binary(low, self.pick(&["..", "..="]), Code::atom("2"), RANGE)
    }
}

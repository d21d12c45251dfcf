//! Blocks, branches, loops and statements.

use crate::code::{BIT_OR, Code};
use crate::writer::{Exit, Place, Writer, questioned};

impl Writer<'_> {
    /// `{ STATEMENTS NUMBER }`
    pub(crate) fn block(&mut self, place: Place) -> Code {
        let before = self.pick(&["", "", "", "'out: "]);
        let attribute = self.pick(&["", "", "#[allow(unused)] "]);
        let block = self.scoped(|it| {
            if before == "'out: " {
                it.labels.push("'out".to_owned());
            }
            let statements = it.statements(place);
            let end = it.number(place.deeper()).alone();
            // An attribute binds more tightly than an operator.
            let end = if attribute.is_empty() {
                end
            } else {
                end.at(crate::code::POSTFIX)
            };
            format!("{before}{{ {statements}{attribute}{} }}", end.text)
        });
        Code::block(block)
    }

    /// `if … else …`
    pub(crate) fn choice(&mut self, place: Place) -> Code {
        let condition = self.condition(place);
        let mut text = format!("if {condition} {}", self.branch(place));
        while self.chance(25) {
            let condition = self.condition(place);
            text = format!("{text} else if {condition} {}", self.branch(place));
        }
        Code::block(format!("{text} else {}", self.branch(place)))
    }

    fn branch(&mut self, place: Place) -> String {
        self.scoped(|it| {
            let statements = if it.chance(40) {
                it.statements(place)
            } else {
                String::new()
            };
            format!(
                "{{ {statements}{} }}",
                it.number(place.deeper()).alone().text
            )
        })
    }

    /// `match … { … }`
    pub(crate) fn selection(&mut self, place: Place) -> Code {
        let kind = self.below(4);
        let value = match kind {
            0 => self.maybe(place),
            1 => self.outcome(place),
            2 => {
                let (left, right) = (self.number(place.inside()), self.number(place.inside()));
                Code::atom(format!("({}, [{}, 2])", left.text, right.text))
            }
            _ => self.number(place.inside()),
        };
        let patterns: [&str; 3] = match kind {
            0 => ["| None", "Some(it @ (0 | 2..=5))", "Some(ref it)"],
            1 => ["Err(Fail(0 | 3))", "Ok(it) if it > 2", "Ok(_) | Err(_)"],
            2 => ["(0, [..])", "| (1 | 2, [it, _])", "(_, [it, ..])"],
            _ => ["0", "it if it < 3", "| _"],
        };
        let arms: Vec<_> = patterns
            .iter()
            .map(|pattern| self.arm(pattern, place))
            .collect();
        Code::block(format!(
            "match {} {{ {} }}",
            value.before_block().text,
            arms.concat()
        ))
    }

    fn arm(&mut self, pattern: &str, place: Place) -> String {
        match self.below(3) {
            0 => format!("{pattern} => {} ", self.branch(place)),
            _ => format!(
                "{pattern} => {}, ",
                self.number(place.deeper()).alone().text
            ),
        }
    }

    pub(crate) fn loops(&mut self, place: Place) -> Code {
        let place = place.inside();
        let mark = self.mark();
        self.scoped(|it| match it.below(4) {
            0 => {
                let (range, body) = (it.range(place).before_block(), it.branch(place));
                Code::block(format!("{{ let mut sum{mark} = 0; for step in {} {{ sum{mark} += step + {body}; }} sum{mark} % 1000 }}", range.text))
            }
            1 => {
                let (number, condition) = (it.number(place).after_break(), it.condition(place));
                Code::block(format!(
                    "{{ let mut left{mark} = 3_i64; 'turn: loop {{ left{mark} -= 1; if left{mark} > 0 && w.maybe({mark}, 1).is_none() {{ continue 'turn; }} if {condition} {{ break {}; }} break 'turn left{mark} }} }}",
                    number.text
                ))
            }
            2 => {
                let condition = it.truth(place).before_block().at(crate::code::COMPARISON);
                let body = it.branch(place);
                Code::block(format!(
                    "{{ let mut left{mark} = 3_i64; while left{mark} > 0 && {} {{ left{mark} -= 1; let _ = {body}; }} left{mark} }}",
                    condition.text
                ))
            }
            _ => {
                let number = it.number(place).after_break();
                Code::block(format!(
                    "'outer: loop {{ for step in 0..3_i64 {{ let _guard = w.guard({mark}); if step == 1 {{ break 'outer {}; }} }} }}",
                    number.text
                ))
            }
        })
    }

    fn statements(&mut self, place: Place) -> String {
        (0..=self.below(3))
            .map(|_| self.statement(place.inside()) + " ")
            .collect()
    }

    fn statement(&mut self, place: Place) -> String {
        let mark = self.mark();
        let attribute = self.pick(&["", "", "", "#[allow(unused)] "]);
        match self.below(16) {
            0..=2 => {
                let value = self.number(place).text;
                let is_mutable = self.chance(25);
                let name = self.declare(is_mutable);
                let keyword = if is_mutable { "mut " } else { "" };
                let annotation = self.pick(&["", ": i64"]);
                format!("{attribute}let {keyword}{name}{annotation} = {value};")
            }
            3 => {
                let (left, right) = (self.number(place).text, self.maybe(place).text);
                let name = self.declare(false);
                format!("let ({name}, _) = ({left}, {right});")
            }
            4 => format!("let _guard{mark} = w.guard({mark});"),
            5 => self
                .pick(&[
                    "let _ = w.guard(@);",
                    "w.guard(@);",
                    "w.guard(@).touch(1);",
                    "let held = w.guard(@); drop(held);",
                ])
                .replace('@', &mark.to_string()),
            6 | 7 => self.let_else(place),
            8 => match self.variable() {
                Some(variable) if variable.is_mutable => {
                    let value = self.number(place);
                    // Its value is read before the right side runs, and not within.
                    format!("{} += {};", variable.name, value.text)
                }
                _ => format!("{}({});", attribute, self.number(place).text),
            },
            9 => {
                let condition = self.condition(place);
                let body = self.scoped(|it| it.statements(place));
                format!("if {condition} {{ {body}}}")
            }
            10 => {
                let number = self.number(place);
                format!(
                    "for step in 0..2 {{ let _ = {} + step; }}",
                    number.at(crate::code::SUM).text
                )
            }
            11 => format!(
                "fn helper{mark}(it: Option<i64>) -> Option<[u8; {{ 3 }}]> {{ let it = it?; if it > 2 {{ return None; }} Some([1; 3]) }} w.mark({mark}, helper{mark}(Some(3)).is_some() as i64);"
            ),
            12 if place.has_dependencies => {
                let number = self.number(Place {
                    has_dependencies: false,
                    ..place
                });
                format!("acc.push({});", number.text)
            }
            13 => {
                let result = self.outcome(place);
                match place.exit {
                    Exit::None => format!("let _ = {};", result.text),
                    _ => format!("{};", questioned(result, place).alone().text),
                }
            }
            14 => format!(
                "struct Own{mark}<const N: usize>(i64); impl Own{mark}<{{ 2 }}> {{ fn get(&self) -> Result<i64, Fail> {{ Ok(Ok::<i64, Fail>(self.0)?) }} }} let _ = Own{mark}::<2>(1).get();"
            ),
            _ => format!(
                "match {} {{ 0 => {{}} {} => drop(w.guard({mark})), _ => () }}",
                self.number(place).before_block().text,
                self.pattern()
            ),
        }
    }

    fn let_else(&mut self, place: Place) -> String {
        let mark = self.mark();
        let value = self.maybe(place).text;
        let leave = match self.labels.last().cloned() {
            Some(label) if self.chance(50) => {
                let number = self.number(place);
                format!("break {label} {};", number.at(BIT_OR).after_break().text)
            }
            _ if place.exit != Exit::None => {
                let stop = questioned(Code::atom(format!("w.stop({mark})")), place);
                format!("match {} {{}}", stop.text)
            }
            _ => "unreachable!()".to_owned(),
        };
        if leave == "unreachable!()" {
            let name = self.declare(false);
            return format!("let Some({name}) = Some(2_i64) else {{ {leave} }};");
        }
        let name = self.declare(false);
        format!("let Some({name}) = {value} else {{ {leave} }};")
    }
}

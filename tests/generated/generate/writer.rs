//! One body: what it may use where, and the pieces that all kinds of code need.

use crate::code::Code;
use crate::random::Random;

/// A `?` that leaves the body, until all of it is written.
pub(crate) const QUESTION: &str = "‽";

const LONGEST: usize = 2_500;

/// A body, and what the tests must know of it.
#[derive(Debug)]
pub(crate) struct Body {
    /// With `⟦` and `⟧` around the pieces that a `macro_rules!` may pass as fragments.
    marked: String,
    /// Whether a `?` leaves it.
    pub(crate) is_fallible: bool,
    /// A condition in front of it, which holds.
    pub(crate) condition: String,
}

/// What a `?` leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// The body. In tail position it passes the error on, so its type must be that of the graph.
    Body { is_tail: bool },
    /// A closure or an `async` block that fails with `Fail`.
    Inner,
    /// Nothing that could fail.
    None,
}

/// A variable that can be seen.
#[derive(Clone, Debug)]
pub(crate) struct Variable {
    pub(crate) name: String,
    pub(crate) is_mutable: bool,
}

/// What code at some place may do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) depth: usize,
    pub(crate) exit: Exit,
    pub(crate) awaits: bool,
    /// Whether it may use `dep` and `acc`.
    pub(crate) has_dependencies: bool,
}

pub(crate) struct Writer<'r> {
    pub(crate) random: &'r mut Random,
    pub(crate) variables: Vec<Variable>,
    /// Labels of blocks that a number may leave.
    pub(crate) labels: Vec<String>,
    /// Whether the body's value is a number.
    pub(crate) is_number: bool,
    marks: usize,
}

impl Body {
    pub(crate) fn new(random: &mut Random) -> Self {
        loop {
            let mut writer = Writer {
                random,
                variables: Vec::new(),
                labels: Vec::new(),
                is_number: true,
                marks: 0,
            };
            let code = writer.body();
            let is_fallible = code.text.contains(QUESTION);
            let hides_question = code.text.contains("or_fail!");
            if hides_question && !is_fallible || code.text.len() > LONGEST {
                continue;
            }
            let returned = if is_fallible { "Ok::<_, Fail>" } else { "" };
            let condition = writer.condition_that_holds();
            return Body {
                marked: code
                    .text
                    .replace("@return", returned)
                    .replace(QUESTION, "?"),
                is_fallible,
                condition,
            };
        }
    }

    /// With parentheses around what can be a fragment.
    pub(crate) fn text(&self) -> String {
        self.marked.replace('⟦', "(").replace('⟧', ")")
    }

    /// With `$f0`, `$f1`, … for the outermost fragments, and these.
    pub(crate) fn fragments(&self) -> (String, Vec<String>) {
        let (mut text, mut fragments) = (String::new(), Vec::new());
        let mut depth = 0;
        for char in self.marked.chars() {
            match char {
                '⟦' => {
                    if depth == 0 {
                        text.push_str("$f");
                        text.push_str(&fragments.len().to_string());
                        fragments.push(String::new());
                    } else {
                        fragments.last_mut().expect("one is open").push('(');
                    }
                    depth += 1;
                }
                '⟧' => {
                    depth -= 1;
                    if depth > 0 {
                        fragments.last_mut().expect("one is open").push(')');
                    }
                }
                char if depth > 0 => fragments.last_mut().expect("one is open").push(char),
                char => text.push(char),
            }
        }
        (text, fragments)
    }
}

impl Place {
    pub(crate) fn deeper(self) -> Self {
        Place {
            depth: self.depth.saturating_sub(1),
            ..self
        }
    }

    /// Not in tail position.
    pub(crate) fn inside(self) -> Self {
        let exit = match self.exit {
            Exit::Body { .. } => Exit::Body { is_tail: false },
            other => other,
        };
        Place {
            exit,
            ..self.deeper()
        }
    }

    /// In a closure, an `async` block or a function.
    pub(crate) fn elsewhere(self, exit: Exit, awaits: bool) -> Self {
        Place {
            exit,
            awaits,
            has_dependencies: false,
            ..self.deeper()
        }
    }
}

impl Writer<'_> {
    pub(crate) fn mark(&mut self) -> usize {
        self.marks += 1;
        self.marks
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.random.below(bound)
    }

    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.random.chance(percent)
    }

    pub(crate) fn pick<'t>(&mut self, items: &[&'t str]) -> &'t str {
        items[self.random.below(items.len())]
    }

    /// Runs `write`, and forgets the variables and labels that it declares.
    pub(crate) fn scoped<R>(&mut self, write: impl FnOnce(&mut Self) -> R) -> R {
        let (variables, labels) = (self.variables.len(), self.labels.len());
        let written = write(self);
        self.variables.truncate(variables);
        self.labels.truncate(labels);
        written
    }

    /// Runs `write` where no label, and no variable that can change, is seen.
    pub(crate) fn apart<R>(&mut self, write: impl FnOnce(&mut Self) -> R) -> R {
        let (variables, labels) = (self.variables.clone(), std::mem::take(&mut self.labels));
        // One that shadows another hides it.
        for at in 0..self.variables.len() {
            if self.variables[at].is_mutable {
                self.variables[at].name.clear();
            }
        }
        let hidden: Vec<_> = (variables.iter())
            .filter(|it| it.is_mutable)
            .map(|it| it.name.clone())
            .collect();
        self.variables
            .retain(|it| !hidden.contains(&it.name) && !it.name.is_empty());
        let written = write(self);
        (self.variables, self.labels) = (variables, labels);
        written
    }

    /// Runs `write` where nothing of the body is seen, for code that a caller passes into a macro.
    pub(crate) fn outside<R>(&mut self, write: impl FnOnce(&mut Self) -> R) -> R {
        let variables = std::mem::take(&mut self.variables);
        let labels = std::mem::take(&mut self.labels);
        let written = write(self);
        (self.variables, self.labels) = (variables, labels);
        written
    }

    /// A new variable, under a name that is an operator's, a macro's or a shadowed one's.
    pub(crate) fn declare(&mut self, is_mutable: bool) -> String {
        let name = self
            .pick(&[
                "x", "y", "stream", "bail", "ensure", "value", "r#move", "r#type", "auto",
            ])
            .to_owned();
        self.variables.push(Variable {
            name: name.clone(),
            is_mutable,
        });
        name
    }

    /// A variable that is not shadowed.
    pub(crate) fn variable(&mut self) -> Option<Variable> {
        if self.variables.is_empty() {
            return None;
        }
        let at = self.below(self.variables.len());
        let name = self.variables[at].name.clone();
        let seen = self.variables.iter().rev().find(|it| it.name == name);
        seen.cloned()
    }
}

/// A `?` after what gives a `Result`; where none may stand, something else takes its place.
pub(crate) fn questioned(result: Code, place: Place) -> Code {
    match place.exit {
        Exit::None => result.postfix(".unwrap_or(7)"),
        Exit::Inner => result.postfix("?"),
        Exit::Body { .. } => result.postfix(QUESTION),
    }
}

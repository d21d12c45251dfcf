//! Text of Rust that knows how tightly it binds.

/// An expression.
#[derive(Clone, Debug)]
pub(crate) struct Code {
    pub(crate) text: String,
    binds: u8,
    begins: Begins,
    /// Whether it ends in the type of a cast, after which `<` opens generic arguments.
    ends_in_type: bool,
    /// Whether a struct literal stands in it without brackets around.
    has_literal: bool,
}

/// What an expression begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Begins {
    /// It is an `if`, a block or the like.
    IsBlock,
    /// Such a thing, and more after it: a statement would end after the block.
    WithBlock,
    Otherwise,
}

pub(crate) const RANGE: u8 = 1;
pub(crate) const OR: u8 = 2;
pub(crate) const AND: u8 = 3;
pub(crate) const COMPARISON: u8 = 4;
pub(crate) const BIT_OR: u8 = 5;
pub(crate) const SUM: u8 = 9;
pub(crate) const PRODUCT: u8 = 10;
pub(crate) const CAST: u8 = 11;
pub(crate) const PREFIX: u8 = 12;
pub(crate) const POSTFIX: u8 = 13;

impl Code {
    /// Something that no operator tears apart.
    pub(crate) fn atom(text: impl Into<String>) -> Self {
        Code {
            text: text.into(),
            binds: POSTFIX,
            begins: Begins::Otherwise,
            ends_in_type: false,
            has_literal: false,
        }
    }

    /// An `if`, a block or the like.
    pub(crate) fn block(text: String) -> Self {
        Code {
            begins: Begins::IsBlock,
            ..Code::atom(text)
        }
    }

    pub(crate) fn literal(text: String) -> Self {
        Code {
            has_literal: true,
            ..Code::atom(text)
        }
    }

    pub(crate) fn in_parentheses(&self) -> Self {
        Code::atom(format!("({})", self.text))
    }

    pub(crate) fn is_block_like(&self) -> bool {
        self.begins != Begins::Otherwise
    }

    /// What it begins with when more follows.
    fn continued(&self) -> Begins {
        if self.is_block_like() {
            Begins::WithBlock
        } else {
            Begins::Otherwise
        }
    }

    /// As an operand of what binds like this.
    pub(crate) fn at(self, binds: u8) -> Self {
        if self.binds < binds {
            self.in_parentheses()
        } else {
            self
        }
    }

    /// As a whole statement, the end of a block or an arm.
    pub(crate) fn alone(self) -> Self {
        if self.begins == Begins::WithBlock {
            self.in_parentheses()
        } else {
            self
        }
    }

    /// After `break`, where a label would be the target's.
    pub(crate) fn after_break(self) -> Self {
        if self.text.starts_with('\'') {
            self.in_parentheses()
        } else {
            self
        }
    }

    /// Before the block of an `if`, `match`, `while` or `for`.
    pub(crate) fn before_block(self) -> Self {
        if self.has_literal {
            self.in_parentheses()
        } else {
            self
        }
    }

    /// `left OPERATOR right`; what binds equally stands on the left only, and comparisons stand alone.
    pub(crate) fn binary(left: Code, operator: &str, right: Code, binds: u8) -> Self {
        let mut left = left.at(if binds == COMPARISON || binds == RANGE {
            binds + 1
        } else {
            binds
        });
        let right = right.at(binds + 1);
        if left.ends_in_type && operator.starts_with('<') && operator != "<=" {
            left = left.in_parentheses();
        }
        Code {
            text: format!("{} {operator} {}", left.text, right.text),
            binds,
            begins: left.continued(),
            ends_in_type: right.ends_in_type,
            has_literal: left.has_literal || right.has_literal,
        }
    }

    pub(crate) fn prefix(operator: &str, operand: Code) -> Self {
        let operand = operand.at(PREFIX);
        Code {
            text: format!("{operator}{}", operand.text),
            binds: PREFIX,
            begins: Begins::Otherwise,
            ..operand
        }
    }

    /// `operand.method()`, `operand?` and the like.
    pub(crate) fn postfix(self, after: &str) -> Self {
        let operand = self.at(POSTFIX);
        Code {
            text: format!("{}{after}", operand.text),
            begins: operand.continued(),
            ..operand
        }
    }

    pub(crate) fn cast(self, to: &str) -> Self {
        let operand = self.at(CAST);
        Code {
            text: format!("{} as {to}", operand.text),
            binds: CAST,
            begins: operand.continued(),
            ends_in_type: true,
            ..operand
        }
    }
}

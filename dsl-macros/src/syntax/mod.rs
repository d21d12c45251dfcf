//! Questions of the stages about the user's Rust code.
//!
//! syn parses a body, and visitors on its tree find the exits of the task ([`exits`]), the `?`s in tail position
//! ([`tails`]), bare calls ([`calls`]), and what macro calls do with their arguments ([`macros`]). Before all that,
//! [`groups`] turns the invisible groups of `macro_rules!` into parentheses, so that syn, the stages and rustc read the
//! same tokens.
//!
//! Code that syn cannot read is half typed, or newer than syn. [`recovery`] fills typing gaps, and scans the tokens of
//! the rest.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens as _, quote_spanned};
use syn::{BinOp, Expr, ExprBinary, ExprReturn};

pub(crate) mod calls;
mod exits;
mod groups;
pub(crate) mod macros;
mod names;
mod operands;
mod patterns;
pub(crate) mod recovery;
mod tails;
pub(crate) mod token;
mod values;
mod written;

#[cfg(test)]
mod tests;

pub(crate) use exits::Exits;
pub(crate) use groups::make_visible;
pub(crate) use names::{Bound, Certainty, Change, Names, Use, root};
pub(crate) use patterns::Pattern;
pub(crate) use tails::Replace;
pub(crate) use written::code;

/// One expression of the user's: a body, a condition or the final arm.
pub(crate) struct Code {
    /// The tokens to print.
    tokens: Vec<TokenTree>,
    /// `None` if syn cannot read the tokens.
    tree: Option<Expr>,
    exits: Exits,
    tails: usize,
    /// Whether a `?` at its end is the only exit.
    ends_in_question: bool,
}

impl Code {
    /// Code with the tree of exactly these tokens, if syn has parsed them.
    pub(crate) fn new(tokens: Vec<TokenTree>, tree: Option<Expr>) -> Self {
        match tree {
            Some(tree) => Code::parsed(tokens, tree),
            None => Code::read(tokens),
        }
    }

    fn parsed(tokens: Vec<TokenTree>, tree: Expr) -> Self {
        Code {
            exits: Exits::of_tree(&tree),
            tails: tails::count(&tree),
            ends_in_question: tails::ends_in_question(&tree),
            tree: Some(tree),
            tokens,
        }
    }

    /// Code that syn may not be able to read.
    pub(crate) fn read(tokens: Vec<TokenTree>) -> Self {
        match recovery::parse(&tokens) {
            Some(tree) => Code::parsed(tokens, tree),
            None => Code {
                exits: recovery::exits(&tokens),
                tokens,
                tree: None,
                tails: 0,
                ends_in_question: false,
            },
        }
    }

    pub(crate) fn tokens(&self) -> &[TokenTree] {
        &self.tokens
    }

    pub(crate) fn tree(&self) -> Option<&Expr> {
        self.tree.as_ref()
    }

    /// The first `?` that leaves the code. One in a closure, an `async` block or an item does not.
    pub(crate) fn question(&self) -> Option<Span> {
        self.exits.question
    }

    /// The first `return` that leaves the code.
    pub(crate) fn return_keyword(&self) -> Option<Span> {
        self.exits.return_keyword
    }

    /// The same, if syn can read it.
    pub(crate) fn returned(&self) -> Option<&ExprReturn> {
        exits::first_return(self.tree()?)
    }

    /// The first `break` that leaves the code.
    pub(crate) fn break_keyword(&self) -> Option<Span> {
        self.exits.break_keyword
    }

    /// The first `continue` that leaves the code.
    pub(crate) fn continue_keyword(&self) -> Option<Span> {
        self.exits.continue_keyword
    }

    /// The tokens without each `return`, whose type rustc would otherwise check. Each has been reported.
    pub(crate) fn without_returns(&self) -> TokenStream {
        let tokens = recovery::without_returns(&self.tokens, "'__conjoin_return");
        quote_spanned! {Span::mixed_site()=> ('__conjoin_value: {
            #[allow(unreachable_code)]
            '__conjoin_return: { break '__conjoin_value (#tokens) };
            loop {}
        })}
    }

    /// Whether the code calls a macro that may expand to an exit.
    pub(crate) fn hides_exits(&self) -> bool {
        self.exits.are_hidden
    }

    /// How many `?` are in tail position.
    pub(crate) fn tails(&self) -> usize {
        self.tails
    }

    /// The operand and the `?`, if the code is `OPERAND?`, without another exit or attributes.
    pub(crate) fn operand(&self) -> Option<(&[TokenTree], Span)> {
        let (question, operand) = self.tokens.split_last()?;
        let is_operand = self.ends_in_question && !self.has_attributes();
        is_operand.then(|| (operand, question.span()))
    }

    /// Whether there is a `?` that can be [watched](Self::watch_first).
    pub(crate) fn has_watchable(&self) -> bool {
        self.tree.is_some() && self.exits.has_operand
    }

    /// The tokens with the operand of the first `?` replaced.
    pub(crate) fn watch_first(
        &self,
        watch: &mut dyn FnMut(TokenStream, Span) -> TokenStream,
    ) -> TokenStream {
        match recovery::parse(&self.tokens) {
            Some(tree) if self.exits.has_operand => {
                recovery::without_fillers(operands::print(tree, watch))
            }
            _ => self.tokens.iter().cloned().collect(),
        }
    }

    /// The tokens with each `OPERAND?` in tail position replaced: `replace` gets the operand, the span of the `?`, and
    /// how many came before it.
    pub(crate) fn replace_tails(&self, replace: Replace<'_>) -> TokenStream {
        match &self.tree {
            Some(tree) if self.tails > 0 => recovery::without_fillers(tails::print(tree, replace)),
            _ => self.tokens.iter().cloned().collect(),
        }
    }

    /// Whether this is a condition with `let`.
    pub(crate) fn is_let(&self) -> bool {
        self.tokens.iter().any(|token| token::word(token, "let"))
    }

    /// The links of a condition such as `let Some(x) = y && x > 1`. Before edition 2024, an `if` takes no such chain.
    pub(crate) fn let_chain(&self) -> Option<Vec<TokenStream>> {
        let mut links = Vec::new();
        let mut rest = self.tree.as_ref().filter(|_| self.is_let())?;
        while let Expr::Binary(ExprBinary {
            left,
            op: BinOp::And(_),
            right,
            ..
        }) = rest
        {
            links.push(right.to_token_stream());
            rest = left;
        }
        links.push(rest.to_token_stream());
        links.reverse();
        (links.len() > 1).then_some(links)
    }

    /// Whether the code begins with attributes, which are allowed in a block but not in parentheses.
    pub(crate) fn has_attributes(&self) -> bool {
        self.tree.is_some()
            && self
                .tokens
                .first()
                .is_some_and(|token| token::punct(token, '#'))
    }
}

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let tokens: TokenStream = self.tokens.iter().cloned().collect();
        f.debug_tuple("Code").field(&tokens.to_string()).finish()
    }
}

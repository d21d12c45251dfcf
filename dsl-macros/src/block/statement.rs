//! Which statements can run concurrently with their neighbours, and their uses, bindings and exits.

use std::collections::BTreeSet;

use proc_macro2::{Ident, Span};
use quote::ToTokens as _;
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};
use syn::{Attribute, Expr, Local, LocalInit, Pat, PatIdent, Stmt};

use super::flow::{DerefUses, Flow, binds_temporary, has_only_questions};
use super::moves::{hands_over, may_move};
use crate::syntax::{Bound, Certainty, Exits, Names};

/// `let PATTERN = EXPRESSION;` with an `.await` of its own.
pub(crate) struct Statement {
    pub(crate) local: Local,
    /// The bindings of the pattern, in order.
    pub(crate) variables: Vec<Variable>,
    pub(crate) uses: BTreeSet<String>,
    /// The variables that it changes by a visible `&mut`.
    pub(crate) changes: BTreeSet<String>,
    /// The variables that it may move.
    pub(crate) may_move: BTreeSet<String>,
    /// The variables that it certainly moves or copies.
    pub(crate) hands_over: BTreeSet<String>,
    pub(crate) exit: Exit,
    /// The first use of each variable.
    places: Vec<Ident>,
}

/// A variable that a pattern binds.
#[derive(Clone, Debug)]
pub(crate) struct Variable {
    pub(crate) name: Ident,
    pub(crate) is_mut: bool,
    /// Whether it is bound by `ref`, and then by `ref mut`.
    pub(crate) by_ref: Option<bool>,
}

/// How a statement can leave the block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    Never,
    /// Only by the `?` at its end.
    Question,
    /// By `?`s outside the arguments of macros.
    Questions,
    /// By `return`, or in a macro.
    Anywhere,
}

/// Why everything before a statement must have completed, and nothing after it may have started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Barrier {
    /// Not a `let` at all.
    Statement,
    NoAwait,
    Cfg,
    Sequential,
    Else,
    /// A `break` or `continue` leaves it.
    Leaves,
    /// It binds no name, or only names that begin with `_`.
    NoName,
    /// It binds a reference to a temporary value.
    Temporary,
}

impl Statement {
    /// A statement that can run concurrently with others, or the reason why it cannot.
    pub(crate) fn read(statement: &Stmt) -> Result<Self, Barrier> {
        let Stmt::Local(local) = statement else {
            return Err(Barrier::Statement);
        };
        if local.attrs.iter().any(is_sequential) {
            return Err(Barrier::Sequential);
        }
        if local.attrs.iter().any(|it| is_cfg(it) || !is_lint(it)) {
            return Err(Barrier::Cfg);
        }
        let Some(LocalInit { expr, diverge, .. }) = &local.init else {
            return Err(Barrier::NoAwait);
        };
        if diverge.is_some() {
            return Err(Barrier::Else);
        }
        let flow = Flow::of(expr);
        if !flow.awaits {
            return Err(Barrier::NoAwait);
        }
        if flow.leaves {
            return Err(Barrier::Leaves);
        }
        if binds_temporary(expr) {
            return Err(Barrier::Temporary);
        }
        let variables = variables(&local.pat);
        if variables
            .iter()
            .all(|it| it.name.unraw().to_string().starts_with('_'))
        {
            return Err(Barrier::NoName);
        }
        let mut names = Names::default();
        let tokens: Vec<_> = expr.to_token_stream().into_iter().collect();
        names.add(&tokens, Some(expr));
        let mut changes = names.changed().clone();
        let mut uses = BTreeSet::new();
        if names.uses_self() {
            uses.insert("self".to_owned());
        } else {
            changes.remove("self");
        }
        let found = names.into_uses();
        let found: Vec<_> = found
            .into_iter()
            .filter(|it| it.certainty != Certainty::Possible)
            .map(|it| it.name)
            .collect();
        uses.extend(found.iter().map(|name| name.unraw().to_string()));
        Ok(Statement {
            variables,
            exit: Exit::of(expr),
            may_move: may_move(expr),
            hands_over: hands_over(expr),
            local: local.clone(),
            places: found,
            uses,
            changes,
        })
    }

    /// Its name in spans and pictures.
    pub(crate) fn name(&self) -> &Ident {
        let named = self
            .variables
            .iter()
            .find(|it| !it.name.to_string().starts_with('_'));
        &named.expect("a statement of a group binds a name").name
    }

    pub(crate) fn expression(&self) -> &Expr {
        &self
            .local
            .init
            .as_ref()
            .expect("a statement of a group has a value")
            .expr
    }

    /// Its first `?`.
    pub(crate) fn question(&self) -> Option<Span> {
        Exits::of_tree(self.expression()).question
    }

    pub(crate) fn binds(&self, name: &str) -> bool {
        self.variables.iter().any(|it| it.name.unraw() == name)
    }

    /// The first use of a variable.
    pub(crate) fn ident_of(&self, name: &str) -> Option<&Ident> {
        self.places.iter().find(|it| it.unraw() == name)
    }

    /// Whether it uses a variable only as `*variable`.
    pub(crate) fn uses_only_dereferenced(&self, name: &str) -> bool {
        DerefUses::only(self.expression(), name)
    }

    /// Where it uses a variable first.
    pub(crate) fn place_of(&self, name: &str) -> Option<Span> {
        self.ident_of(name).map(Ident::span)
    }
}

impl Exit {
    fn of(expression: &Expr) -> Self {
        let leaves = |expression: &Expr| {
            let exits = Exits::of_tree(expression);
            exits.question.is_some() || exits.return_keyword.is_some() || exits.are_hidden
        };
        match expression {
            Expr::Try(fallible) if fallible.attrs.is_empty() && !leaves(&fallible.expr) => {
                Exit::Question
            }
            expression if !leaves(expression) => Exit::Never,
            expression if has_only_questions(expression) => Exit::Questions,
            _ => Exit::Anywhere,
        }
    }
}

pub(super) fn is_sequential(attribute: &Attribute) -> bool {
    attribute.path().is_ident("sequential")
}

fn is_cfg(attribute: &Attribute) -> bool {
    attribute.path().is_ident("cfg") || attribute.path().is_ident("cfg_attr")
}

fn is_lint(attribute: &Attribute) -> bool {
    ["allow", "deny", "doc", "expect", "forbid", "warn"]
        .iter()
        .any(|level| attribute.path().is_ident(level))
}

/// The variables that a pattern binds. A capitalized name is a constant.
fn variables(pattern: &Pat) -> Vec<Variable> {
    struct Variables(Vec<Variable>);

    impl<'ast> Visit<'ast> for Variables {
        fn visit_pat_ident(&mut self, pattern: &'ast PatIdent) {
            let name = pattern.ident.unraw().to_string();
            if !name.starts_with(char::is_uppercase) {
                self.0.push(Variable {
                    name: pattern.ident.clone(),
                    is_mut: pattern.by_ref.is_none() && pattern.mutability.is_some(),
                    by_ref: pattern.by_ref.map(|_| pattern.mutability.is_some()),
                });
            }
            visit::visit_pat_ident(self, pattern);
        }

        fn visit_expr(&mut self, _: &'ast Expr) {}
    }

    let mut bound = Bound::default();
    bound.visit_pat(pattern);
    let mut variables = Variables(Vec::new());
    variables.visit_pat(pattern);
    // Each alternative of a pattern binds the same ones.
    let mut seen = bound.names;
    variables
        .0
        .retain(|it| seen.remove(&it.name.unraw().to_string()));
    variables.0
}

/// Where a statement begins.
pub(super) fn start(statement: &Stmt) -> Span {
    statement.span()
}

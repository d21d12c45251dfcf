//! The names that code uses without binding them. A body refers to tasks by such names.
//!
//! Names resolve as in Rust: a `let`, a closure's parameter, a pattern or an item of a block shadows. Fields, methods,
//! labels, paths of several segments and names in types are not uses. Captures in format strings are.
//!
//! The arguments of well-known macros are read as expressions. In the arguments of other macros, and in code that syn
//! cannot read, a use is only likely.

use std::collections::BTreeSet;

use proc_macro2::{Ident, TokenTree};
use syn::visit::{self, Visit};
use syn::{
    Arm, Attribute, Block, Expr, ExprClosure, ExprConst, ExprForLoop, ExprIf, ExprLet, ExprPath,
    ExprStruct, ExprWhile, GenericArgument, Item, Local, Macro, Pat, Stmt, Type,
};

pub(crate) use self::bound::Bound;
use self::bound::values_of;
pub(crate) use self::changes::{Change, root};
use super::Pattern;
use super::token::unraw;

mod arguments;
mod bound;
mod changes;
#[cfg(test)]
mod tests;

/// A place where code uses a name that comes from outside it.
#[derive(Clone, Debug)]
pub(crate) struct Use {
    pub(crate) name: Ident,
    /// The name without `r#`.
    pub(crate) text: String,
    pub(crate) certainty: Certainty,
    /// Whether this is `name(…)`, which is more often a function than a variable.
    pub(crate) is_called: bool,
}

/// How certain it is that a name is a use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Certainty {
    /// The name is a variable here.
    Certain,
    /// A macro receives the name.
    Likely,
    /// A nested graph receives the name, and has a task of that name.
    Possible,
}

/// The uses in consecutive code. Earlier bindings shadow names in later code.
#[derive(Debug, Default)]
pub(crate) struct Names {
    found: Vec<Use>,
    changes: Vec<Change>,
    /// The names that it visibly changes: by `&mut`, or by an assignment.
    changed: BTreeSet<String>,
    /// Whether it uses `self`.
    uses_self: bool,
    /// The names bound at the current place, by scope.
    scopes: Vec<BTreeSet<String>>,
    changes_are_in_doubt: bool,
    /// Whether the code is in the arguments of a macro that may do anything with it.
    is_in_doubt: bool,
}

impl Names {
    /// Adds the uses in an expression. The bindings of a condition also hold for code that is added later.
    pub(crate) fn add(&mut self, tokens: &[TokenTree], tree: Option<&Expr>) {
        if self.scopes.is_empty() {
            self.scopes.push(BTreeSet::new());
        }
        match tree {
            Some(tree) => {
                self.visit_expr(tree);
                self.changes_are_in_doubt |= changes::are_uncertain(tree);
            }
            None => self.in_doubt(|names| names.add_tokens(tokens)),
        }
    }

    /// Adds the bindings of a pattern, for code that is added later.
    pub(crate) fn add_pattern(&mut self, pattern: &Pattern) {
        if self.scopes.is_empty() {
            self.scopes.push(BTreeSet::new());
        }
        match pattern.tree() {
            Some(tree) => self.bind_pattern(tree),
            None => self.bind(pattern.words()),
        }
    }

    /// Adds the uses in a run of statements.
    pub(crate) fn add_statements(&mut self, statements: &[Stmt]) {
        self.in_scope(|names| names.visit_statements(statements));
    }

    /// The names that the code changes, `self` among them.
    pub(crate) fn changed(&self) -> &BTreeSet<String> {
        &self.changed
    }

    pub(crate) fn uses_self(&self) -> bool {
        self.uses_self
    }

    /// In source order, except for names in macro calls.
    pub(crate) fn into_uses(self) -> Vec<Use> {
        self.found
    }

    /// Where the code changes variables.
    pub(crate) fn take_changes(&mut self) -> Vec<Change> {
        if self.changes_are_in_doubt {
            Vec::new()
        } else {
            std::mem::take(&mut self.changes)
        }
    }

    fn is_bound(&self, name: &str) -> bool {
        self.scopes.iter().any(|scope| scope.contains(name))
    }

    fn find(&mut self, name: &Ident, is_called: bool) {
        let text = unraw(name);
        self.uses_self |= text == "self";
        if !self.is_bound(&text) && text != "self" && text != "Self" {
            self.found.push(Use {
                name: name.clone(),
                text,
                certainty: if self.is_in_doubt {
                    Certainty::Likely
                } else {
                    Certainty::Certain
                },
                is_called,
            });
        }
    }

    fn bind(&mut self, names: impl IntoIterator<Item = String>) {
        self.scopes
            .last_mut()
            .expect("there is a scope around all code")
            .extend(names);
    }

    /// Binds a pattern. A guard in it sees its bindings.
    fn bind_pattern(&mut self, pattern: &Pat) {
        let mut bound = Bound::default();
        bound.visit_pat(pattern);
        self.bind(bound.names);
        for guard in bound.guards {
            self.visit_expr(guard);
        }
    }

    fn in_scope(&mut self, visit: impl FnOnce(&mut Self)) {
        self.scopes.push(BTreeSet::new());
        visit(self);
        self.scopes.pop();
    }

    fn in_doubt(&mut self, visit: impl FnOnce(&mut Self)) {
        let outside = std::mem::replace(&mut self.is_in_doubt, true);
        visit(self);
        self.is_in_doubt = outside;
    }

    fn visit_statements(&mut self, statements: &[Stmt]) {
        // Items are in scope in the whole block.
        self.bind(statements.iter().flat_map(|statement| match statement {
            Stmt::Item(item) => values_of(item),
            _ => Vec::new(),
        }));
        for statement in statements {
            self.visit_stmt(statement);
        }
    }
}

impl<'ast> Visit<'ast> for Names {
    fn visit_expr(&mut self, expression: &'ast Expr) {
        self.find_change(expression);
        match expression {
            // Newer than syn.
            Expr::Verbatim(tokens) => {
                let tokens: Vec<_> = tokens.clone().into_iter().collect();
                self.in_doubt(|names| names.add_tokens(&tokens));
            }
            Expr::Call(call) => {
                let name = match &*call.func {
                    Expr::Path(callee) => variable(callee),
                    _ => None,
                };
                match name {
                    Some(name) => self.find(name, true),
                    None => self.visit_expr(&call.func),
                }
                call.args.iter().for_each(|it| self.visit_expr(it));
            }
            expression => visit::visit_expr(self, expression),
        }
    }

    fn visit_expr_path(&mut self, path: &'ast ExprPath) {
        if let Some(name) = variable(path) {
            self.find(name, false);
        }
    }

    fn visit_expr_struct(&mut self, literal: &'ast ExprStruct) {
        for field in &literal.fields {
            self.visit_expr(&field.expr);
        }
        literal.rest.iter().for_each(|rest| self.visit_expr(rest));
    }

    fn visit_block(&mut self, block: &'ast Block) {
        self.in_scope(|names| names.visit_statements(&block.stmts));
    }

    fn visit_local(&mut self, local: &'ast Local) {
        if let Some(init) = &local.init {
            self.visit_expr(&init.expr);
            if let Some((_, diverge)) = &init.diverge {
                self.visit_expr(diverge);
            }
        }
        self.bind_pattern(&local.pat);
    }

    fn visit_expr_let(&mut self, condition: &'ast ExprLet) {
        self.visit_expr(&condition.expr);
        self.bind_pattern(&condition.pat);
    }

    fn visit_expr_if(&mut self, expression: &'ast ExprIf) {
        self.in_scope(|names| {
            names.visit_expr(&expression.cond);
            names.visit_block(&expression.then_branch);
        });
        if let Some((_, otherwise)) = &expression.else_branch {
            self.visit_expr(otherwise);
        }
    }

    fn visit_expr_while(&mut self, expression: &'ast ExprWhile) {
        self.in_scope(|names| {
            names.visit_expr(&expression.cond);
            names.visit_block(&expression.body);
        });
    }

    fn visit_expr_for_loop(&mut self, expression: &'ast ExprForLoop) {
        self.visit_expr(&expression.expr);
        self.in_scope(|names| {
            names.bind_pattern(&expression.pat);
            names.visit_block(&expression.body);
        });
    }

    fn visit_arm(&mut self, arm: &'ast Arm) {
        self.in_scope(|names| {
            names.bind_pattern(&arm.pat);
            names.visit_expr(&arm.body);
        });
    }

    fn visit_expr_closure(&mut self, closure: &'ast ExprClosure) {
        self.in_scope(|names| {
            for parameter in &closure.inputs {
                names.bind_pattern(parameter);
            }
            names.visit_expr(&closure.body);
        });
    }
    fn visit_macro(&mut self, call: &'ast Macro) {
        self.add_macro(call);
    }

    // These see no variables of the surrounding code, or name none.
    fn visit_attribute(&mut self, _: &'ast Attribute) {}
    fn visit_expr_const(&mut self, _: &'ast ExprConst) {}
    fn visit_item(&mut self, _: &'ast Item) {}
    fn visit_type(&mut self, _: &'ast Type) {}
    fn visit_generic_argument(&mut self, _: &'ast GenericArgument) {}
}

/// The name, if a path is a single name.
fn variable(path: &ExprPath) -> Option<&Ident> {
    path.path.get_ident().filter(|_| path.qself.is_none())
}

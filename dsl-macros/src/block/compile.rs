//! Replaces groups by the code that runs them, from the outside in.

use std::cell::{Cell, RefCell};

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::visit_mut::{self, VisitMut};
use syn::{Block, Expr, ExprReturn, ExprTry, Local, Stmt};

use super::around;
use super::group::Group;
use super::statement::{self, Statement};
use crate::ast::unraw;
use crate::diagnostic::Mistake;
use crate::emit::{Host, Private, Surroundings, leave_child, ours, print_group};
use crate::lower::lower_group;
use crate::plan;
use crate::syntax::{Exits, Names};

/// Replaces the groups of blocks.
pub(super) struct Compiler<'a> {
    /// Whether any two statements can run concurrently.
    pub(super) is_concurrent: Cell<bool>,
    /// The names of the statements in groups.
    pub(super) names: RefCell<Vec<String>>,
    pub(super) most_at_once: Option<usize>,
    pub(super) private: &'a Private,
    pub(super) is_traced: bool,
    pub(super) is_limited: bool,
    /// Whether groups are printed as written.
    pub(super) is_plain: bool,
    /// The object of `#![around(…)]`.
    pub(super) around: Option<&'a TokenStream>,
    /// The mistakes found so far.
    pub(super) mistakes: RefCell<Vec<Mistake>>,
}

impl Compiler<'_> {
    /// A compiler that only removes `#[sequential]`.
    pub(super) fn as_plain(&self) -> Self {
        Compiler {
            is_concurrent: Cell::new(false),
            names: RefCell::default(),
            is_plain: true,
            mistakes: RefCell::default(),
            ..*self
        }
    }

    pub(super) fn statements(&self, statements: &mut Vec<Stmt>, host: Host) {
        let all = std::mem::take(statements);
        let mut run = Vec::new();
        for (index, statement) in all.iter().enumerate() {
            if let Ok(read) = Statement::read(statement) {
                run.push(self.within_object(statement, read));
                continue;
            }
            self.run(std::mem::take(&mut run), &all[index..], statements, host);
            let mut barrier = statement.clone();
            if let Stmt::Local(Local { attrs, .. }) = &mut barrier {
                attrs.retain(|it| !statement::is_sequential(it));
            } else if let Stmt::Expr(expression, _) = &mut barrier {
                remove_sequential(expression);
            }
            self.within(host).visit_stmt_mut(&mut barrier);
            statements.push(barrier);
        }
        self.run(run, &[], statements, host);
    }

    /// The statement within a call of the object, if there is one.
    fn within_object(&self, statement: &Stmt, read: Statement) -> Statement {
        let (Some(object), Stmt::Local(local), false) = (self.around, statement, self.is_plain)
        else {
            return read;
        };
        let wrapped = around::wrapped(self.private, object, local, &read);
        match wrapped {
            Ok(wrapped) => Statement::read(&wrapped).unwrap_or(read),
            Err(mistake) => {
                self.mistakes.borrow_mut().push(mistake);
                read
            }
        }
    }

    /// A run of statements, before the `rest` of their block.
    fn run(&self, run: Vec<Statement>, rest: &[Stmt], statements: &mut Vec<Stmt>, host: Host) {
        let lines = run.iter().map(|statement| unraw(statement.name()));
        self.names.borrow_mut().extend(lines);
        let mut names = Names::default();
        names.add_statements(rest);
        let after = names.into_uses();
        let group = Group::new(run, after.into_iter().map(|it| it.text).collect()).before(rest);
        let is_concurrent = group.is_concurrent();
        self.is_concurrent
            .set(self.is_concurrent.get() || is_concurrent);
        if self.is_plain || !is_concurrent && !self.is_traced {
            for Statement { mut local, .. } in group.statements {
                self.within(host).visit_local_mut(&mut local);
                statements.push(Stmt::Local(local));
            }
            return;
        }
        if let Some(plan) = plan::plan(&group.graph, self.is_limited) {
            let node = lower_group(&group, &plan, self.is_limited, self.most_at_once);
            let around = Surroundings {
                private: self.private,
                is_traced: self.is_traced,
                is_limited: self.is_limited,
                within: &|expression, host| self.within(host).visit_expr_mut(expression),
            };
            let printed = print_group(&group, &node, &around, host);
            statements.push(Stmt::Expr(Expr::Verbatim(printed), None));
        }
    }

    fn within(&self, host: Host) -> Within<'_> {
        Within {
            compiler: self,
            host,
        }
    }
}

/// Whether a `return` leaves with something else than an error, as far as its code tells.
fn may_succeed(leave: &ExprReturn) -> bool {
    let Some(value) = leave.expr.as_deref() else {
        return true;
    };
    let path = match value {
        Expr::Call(call) => &*call.func,
        value => value,
    };
    let is_error = |name: &str| matches!(path, Expr::Path(path) if path.path.is_ident(name));
    !(is_error("Err") || is_error("None")) && Exits::of_tree(value).question.is_none()
}

/// Removes `#[sequential]` from a statement that is not a `let`, which is a barrier anyway.
fn remove_sequential(expression: &mut Expr) {
    let attributes = match expression {
        Expr::Await(it) => &mut it.attrs,
        Expr::Block(it) => &mut it.attrs,
        Expr::Call(it) => &mut it.attrs,
        Expr::ForLoop(it) => &mut it.attrs,
        Expr::If(it) => &mut it.attrs,
        Expr::Loop(it) => &mut it.attrs,
        Expr::Match(it) => &mut it.attrs,
        Expr::MethodCall(it) => &mut it.attrs,
        Expr::Try(it) => &mut it.attrs,
        Expr::While(it) => &mut it.attrs,
        Expr::Assign(it) => &mut it.attrs,
        _ => return,
    };
    attributes.retain(|it| !statement::is_sequential(it));
}

/// The blocks within code, each of which has groups of its own.
struct Within<'a> {
    compiler: &'a Compiler<'a>,
    host: Host,
}

impl VisitMut for Within<'_> {
    fn visit_block_mut(&mut self, block: &mut Block) {
        self.compiler.statements(&mut block.stmts, self.host);
    }

    /// In a child, a `?` ends the child with an exit.
    fn visit_expr_mut(&mut self, expression: &mut Expr) {
        let is_watched = self.compiler.is_traced && !self.compiler.is_plain;
        let returns =
            matches!(&*expression, Expr::Return(leave) if is_watched && may_succeed(leave));
        visit_mut::visit_expr_mut(self, expression);
        if returns {
            let private = self.compiler.private;
            let hook = ours!(#private::returns!(__conjoin_is_recorded););
            *expression = Expr::Verbatim(ours!({ #hook #expression }));
            return;
        }
        if let (
            Host::Child,
            Expr::Try(ExprTry {
                expr,
                question_token,
                attrs,
            }),
        ) = (self.host, &*expression)
        {
            if attrs.is_empty() {
                let value = quote!(#expr);
                let value = leave_child(self.compiler.private, &value, question_token.span);
                let place = proc_macro2::Span::mixed_site();
                *expression = Expr::Verbatim(quote_spanned!(place=> (#value)));
            }
        }
    }

    // Code inside stays unchanged.
    fn visit_expr_async_mut(&mut self, _: &mut syn::ExprAsync) {}
    fn visit_expr_closure_mut(&mut self, _: &mut syn::ExprClosure) {}
    fn visit_expr_const_mut(&mut self, _: &mut syn::ExprConst) {}
    fn visit_expr_try_block_mut(&mut self, _: &mut syn::ExprTryBlock) {}
    fn visit_item_mut(&mut self, _: &mut syn::Item) {}
    fn visit_type_mut(&mut self, _: &mut syn::Type) {}
}

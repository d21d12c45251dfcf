//! The control flow of an expression: whether it awaits, its exits, and how it uses variables.

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Expr, Macro, Stmt};

use crate::syntax::macros::{self, Kind};
use crate::syntax::{Exits, root};

/// Whether a `let` extends the life of a temporary value, because it binds a reference to it.
pub(super) fn binds_temporary(expression: &Expr) -> bool {
    match expression {
        Expr::Reference(reference) => {
            root(&reference.expr).is_none() || binds_temporary(&reference.expr)
        }
        Expr::Paren(inner) => binds_temporary(&inner.expr),
        Expr::Cast(cast) => binds_temporary(&cast.expr),
        Expr::Tuple(tuple) => tuple.elems.iter().any(binds_temporary),
        Expr::Array(array) => array.elems.iter().any(binds_temporary),
        Expr::Struct(literal) => literal.fields.iter().any(|it| binds_temporary(&it.expr)),
        Expr::Block(block) => match block.block.stmts.last() {
            Some(Stmt::Expr(tail, None)) => binds_temporary(tail),
            _ => false,
        },
        _ => false,
    }
}

/// Whether code awaits, and whether a `break` or `continue` leaves it.
#[derive(Default)]
pub(super) struct Flow {
    pub(super) awaits: bool,
    pub(super) leaves: bool,
    loops: usize,
    labels: Vec<String>,
}

impl Flow {
    pub(super) fn of(expression: &Expr) -> Self {
        let mut flow = Flow::default();
        flow.visit_expr(expression);
        flow
    }

    fn leave(&mut self, label: Option<&syn::Lifetime>) {
        self.leaves |= match label {
            Some(label) => !self.labels.contains(&label.ident.to_string()),
            None => self.loops == 0,
        };
    }

    fn within(&mut self, label: Option<&syn::Label>, loops: usize, visit: impl FnOnce(&mut Self)) {
        self.labels
            .extend(label.map(|it| it.name.ident.to_string()));
        self.loops += loops;
        visit(self);
        self.loops -= loops;
        if label.is_some() {
            self.labels.pop();
        }
    }

    fn tokens(&mut self, tokens: TokenStream) {
        let mut before = None;
        for token in tokens {
            match &token {
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Ident(word) if word == "await" => {
                    self.awaits |=
                        matches!(&before, Some(TokenTree::Punct(dot)) if dot.as_char() == '.');
                }
                TokenTree::Ident(word) => self.leaves |= word == "break" || word == "continue",
                _ => {}
            }
            before = Some(token);
        }
    }
}

impl<'ast> Visit<'ast> for Flow {
    fn visit_expr_await(&mut self, expression: &'ast syn::ExprAwait) {
        self.awaits = true;
        visit::visit_expr_await(self, expression);
    }

    fn visit_expr_break(&mut self, expression: &'ast syn::ExprBreak) {
        self.leave(expression.label.as_ref());
        visit::visit_expr_break(self, expression);
    }

    fn visit_expr_continue(&mut self, expression: &'ast syn::ExprContinue) {
        self.leave(expression.label.as_ref());
    }

    fn visit_expr_loop(&mut self, expression: &'ast syn::ExprLoop) {
        self.within(expression.label.as_ref(), 1, |flow| {
            flow.visit_block(&expression.body);
        });
    }

    fn visit_expr_while(&mut self, expression: &'ast syn::ExprWhile) {
        self.within(expression.label.as_ref(), 1, |flow| {
            flow.visit_expr(&expression.cond);
            flow.visit_block(&expression.body);
        });
    }

    fn visit_expr_for_loop(&mut self, expression: &'ast syn::ExprForLoop) {
        self.visit_expr(&expression.expr);
        self.within(expression.label.as_ref(), 1, |flow| {
            flow.visit_block(&expression.body);
        });
    }

    fn visit_expr_block(&mut self, expression: &'ast syn::ExprBlock) {
        self.within(expression.label.as_ref(), 0, |flow| {
            flow.visit_block(&expression.block);
        });
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        let name = call.path.segments.last().map(|it| it.ident.to_string());
        if macros::kind(&name.unwrap_or_default()) != Kind::KeepsArguments {
            self.tokens(call.tokens.clone());
        }
    }

    fn visit_expr(&mut self, expression: &'ast Expr) {
        match expression {
            Expr::Verbatim(tokens) => self.tokens(tokens.clone()),
            expression => visit::visit_expr(self, expression),
        }
    }

    // Code inside does not run as a part of this code.
    fn visit_expr_async(&mut self, _: &'ast syn::ExprAsync) {}
    fn visit_expr_closure(&mut self, _: &'ast syn::ExprClosure) {}
    fn visit_expr_const(&mut self, _: &'ast syn::ExprConst) {}
    fn visit_item(&mut self, _: &'ast syn::Item) {}
    fn visit_type(&mut self, _: &'ast syn::Type) {}
}

/// Counts the uses of a variable, and those of them that dereference it.
pub(super) struct DerefUses<'n> {
    name: &'n str,
    all: usize,
    dereferenced: usize,
}

impl<'n> DerefUses<'n> {
    pub(super) fn only(expression: &Expr, name: &'n str) -> bool {
        let mut uses = DerefUses {
            name,
            all: 0,
            dereferenced: 0,
        };
        uses.visit_expr(expression);
        uses.all > 0 && uses.all == uses.dereferenced
    }
}

impl<'ast> Visit<'ast> for DerefUses<'_> {
    fn visit_expr_unary(&mut self, unary: &'ast syn::ExprUnary) {
        if let (syn::UnOp::Deref(_), Expr::Path(path)) = (&unary.op, &*unary.expr) {
            self.dereferenced += usize::from(path.path.is_ident(self.name));
        }
        visit::visit_expr_unary(self, unary);
    }

    fn visit_expr_path(&mut self, path: &'ast syn::ExprPath) {
        self.all += usize::from(path.path.is_ident(self.name));
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        for token in call.tokens.clone() {
            self.all += usize::from(token.to_string().contains(self.name));
        }
    }
}

/// Whether every exit of an expression is a `?` outside the arguments of macros.
pub(super) fn has_only_questions(expression: &Expr) -> bool {
    struct OtherExits(bool);

    impl<'ast> Visit<'ast> for OtherExits {
        fn visit_expr_return(&mut self, _: &'ast syn::ExprReturn) {
            self.0 = true;
        }

        fn visit_macro(&mut self, call: &'ast Macro) {
            let call = Expr::Macro(syn::ExprMacro {
                attrs: Vec::new(),
                mac: call.clone(),
            });
            let exits = Exits::of_tree(&call);
            self.0 |=
                exits.question.is_some() || exits.return_keyword.is_some() || exits.are_hidden;
        }

        fn visit_expr(&mut self, expression: &'ast Expr) {
            match expression {
                Expr::Verbatim(_) => self.0 = true,
                expression => visit::visit_expr(self, expression),
            }
        }

        fn visit_expr_async(&mut self, _: &'ast syn::ExprAsync) {}
        fn visit_expr_closure(&mut self, _: &'ast syn::ExprClosure) {}
        fn visit_expr_const(&mut self, _: &'ast syn::ExprConst) {}
        fn visit_expr_try_block(&mut self, _: &'ast syn::ExprTryBlock) {}
        fn visit_item(&mut self, _: &'ast syn::Item) {}
        fn visit_type(&mut self, _: &'ast syn::Type) {}
    }

    let mut others = OtherExits(false);
    others.visit_expr(expression);
    !others.0
}

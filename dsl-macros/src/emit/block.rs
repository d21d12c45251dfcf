//! Prints a group of a block. Code that runs in sequence is printed as written.
//!
//! The code of a child keeps its `?` and `return`. They leave an `async` block that has the type of the whole block, so
//! rustc infers, converts and reports as in the written block. When the code of such a block completes, the block does
//! not resolve. It passes the value out through a `Completion`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::visit_mut::{self, VisitMut};
use syn::{Expr, FieldPat, Local, Pat, PatIdent, Token};

use super::Private;
use crate::block::{Exit, Group, Statement, Variable};
use crate::editor::in_front_of;
use crate::lower::{GroupChild, GroupNode, GroupSlot};

mod bind;
mod child;
mod join;
mod looped;
mod woven;

/// The properties of the block around a group.
pub(crate) struct Surroundings<'a> {
    /// `$crate::__private`
    pub(crate) private: &'a Private,
    pub(crate) is_traced: bool,
    pub(crate) is_limited: bool,
    /// Compiles the blocks within an expression.
    pub(crate) within: &'a dyn Fn(&mut Expr, Host),
}

/// The `async` block around some code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Host {
    /// A block with the type of the whole block. `?` and `return` leave it.
    #[default]
    Block,
    /// The block of a child. It resolves to a `Result` of its output and an exit of the whole block.
    Child,
}

/// Statements that bind the variables of the group in the block around it.
pub(crate) fn group(
    group: &Group,
    node: &GroupNode,
    around: &Surroundings<'_>,
    host: Host,
) -> TokenStream {
    let scope = Scope {
        host,
        ..Scope::default()
    };
    Printer {
        group,
        private: around.private,
        is_traced: around.is_traced,
        is_limited: around.is_limited,
        within: around.within,
    }
    .node(node, &scope, 1)
}

struct Printer<'a> {
    group: &'a Group,
    private: &'a Private,
    is_traced: bool,
    is_limited: bool,
    within: &'a dyn Fn(&mut Expr, Host),
}

/// The child whose statements are printed.
#[derive(Clone, Copy, Default)]
struct Scope<'c> {
    host: Host,
    statements: &'c [usize],
    /// The variables that it outputs.
    output: &'c [(usize, Variable)],
}

/// Our variable that holds a value until its child completes.
fn kept(statement: usize, variable: &Variable) -> Ident {
    let span = Span::mixed_site().located_at(variable.name.span());
    format_ident!(
        "__conjoin_{}_{}",
        statement,
        variable.name.unraw(),
        span = span
    )
}

fn output(child: &GroupChild) -> Ident {
    format_ident!(
        "__conjoin_output_{}",
        child.first(),
        span = Span::mixed_site()
    )
}

fn future(child: &GroupChild) -> Ident {
    format_ident!(
        "__conjoin_child_{}",
        child.first(),
        span = Span::mixed_site()
    )
}

fn value(statement: usize) -> Ident {
    format_ident!("__conjoin_value_{}", statement, span = Span::mixed_site())
}

impl Printer<'_> {
    /// Statements that bind all variables of a part. `pace` is the product of the widths of the joins around it.
    fn node(&self, node: &GroupNode, scope: &Scope<'_>, pace: usize) -> TokenStream {
        match node {
            GroupNode::Statement(statement) => self.as_written(*statement, scope),
            GroupNode::Series(nodes) => {
                let nodes = nodes.iter();
                nodes.map(|node| self.node(node, scope, pace)).collect()
            }
            GroupNode::Join(children) => self.join(children, scope, pace),
            GroupNode::Woven(children) => self.woven(children, scope, pace),
            GroupNode::Staged(stages) => self.staged(stages, scope, pace),
            GroupNode::Loop(part) => self.looped(part, scope, pace),
        }
    }

    fn statement(&self, statement: usize) -> &Statement {
        &self.group.statements[statement]
    }

    fn as_written(&self, index: usize, scope: &Scope<'_>) -> TokenStream {
        let statement = self.statement(index);
        let local = &statement.local;
        let (starts, ends) = (self.starts(index), self.ends());
        let aside = self.aside(index, scope);
        if let (true, Host::Block, Exit::Question, Expr::Try(fallible)) = (
            self.is_traced,
            scope.host,
            statement.exit,
            self.lent(index, &[], scope.host),
        ) {
            let private = self.private;
            let (attributes, name, value) = (&local.attrs, value(index), &fallible.expr);
            let question = &fallible.question_token;
            let bound = self.bound(index, scope);
            return ours! {
                #starts #(#attributes)* let __conjoin_value = #value;
                #private::left!(__conjoin_is_recorded, __conjoin_value);
                let #name = __conjoin_value #question;
                #bound #ends
            };
        }
        if aside.is_empty() && !Self::leaves_reference(index, scope) {
            let mut local = local.clone();
            if let Some(init) = &mut local.init {
                (self.within)(&mut init.expr, scope.host);
            }
            return quote!(#starts #local #ends);
        }
        let (attributes, name) = (&local.attrs, value(index));
        let (expression, kind) = (
            self.lent(index, &[], scope.host),
            typed(local.pat.clone()).1,
        );
        let bound = self.bound(index, scope);
        ours!(#starts #(#attributes)* let #name #kind = #expression; #bound #ends)
    }

    /// Whether the child outputs the value that a `ref` of a statement refers to.
    fn leaves_reference(statement: usize, scope: &Scope<'_>) -> bool {
        let is_it = |(other, variable): &(usize, Variable)| {
            *other == statement && variable.by_ref.is_some()
        };
        scope.output.iter().any(is_it)
    }

    /// Statements that save outputs of the child before a later statement shadows them.
    fn aside(&self, statement: usize, scope: &Scope<'_>) -> TokenStream {
        let hidden = scope
            .output
            .iter()
            .filter(|(binder, variable)| self.hides(*binder, variable, scope) == Some(statement));
        let put = hidden.map(|(binder, variable)| {
            let (name, held) = (kept(*binder, variable), held(variable));
            ours!(let #name = #held;)
        });
        put.collect()
    }

    /// The next statement of the child that shadows the variable.
    fn hides(&self, binder: usize, variable: &Variable, scope: &Scope<'_>) -> Option<usize> {
        let name = variable.name.unraw().to_string();
        let later = scope.statements.iter().copied().filter(|&it| it > binder);
        later
            .into_iter()
            .find(|&it| self.statement(it).binds(&name))
    }

    /// The statement as it is written, with its value.
    fn bound(&self, statement: usize, scope: &Scope<'_>) -> TokenStream {
        let Local {
            attrs,
            let_token,
            pat,
            init,
            semi_token,
            ..
        } = &self.statement(statement).local;
        let equals = init.as_ref().map(|init| &init.eq_token);
        let (aside, value, private) =
            (self.aside(statement, scope), value(statement), self.private);
        // Parts that the pattern does not bind drop here. The target of a `ref` lives as long as the reference.
        let value = ours!(#private::identity(#value));
        let (pattern, references) = if Self::leaves_reference(statement, scope) {
            without_references(pat)
        } else {
            (pat.clone(), Vec::new())
        };
        quote!(#aside #(#attrs)* #let_token #pattern #equals #value #semi_token #(#references)*)
    }

    fn starts(&self, statement: usize) -> Option<TokenStream> {
        let private = self.private;
        self.is_traced.then(|| {
            let name = self.statement(statement).name().unraw().to_string();
            let needs = self.group.graph.needs(statement).iter();
            let names: Vec<_> = needs
                .map(|&it| self.statement(it).name().unraw().to_string())
                .collect();
            let names = names.join(", ");
            ours!(#private::starts!(__conjoin_is_recorded, #name, #names);)
        })
    }

    fn ends(&self) -> Option<TokenStream> {
        let private = self.private;
        self.is_traced
            .then(|| ours!(#private::ends!(__conjoin_is_recorded, "done");))
    }
}

/// A variable under its own name.
fn rebound(variable: &Variable, value: &TokenStream) -> TokenStream {
    let name = &variable.name;
    match variable.by_ref {
        Some(is_mut) => {
            let (held, reference) = (held(variable), reference(variable));
            let mutable = is_mut.then(|| ours!(mut));
            ours!(let #mutable #held = #value; #reference)
        }
        None if variable.is_mut => {
            ours!(#[allow(unused_variables, unused_mut)] let mut #name = #value;)
        }
        None => ours!(#[allow(unused_variables)] let #name = #value;),
    }
}

/// The statement that binds a `ref` variable.
fn reference(variable: &Variable) -> TokenStream {
    let (name, held) = (&variable.name, held(variable));
    if variable.by_ref == Some(true) {
        ours!(#[allow(unused_variables)] let #name = &mut #held;)
    } else {
        ours!(#[allow(unused_variables)] let #name = &#held;)
    }
}

/// The value before a `?`. Its exit ends the child around it.
pub(crate) fn leave_child(private: &Private, value: &TokenStream, question: Span) -> TokenStream {
    // rustc reports its errors at the `?`.
    let (place, there) = private.placed(in_front_of(question));
    let mark = syn::Token![?](question);
    quote_spanned! {place=>
        match #there::branch(#value) {
            #there::Ok(__conjoin_value) => __conjoin_value,
            #there::Err(__conjoin_residual) => {
                return #there::Err(#there::exit(async { match __conjoin_residual #mark {} }))
            }
        }
    }
}

/// The slot of a variable.
fn place(slot: &GroupSlot) -> Ident {
    of_slot("slot", slot)
}

/// The token of the line that fills it.
fn setter(slot: &GroupSlot) -> Ident {
    of_slot("set", slot)
}

/// The token of a line that puts back what it has taken.
fn giver(slot: &GroupSlot) -> Ident {
    of_slot("give", slot)
}

/// The token of a line that takes a variable.
fn token(slot: &GroupSlot, user: usize) -> Ident {
    format_ident!("{}_{}", of_slot("use", slot), user)
}

fn of_slot(what: &str, slot: &GroupSlot) -> Ident {
    let number = slot
        .binder()
        .map_or_else(|| "outside".to_owned(), |it| it.to_string());
    format_ident!(
        "__conjoin_{}_{}_{}",
        what,
        number,
        slot.variable.name.unraw(),
        span = Span::mixed_site()
    )
}

/// The variable that holds a value in a child. The target of a `ref` has a name of its own.
fn held(variable: &Variable) -> Ident {
    let name = &variable.name;
    if variable.by_ref.is_some() {
        let span = Span::mixed_site().located_at(name.span());
        format_ident!("__conjoin_held_{}", name.unraw(), span = span)
    } else {
        name.clone()
    }
}

/// A pattern that binds the targets of its `ref`s by value, and the statements that then bind the references.
fn without_references(pattern: &Pat) -> (Pat, Vec<TokenStream>) {
    struct Held(Vec<TokenStream>);

    impl VisitMut for Held {
        fn visit_pat_ident_mut(&mut self, pattern: &mut PatIdent) {
            if pattern.by_ref.take().is_some() {
                let variable = Variable {
                    name: pattern.ident.clone(),
                    is_mut: false,
                    by_ref: Some(pattern.mutability.is_some()),
                };
                self.0.push(reference(&variable));
                pattern.ident = held(&variable);
            }
            visit_mut::visit_pat_ident_mut(self, pattern);
        }

        fn visit_field_pat_mut(&mut self, field: &mut FieldPat) {
            if let (None, Pat::Ident(pattern)) = (&field.colon_token, &*field.pat) {
                if pattern.by_ref.is_some() {
                    field.colon_token = Some(Token![:](pattern.ident.span()));
                }
            }
            visit_mut::visit_field_pat_mut(self, field);
        }
    }

    let mut pattern = pattern.clone();
    let mut references = Held(Vec::new());
    references.visit_pat_mut(&mut pattern);
    (pattern, references.0)
}

/// Splits a pattern from its type, with the colon.
fn typed(pattern: Pat) -> (Pat, Option<TokenStream>) {
    match pattern {
        Pat::Type(typed) => {
            let (colon, kind) = (&typed.colon_token, &typed.ty);
            (*typed.pat, Some(quote!(#colon #kind)))
        }
        pattern => (pattern, None),
    }
}

//! A block as a graph for `explain!`: its lines and barriers are tasks.

use std::collections::BTreeMap;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, format_ident};
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{Pat, Stmt};

use super::group::{Group, Order};
use super::read::{Input, Parsed, options};
use super::statement::Statement;
use crate::ast::{Access, Auto, Binding, Dependency, Task};
use crate::check::{Checked, Options, Source, Users};
use crate::diagnostic::Errors;
use crate::graph::Graph;
use crate::place;
use crate::syntax::Code;

/// The graph of a block's own statements. An inner block is a part of its statement.
pub(crate) fn explained(tokens: &TokenStream, errors: &mut Errors) -> (Auto, Checked) {
    let content = Input::read(tokens, errors).content;
    let (statements, limit) = match Parsed::read(&content) {
        Some(parsed) => (parsed.statements, options(&parsed.attributes, errors).limit),
        None => (Vec::new(), None),
    };
    let mut tasks = Tasks::default();
    let mut run = Vec::new();
    for statement in &statements {
        if let Ok(line) = Statement::read(statement) {
            run.push(line);
            continue;
        }
        tasks.add_run(std::mem::take(&mut run));
        if !matches!(statement, Stmt::Expr(_, None) | Stmt::Item(_)) {
            tasks.add_barrier(statement);
        }
    }
    tasks.add_run(run);
    tasks.finish(limit)
}

/// The tasks so far.
#[derive(Default)]
struct Tasks {
    found: Vec<Task>,
    needs: Vec<Vec<usize>>,
    /// The barrier that the next statements wait for.
    before: Vec<usize>,
    /// The tasks since the last barrier.
    open: Vec<usize>,
}

impl Tasks {
    fn add_run(&mut self, run: Vec<Statement>) {
        let first = self.found.len();
        let group = Group::new(run, std::collections::BTreeSet::new());
        for (index, line) in group.statements.iter().enumerate() {
            let needs = group.graph.needs(index).iter().map(|need| {
                let binding = match group.order(*need, index) {
                    Some(Order::Use(_)) => Binding::Name,
                    _ => order(line.name().span()),
                };
                (first + need, binding)
            });
            let needs: Vec<_> = needs.collect();
            let needs = if needs.is_empty() {
                self.after_barrier(line.name().span())
            } else {
                needs
            };
            let code = line.expression().to_token_stream().into_iter().collect();
            let code = Code::new(code, Some(line.expression().clone()));
            self.add(line.name().clone(), needs, code);
        }
        self.open.extend(first..self.found.len());
    }

    fn add_barrier(&mut self, statement: &Stmt) {
        let span = statement.span();
        let name = match statement {
            Stmt::Local(local) => bound_name(&local.pat),
            _ => None,
        };
        let name = name.unwrap_or_else(|| {
            let line = place::line(span).unwrap_or(0);
            format_ident!("line_{line}", span = span)
        });
        let needs = if self.open.is_empty() {
            self.after_barrier(span)
        } else {
            self.open.iter().map(|&need| (need, order(span))).collect()
        };
        let tokens = match statement {
            Stmt::Local(local) => local.init.as_ref().map(|it| it.expr.to_token_stream()),
            Stmt::Expr(expression, _) => Some(expression.to_token_stream()),
            other => Some(other.to_token_stream()),
        };
        let tokens = tokens.unwrap_or_default().into_iter().collect();
        let index = self.found.len();
        self.add(name, needs, Code::read(tokens));
        self.open.clear();
        self.before = vec![index];
    }

    fn after_barrier(&self, span: Span) -> Vec<(usize, Binding)> {
        let before = self.before.iter();
        before.map(|&need| (need, order(span))).collect()
    }

    fn add(&mut self, name: Ident, needs: Vec<(usize, Binding)>, body: Code) {
        let dependencies = needs.iter().map(|(need, _)| self.found[*need].name.clone());
        let names: Vec<_> = dependencies.collect();
        self.needs
            .push(needs.iter().map(|(need, _)| *need).collect());
        let dependencies = names.into_iter().zip(needs);
        let dependencies = dependencies.map(|(name, (_, binding))| Dependency {
            access: Access::Read,
            name,
            binding,
            is_inferred: false,
            is_idle: false,
            mistake: None,
        });
        self.found.push(Task {
            attributes: Vec::new(),
            name,
            has_brackets: true,
            infers: false,
            dependencies: dependencies.collect(),
            condition: None,
            each: None,
            body,
            changes: Vec::new(),
        });
    }

    fn finish(self, limit: Option<TokenStream>) -> (Auto, Checked) {
        let Tasks {
            found: tasks,
            needs,
            ..
        } = self;
        let sources = needs
            .iter()
            .map(|needs| needs.iter().copied().map(Source::Task).collect());
        let checked = Checked {
            sources: sources.collect(),
            breaks: false,
            limits: vec![None; tasks.len()],
            users: vec![Users::default(); tasks.len()],
            graph: Graph::new(needs),
            names: BTreeMap::new(),
            options: Options {
                limit,
                ..Options::default()
            },
            attributes: Vec::new(),
        };
        let auto = Auto {
            tasks,
            is_block: true,
            ..Auto::default()
        };
        (auto, checked)
    }
}

fn order(span: Span) -> Binding {
    Binding::Order(quote::quote_spanned!(span=> _))
}

/// The first name that a pattern binds.
fn bound_name(pattern: &Pat) -> Option<Ident> {
    match pattern {
        Pat::Ident(name) => Some(name.ident.unraw()),
        Pat::Type(typed) => bound_name(&typed.pat),
        Pat::Tuple(tuple) => tuple.elems.iter().find_map(bound_name),
        Pat::TupleStruct(tuple) => tuple.elems.iter().find_map(bound_name),
        Pat::Struct(fields) => fields.fields.iter().find_map(|it| bound_name(&it.pat)),
        Pat::Reference(reference) => bound_name(&reference.pat),
        Pat::Slice(slice) => slice.elems.iter().find_map(bound_name),
        _ => None,
    }
}

/// Whether these tokens of `explain!` are a block instead of a graph.
pub(crate) fn is_block(tokens: &TokenStream) -> bool {
    use crate::syntax::token::{group, word};

    let all: Vec<_> = tokens.clone().into_iter().collect();
    let is_braced =
        |it: &proc_macro2::TokenTree| group(it, proc_macro2::Delimiter::Brace).is_some();
    match &all[..] {
        [block] => is_braced(block),
        [first, block] => word(first, "async") && is_braced(block),
        [first, second, block] => word(first, "async") && word(second, "move") && is_braced(block),
        _ => false,
    }
}

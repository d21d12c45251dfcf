//! The parts of the plan as statements that bind the values of their tasks.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{format_ident, quote_spanned};

use super::join::{Child, Polled, failed};
use super::{Expander, Scope, bundle, placed};
use crate::ast::{Binding, Body};
use crate::body::rewrite_tail;
use crate::check::Source;
use crate::plan::{Plan, Stage};

impl Expander<'_> {
    /// Statements that bind the values of all tasks of `plan`, for the `async` block of the part around it.
    pub(super) fn bind(&self, plan: &Plan, scope: &Scope) -> TokenStream {
        match plan {
            Plan::Leaf(task) => {
                let value = &self.values[*task];
                let body = self.body(*task, &[], scope);
                ours!(let #value = { #body __value };)
            }
            Plan::Series(parts) => parts.iter().map(|part| self.bind(part, scope)).collect(),
            Plan::Parallel(parts) => self.bind_parallel(parts, scope),
            Plan::Staged(stages) => self.bind_staged(stages, scope),
            Plan::Gated(tasks) => self.bind_gated(tasks, scope),
        }
    }

    fn bind_parallel(&self, parts: &[Plan], scope: &Scope) -> TokenStream {
        let pace = (scope.pace * parts.len()).min(1 << 16);
        let children: Vec<_> = parts.iter().enumerate().map(|(index, part)| self.child(index, part, pace)).collect();
        let starts = children.iter().map(|child| child.start(&self.private));
        let values = bundle(children.iter().map(|child| child.values.clone()));
        let polled: Vec<_> = children.iter().map(|child| Polled { child, carried: false, awaited: true }).collect();
        let join = self.join(&polled, true, scope);
        ours!(let #values = { #(#starts)* let __joined = #join; __joined };)
    }

    /// The values are declared outside, as the futures that borrow them must be gone before they are moved.
    fn bind_staged(&self, stages: &[Stage], scope: &Scope) -> TokenStream {
        let mut steps = TokenStream::new();
        let mut running: Vec<(usize, Child)> = Vec::new();
        for (index, stage) in stages.iter().enumerate() {
            let carried = running.len();
            for &task in &stage.start {
                let child = self.child(task, &Plan::Leaf(task), scope.pace);
                steps.extend(child.start(&self.private));
                running.push((task, child));
            }
            let polled = running.iter().enumerate().map(|(at, (task, child))| Polled {
                child,
                carried: at < carried,
                awaited: stage.finish.contains(task),
            });
            let polled: Vec<_> = polled.collect();
            let join = self.join(&polled, index + 1 == stages.len(), scope);
            let values =
                bundle(polled.iter().filter(|polled| polled.awaited).map(|polled| polled.child.values.clone()));
            let first = (carried > 0).then(|| ours!(let mut __first = true;));
            steps.extend(ours!(#first #values = #join;));
            running.retain(|(task, _)| !stage.finish.contains(task));
        }
        let values = stages.iter().flat_map(|stage| &stage.start).map(|&task| &self.values[task]);
        ours!(#(let #values;)* { #steps })
    }

    /// A task that others of the part wait for fills a slot that they borrow from.
    fn bind_gated(&self, tasks: &[usize], scope: &Scope) -> TokenStream {
        let private = &self.private;
        let graph = &self.checked.graph;
        let is_shared = |task: &usize| tasks.iter().any(|&other| self.lends(*task, other));
        let (shared, plain): (Vec<usize>, Vec<usize>) = tasks.iter().partition(|task| is_shared(task));
        let slots: Vec<_> = shared.iter().map(|&task| slot(task)).collect();

        let children = tasks.iter().map(|&task| {
            let fails = self.first_question(&Plan::Leaf(task));
            let inner = Scope::new(scope.pace);
            let body = self.body(task, &shared, &inner);
            let fixes_error = inner.error_is_fixed.get();
            let (fill, result) = if shared.contains(&task) {
                let slot = slot(task);
                (ours!(let _ = #slot.get_or_init(|| __value);), fails.map(|_| ours!(())))
            } else {
                (TokenStream::new(), Some(ours!(__value)))
            };
            let values = if shared.contains(&task) { ours!(()) } else { self.value(task) };
            let result = result.map(|result| self.outcome(fails, &result));
            let block = self.child_block(&[task], ours!({ #body #fill #result }));
            Child { index: task, values, fails, fixes_error, block }
        });
        let children: Vec<_> = children.collect();
        let gates = tasks.iter().map(|&task| {
            let position = |need: &usize| tasks.iter().position(|task| task == need);
            graph.needs(task).iter().filter_map(position).collect()
        });
        let starts = children.iter().map(|child| child.start(private));
        let returned = bundle(plain.iter().map(|&task| self.value(task)));
        let awaited: Vec<_> = tasks.iter().map(|task| !shared.contains(task)).collect();
        let join = self.gated(&children, &awaited, &gates.collect::<Vec<_>>(), scope);
        let values = shared.iter().map(|&task| &self.values[task]);
        ours! {
            #(let #slots = #private::OnceLock::new();)*
            let #returned = { #(#starts)* let __joined = #join; __joined };
            #(let #values = #private::into_value(#slots);)*
        }
    }

    /// Whether the body of a task gets a reference to the value of another: not when it only waits for it.
    fn lends(&self, value: usize, task: usize) -> bool {
        let dependencies = self.auto.tasks[task].dependencies.iter().zip(&self.checked.sources[task]);
        dependencies
            .filter(|(_, source)| source.task() == Some(value))
            .any(|(dependency, _)| !matches!(dependency.binding, Binding::Order(_)))
    }

    /// A part as a future of its own: the values of its tasks, bundled.
    fn child(&self, index: usize, part: &Plan, pace: usize) -> Child {
        let fails = self.first_question(part);
        let scope = Scope::new(pace);
        let (statements, values) = match part {
            Plan::Leaf(task) => (self.body(*task, &[], &scope), ours!(__value)),
            part => (self.bind(part, &scope), self.values_of(part)),
        };
        let fixes_error = scope.error_is_fixed.get();
        let result = self.outcome(fails, &values);
        let block = self.child_block(&part.tasks(), ours!({ #statements #result }));
        Child { index, values: self.values_of(part), fails, fixes_error, block }
    }

    /// The future of a part, in the place of the body of its first task.
    fn child_block(&self, tasks: &[usize], block: TokenStream) -> TokenStream {
        let body = tasks.iter().min().map(|&task| &self.auto.tasks[task].body.tokens);
        let first = body.and_then(|tokens| tokens.first()).map(TokenTree::span);
        let last = body.and_then(|tokens| tokens.last()).map(TokenTree::span);
        Self::async_block(first, last, block)
    }

    fn value(&self, task: usize) -> TokenStream {
        let value = &self.values[task];
        ours!(#value)
    }

    /// The values of a part's tasks as a pattern, or an expression.
    fn values_of(&self, part: &Plan) -> TokenStream {
        bundle(part.tasks().into_iter().map(|task| self.value(task)))
    }

    /// The result of a block, which is an `Ok` when it can fail.
    fn outcome(&self, fails: Option<Span>, value: &TokenStream) -> TokenStream {
        let private = &self.private;
        if fails.is_some() { ours!(#private::Ok(#value)) } else { value.clone() }
    }

    /// Where the first error of a part can come from.
    fn first_question(&self, part: &Plan) -> Option<Span> {
        part.tasks().into_iter().find_map(|task| self.questions[task])
    }

    /// Statements that bind the dependencies of a task and then the value of its body as `__value`. The values of
    /// `shared` tasks are borrowed from their slots.
    fn body(&self, task: usize, shared: &[usize], scope: &Scope) -> TokenStream {
        let private = &self.private;
        let declared = &self.auto.tasks[task];
        let dependencies = declared.dependencies.iter().zip(&self.checked.sources[task]);
        let bindings = dependencies.map(|(dependency, source)| {
            let (lent, place) = match source {
                Source::Task(source) if shared.contains(source) => {
                    let slot = slot(*source);
                    (ours!(#private::lend(&#slot)), self.auto.tasks[*source].name.span())
                }
                Source::Task(source) => {
                    let value = &self.values[*source];
                    (ours!(&#value), self.auto.tasks[*source].name.span())
                }
                Source::Hole(mistake) => (mistake.to_expression(), dependency.name.span()),
            };
            match &dependency.binding {
                Binding::Name => {
                    // Visible to the body as the name in the brackets is, and found where the task is declared.
                    let mut name = dependency.name.clone();
                    name.set_span(name.span().located_at(place));
                    ours!(#[allow(unused_variables, clippy::no_effect_underscore_binding)] let #name = #lent;)
                }
                Binding::Pattern(pattern) => {
                    // What rustc has to say of a pattern belongs there.
                    let last = pattern.clone().into_iter().last();
                    let span = last.map_or(place, |last| last.span());
                    quote_spanned!(Span::mixed_site().located_at(span)=> #[allow(unused_parens)] let (#pattern) = #lent;)
                }
                Binding::Order(_) => TokenStream::new(),
            }
        });
        let lints = declared.attributes.iter().filter(|attribute| attribute.is_lint_level());
        let value = self.evaluate(&declared.body, scope);
        ours!(#(#bindings)* #(#lints)* #value)
    }

    /// Statements that bind the value of the user's code as `__value`; attributes before them are about this code.
    pub(super) fn evaluate(&self, body: &Body, scope: &Scope) -> TokenStream {
        let expression = self.expression(body, scope);
        // rustc warns of the first thing that a body like `todo!()` keeps from being reached: it shall be this.
        let unless_reached = ours!(#[allow(unreachable_code)] let () = (););
        ours! {
            #[allow(unused_parens, clippy::diverging_sub_expression)]
            let __value = #expression;
            #unless_reached
        }
    }

    /// The user's code in parentheses, which take one expression and nothing else. Unless an `#![error]` converts, a `?`
    /// in tail position passes its error on unchanged and so fixes the error's type.
    fn expression(&self, body: &Body, scope: &Scope) -> TokenTree {
        if body.return_keyword().is_some() && body.question().is_none() {
            // Refused; in a block of its own it does not confuse the type of the one around it as well.
            let tokens = &body.tokens;
            let block = ours!((async { #(#tokens)* }.await));
            return block.into_iter().next().expect("a group is a token");
        }
        let pass_on = |result: TokenStream, question: Span| {
            // What rustc has to say of it belongs to the `?`.
            let (span, private) = placed(&self.private, question);
            let failed = failed(&private, span, scope.error_is_fixed.replace(true));
            quote_spanned! {span=>
                match #private::fallible(#result) {
                    #private::Ok(__value) => __value,
                    #private::Err(__error) => return #failed,
                }
            }
        };
        let rewritten = if self.checked.error.is_none() { rewrite_tail(&body.tokens, &pass_on) } else { None };
        let tokens = rewritten.unwrap_or_else(|| body.tokens.iter().cloned().collect());
        let delimiter = if body.loose { Delimiter::Brace } else { Delimiter::Parenthesis };
        let mut group = Group::new(delimiter, tokens);
        if let Some(last) = body.tokens.last() {
            group.set_span(last.span());
        }
        group.into()
    }
}

fn slot(task: usize) -> Ident {
    format_ident!("__slot_{task}", span = Span::mixed_site())
}

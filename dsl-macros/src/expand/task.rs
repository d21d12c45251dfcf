//! One task: what its dependencies are bound to, and what becomes of the value, or the error, of its body.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::quote_spanned;

use super::join::{Child, ResolvesTo, failed};
use super::slots::{Reached, Slots, Use};
use super::{Expander, Scope, in_front_of, placed};
use crate::ast::{Access, Attribute, Binding, Body, Dependency, Task, unraw};
use crate::body::{Call, rewrite_tail, word};
use crate::check::Source;

impl Expander<'_> {
    /// Statements that bind the outcome of a task as `__value`: the value of its body or, under `#![settle]`, how it
    /// ended. An error leaves the `async` block around them otherwise.
    pub(super) fn task(&self, task: usize, slots: &Slots, scope: &Scope) -> TokenStream {
        let declared = &self.auto.tasks[task];
        let (before, after) = self.bindings(task, slots);
        let lints: Vec<_> = declared
            .attributes
            .iter()
            .filter(|attribute| attribute.is_lint_level())
            .collect();
        let (starts, ends) = (self.starts(task), self.ends());
        if self.checked.options.settle {
            let outcome = self.settled(task, scope);
            let run = ours!(#starts #before #(#lints)* let __value = #outcome; #after #ends);
            return self.unless_blocked(task, &run);
        }
        let value = match self.questions[task] {
            Some(question) if self.checked.options.name_errors => {
                let run = |scope: &Scope| self.run(declared, scope);
                self.named(&unraw(&declared.name), question, &run, scope)
            }
            _ => self.run(declared, scope),
        };
        ours!(#starts #before #(#lints)* #value #after #ends)
    }

    /// Statements before and after the body: they bind the dependencies, and give back what has been lent.
    fn bindings(&self, task: usize, slots: &Slots) -> (TokenStream, TokenStream) {
        let dependencies = self.auto.tasks[task]
            .dependencies
            .iter()
            .zip(&self.checked.sources[task]);
        let (mut before, mut after) = (TokenStream::new(), TokenStream::new());
        for (entry, (dependency, source)) in dependencies.enumerate() {
            let (value, place) = match source {
                _ if !dependency.is_use() => continue,
                Source::Task(source) => {
                    let usage = self.usage(&dependency.access);
                    let Reached { open, place, close } =
                        self.reach(*source, slots, usage, entry, dependency.name.span());
                    before.extend(open);
                    after.extend(close);
                    (
                        self.value_at(*source, place, &dependency.access),
                        self.auto.tasks[*source].name.span(),
                    )
                }
                // Not where the editor would take it for what the user is about to write.
                Source::Hole(mistake) => {
                    (mistake.to_expression(), in_front_of(dependency.name.span()))
                }
            };
            before.extend(self.binding(dependency, &value, place));
        }
        (before, after)
    }

    /// A task that is nothing but a call, as a child without an `async` block around it, which would be one more state
    /// machine to step through at each poll.
    pub(super) fn called(&self, index: usize, task: usize) -> Option<Child> {
        let (declared, options) = (&self.auto.tasks[task], &self.checked.options);
        let names_error = options.name_errors && self.questions[task].is_some();
        let is_bare = declared.condition.is_none()
            && !declared.attributes.iter().any(Attribute::is_lint_level)
            && !options.settle
            && !names_error;
        let Call {
            called,
            awaits,
            question,
        } = declared
            .body
            .as_call(&declared.dependencies)
            .filter(|_| is_bare)?;
        let resolves_to = match question {
            None => ResolvesTo::Values,
            Some(question) if options.error.is_some() => ResolvesTo::Convertible(question.clone()),
            Some(question) => ResolvesTo::Tail(question.span()),
        };
        let (bindings, _) = self.bindings(task, &Slots::new());
        let private = &self.private;
        // "… is not a future" belongs to the `.await`.
        let awaited = Ident::new("__awaited", Span::mixed_site().located_at(awaits[1].span()));
        let call = ours!({ #bindings use #private::Awaited as _; #(#called)*.#awaited() });
        let future = self.watched_call(task, &call);
        let fixes_error = matches!(resolves_to, ResolvesTo::Tail(_));
        let (values, awaits) = (self.value(task), ours!(#(#awaits)*));
        Some(Child {
            index,
            values,
            resolves_to,
            fixes_error,
            future,
            is_bare: true,
            awaits,
        })
    }

    fn usage(&self, access: &Access) -> Use {
        match access {
            Access::Read => Use::Read,
            // What is taken leaves its place behind.
            Access::Take(_) if !self.checked.options.settle => Use::Keep,
            Access::Change(_) | Access::Take(_) => Use::Change,
        }
    }

    /// The value itself, where what is at `place` says how its task ended.
    fn value_at(&self, source: usize, place: TokenStream, access: &Access) -> TokenStream {
        let private = &self.private;
        let is_kept = self.checked.users[source].taker.is_some();
        match access {
            _ if !self.checked.options.settle => place,
            Access::Read if is_kept => ours!(*#private::kept(#private::done(&#place))),
            Access::Read => ours!(*#private::done(&#place)),
            Access::Change(_) if is_kept => {
                ours!(*#private::kept_mut(#private::done_mut(&mut #place)))
            }
            Access::Change(_) => ours!(*#private::done_mut(&mut #place)),
            Access::Take(_) => ours!(#private::take(#private::done_mut(&mut #place))),
        }
    }

    /// The statement that binds a dependency for the body. What rustc has to say of its type belongs to `task`, where the
    /// value comes from.
    fn binding(&self, dependency: &Dependency, value: &TokenStream, task: Span) -> TokenStream {
        let private = &self.private;
        match (&dependency.binding, &dependency.access) {
            (Binding::Name, access) => {
                // Visible to the body as the name in the brackets is, and found where the task is declared.
                let mut name = dependency.name.clone();
                name.set_span(name.span().located_at(task));
                let binding = match access {
                    // To a body that wants it mutable, rustc proposes no type for a `ref`. It looks as if it were the
                    // user's, as an editor renames only what is the user's altogether.
                    Access::Read => {
                        let reference = quote_spanned!(in_front_of(name.span())=> ref #name);
                        ours!(#[allow(clippy::toplevel_ref_arg, clippy::ref_binding_to_reference, clippy::needless_borrow)] let #reference = #value;)
                    }
                    Access::Change(_) => ours!(let #name = &mut #value;),
                    // Who owns a value may change it.
                    Access::Take(_) => {
                        let mutable = quote_spanned!(in_front_of(name.span())=> mut #name);
                        ours!(#[allow(unused_mut)] let #mutable = #value;)
                    }
                };
                ours!(#[allow(unused_variables, clippy::no_effect_underscore_binding)] #binding)
            }
            (Binding::Pattern(pattern), access) => {
                let value = match access {
                    Access::Read => ours!(&#value),
                    Access::Change(_) => ours!(&mut #value),
                    // A pattern takes only what it binds; the rest is dropped here and now.
                    Access::Take(_) => ours!(#private::identity(#value)),
                };
                // What rustc has to say of a pattern belongs there.
                let last = pattern.clone().into_iter().last();
                let span = last.map_or(task, |last| last.span());
                let (before, there) = (in_front_of(span), Span::mixed_site().located_at(span));
                let keyword = quote_spanned!(Span::mixed_site().located_at(before)=> #[allow(unused_parens)] let);
                quote_spanned!(there=> #keyword (#pattern) = #value;)
            }
            (Binding::Order(underscore), _) => ours!(let #underscore = #private::identity(#value);),
        }
    }

    /// Statements that bind the value of a task's body as `__value`: of one with a condition, the `Option` of it.
    fn run(&self, task: &Task, scope: &Scope) -> TokenStream {
        let private = &self.private;
        let value = self.evaluate(&task.body, scope);
        let Some(condition) = &task.condition else {
            return value;
        };
        let is_let = condition.tokens.iter().any(|token| word(token, "let"));
        let condition = if is_let {
            condition.tokens.iter().cloned().collect()
        } else {
            // What rustc has to say of it stays within.
            TokenStream::from(self.expression(condition, scope))
        };
        let does_not_run = self.does_not_run();
        // One more block: rustc looks at the statements of an `if let` before it sees what they allow.
        ours! {
            #[allow(unused_parens)]
            let __value = if #condition { { #value #private::Some(__value) } } else { #does_not_run #private::None };
        }
    }

    /// The `Result` of statements that bind `__value` and may fail: an `async` block around them, whose scope `run` gets.
    fn caught(
        &self,
        question: Span,
        run: &dyn Fn(&Scope) -> TokenStream,
        scope: &Scope,
    ) -> (TokenStream, bool) {
        let inner = Scope::new(scope.pace);
        let run = run(&inner);
        // "type annotations needed", if it comes to that, belongs to a `?`.
        let (span, private) = placed(&self.private, in_front_of(question));
        let ok = match &self.checked.options.error {
            None => quote_spanned!(span=> #private::Ok(__value)),
            Some(error) => ours!(#private::Ok::<_, #error>(__value)),
        };
        (ours!(async { #run #ok }.await), inner.error_is_fixed.get())
    }

    /// The same statements; errors get the `name` of the task.
    pub(super) fn named(
        &self,
        name: &str,
        question: Span,
        run: &dyn Fn(&Scope) -> TokenStream,
        scope: &Scope,
    ) -> TokenStream {
        let (result, fixes_error) = self.caught(question, run, scope);
        let around = scope
            .error_is_fixed
            .replace(scope.error_is_fixed.get() || fixes_error);
        let (span, private) = placed(&self.private, in_front_of(question));
        let failed = failed(&private, span, fixes_error && around);
        ours! {
            let __value = match #result {
                #private::Ok(__value) => __value,
                #private::Err(__error) => {
                    let __error = #private::TaskError::new(#name, __error);
                    return #failed
                }
            };
        }
    }

    /// How a task ended that has run.
    fn settled(&self, task: usize, scope: &Scope) -> TokenStream {
        let private = &self.private;
        let declared = &self.auto.tasks[task];
        let is_kept = self.checked.users[task].taker.is_some();
        let value = if is_kept {
            ours!(#private::Some(__value))
        } else {
            ours!(__value)
        };
        let Some(question) = self.questions[task] else {
            let run = self.run(declared, scope);
            return ours!({ #run #private::Settled::<_, #private::Never>::Done(#value) });
        };
        let (result, fixes_error) =
            self.caught(question, &|scope| self.run(declared, scope), scope);
        let name = unraw(&declared.name);
        let names_errors = self.checked.options.name_errors;
        let fails_alone = self.fails_alone(fixes_error);
        let error = if names_errors {
            ours!(#private::TaskError::new(#name, __error))
        } else {
            ours!(__error)
        };
        ours! {
            match #result {
                #private::Ok(__value) => #private::Settled::Done(#value),
                #private::Err(__error) => {
                    #fails_alone
                    __outcomes.fail(#task, #error)
                }
            }
        }
    }

    /// A task that runs when all that it depends on are done, and is skipped otherwise.
    fn unless_blocked(&self, task: usize, run: &TokenStream) -> TokenStream {
        let private = &self.private;
        let sources: Vec<_> = self.checked.sources[task]
            .iter()
            .filter_map(Source::task)
            .collect();
        if sources.is_empty() {
            return run.clone();
        }
        let skips = self.skips(task);
        ours! {
            let __value = match __outcomes.first_failed([#(#sources),*]) {
                #private::None => { #run __value }
                #private::Some(__failed) => {
                    #skips
                    __outcomes.skip(#task, __failed)
                }
            };
        }
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
            let (span, private) = placed(&self.private, in_front_of(question));
            let failed = failed(&private, span, scope.error_is_fixed.replace(true));
            quote_spanned! {span=>
                match #private::fallible(#result) {
                    #private::Ok(__value) => __value,
                    #private::Err(__error) => return #failed,
                }
            }
        };
        let rewritten = if self.checked.options.error.is_none() {
            rewrite_tail(&body.tokens, &pass_on)
        } else {
            None
        };
        let tokens = rewritten.unwrap_or_else(|| body.tokens.iter().cloned().collect());
        let delimiter = if body.loose {
            Delimiter::Brace
        } else {
            Delimiter::Parenthesis
        };
        let mut group = Group::new(delimiter, tokens);
        if let Some(last) = body.tokens.last() {
            group.set_span(last.span());
        }
        group.into()
    }
}

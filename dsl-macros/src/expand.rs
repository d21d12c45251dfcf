//! The plan as code: what an expert would write by hand.
//!
//! Every task ends up as a local variable under its own name, with a hygiene of its own, so that no body sees it. The
//! user's tokens keep their spans. Nothing that is printed before a body depends on whether some body parses.

use std::cell::Cell;
use std::collections::BTreeMap;

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{format_ident, quote, quote_spanned};

use crate::ast::{Auto, Binding, Body, Dependency, Macro, Task, unraw};
use crate::check::Checked;
use crate::plan::Plan;
use crate::report::Errors;

/// `quote!` for code of ours: its local variables are invisible to the user, and lints know it for a macro's.
macro_rules! ours {
    ($($token:tt)*) => { ::quote::quote_spanned!(::proc_macro2::Span::mixed_site()=> $($token)*) };
}

mod explain;
mod hooks;
mod join;
mod part;
mod result;
mod slots;
mod task;

/// The whole expansion: one `async` block, with the mistakes at its end, and what watches it.
pub(crate) fn expand(
    auto: &Auto,
    checked: &Checked,
    plan: Option<&Plan>,
    krate: &TokenStream,
    errors: Errors,
) -> TokenStream {
    // What could not be read is still there, for editors that look for it.
    let lost = &auto.lost;
    let lost = (!lost.is_empty()).then(|| ours!(let _ = ::core::stringify!(#(#lost)*);));
    let reports = errors.into_statements();
    Expander::new(auto, checked, krate).graph(plan, &ours!(#lost #reports))
}

/// The graph and its plan as a constant, of which nothing runs, and the mistakes after it.
pub(crate) fn explain(
    auto: &Auto,
    checked: &Checked,
    plan: Option<&Plan>,
    krate: &TokenStream,
    errors: Errors,
) -> TokenStream {
    let explanation = Expander::new(auto, checked, krate).explanation(plan);
    let reports = errors.into_statements();
    if reports.is_empty() {
        explanation
    } else {
        ours!({ let __explanation = #explanation; #reports __explanation })
    }
}

/// Asks rustc about a `#[cfg]`: of two macros it keeps the one that calls the macro again with the answer.
pub(crate) fn decide(
    called: Macro,
    predicate: &TokenStream,
    krate: &TokenStream,
    decided: &[bool],
    tokens: &TokenStream,
) -> TokenStream {
    let called = match called {
        Macro::Auto => quote!(auto),
        Macro::Explain => quote!(explain),
    };
    let again = |holds: bool| {
        quote! {
            macro_rules! __conjoin_decide {
                ($($token:tt)*) => { #krate::__private::#called! { (#krate #(#decided)* #holds) $($token)* } };
            }
        }
    };
    let (if_so, if_not) = (again(true), again(false));
    quote! {{
        #[cfg(#predicate)]
        #if_so
        #[cfg(not(#predicate))]
        #if_not
        __conjoin_decide! { #tokens }
    }}
}

/// The variables that hold the tasks' values. Each stands where its task's name does, for messages, and only the
/// expansion can name it.
fn value_names(auto: &Auto, checked: &Checked) -> Vec<Ident> {
    let names = auto.tasks.iter().enumerate().map(|(index, task)| {
        // Two tasks of one name have been reported; both keep their bodies.
        let repeats = checked.repeats(&task.name, index);
        // What starts like the names of the expansion itself must not be taken for one of them.
        let is_ours = unraw(&task.name).starts_with("__");
        let mut name = if repeats || is_ours {
            format_ident!("task_{index}_{}", task.name)
        } else {
            task.name.clone()
        };
        name.set_span(Span::mixed_site().located_at(task.name.span()));
        name
    });
    names.collect()
}

/// Several patterns or values as one: a tuple, but for a single one.
fn bundle(parts: impl Iterator<Item = TokenStream>) -> TokenStream {
    let parts: Vec<_> = parts.collect();
    match &parts[..] {
        [part] => part.clone(),
        parts => ours!((#(#parts),*)),
    }
}

/// A span of ours at a place of the user's, and `private` there: for code whose types rustc may have something to say of.
fn placed(private: &TokenStream, place: Span) -> (Span, TokenStream) {
    let move_there = |mut token: TokenTree| {
        token.set_span(token.span().located_at(place));
        token
    };
    (
        Span::mixed_site().located_at(place),
        private.clone().into_iter().map(move_there).collect(),
    )
}

/// An empty span where `place` begins. rustc shows its first character for it; to an editor that asks what the user's
/// token is, code of ours with this span is none of the answers.
fn in_front_of(place: Span) -> Span {
    // Outside of a compiler, in tests, there is no such span.
    if proc_macro::is_available() {
        place.unwrap().start().into()
    } else {
        place
    }
}

struct Expander<'a> {
    auto: &'a Auto,
    checked: &'a Checked,
    /// `$crate::__private`
    private: TokenStream,
    /// The variable of each task.
    values: Vec<Ident>,
    /// The first `?` of each task.
    questions: Vec<Option<Span>>,
}

/// The `async` block that is being printed.
struct Scope {
    /// Whether what has been printed of it fixes the type of its error.
    error_is_fixed: Cell<bool>,
    /// The product of the widths of the joins around it.
    pace: usize,
}

impl Scope {
    fn new(pace: usize) -> Self {
        Scope {
            error_is_fixed: Cell::new(false),
            pace,
        }
    }
}

impl<'a> Expander<'a> {
    fn new(auto: &'a Auto, checked: &'a Checked, krate: &TokenStream) -> Self {
        Expander {
            auto,
            checked,
            private: ours!(#krate::__private),
            values: value_names(auto, checked),
            questions: auto.tasks.iter().map(Task::question).collect(),
        }
    }
}

impl Expander<'_> {
    fn graph(&self, plan: Option<&Plan>, reports: &TokenStream) -> TokenStream {
        let (private, options) = (&self.private, &self.checked.options);
        let scope = Scope::new(1);
        let tasks = plan.map(|plan| self.bind(plan, &scope));
        let (mentions, types_of_mentions) = self.mentions();
        let result = match &self.auto.final_arm {
            Some(final_arm) => self.final_arm(final_arm, &scope),
            None => self.result_struct(),
        };
        let question = self.first_question();
        let outcome = match (question, &options.error) {
            (None, _) => ours!(__result),
            (Some(question), None) => {
                // "type annotations needed", if it comes to that, belongs to a `?`.
                let (span, private) = placed(private, in_front_of(question));
                quote_spanned!(span=> #private::Ok(__result))
            }
            (Some(_), Some(error)) if options.name_errors => {
                ours!(#private::Ok::<_, #private::TaskError<#error>>(__result))
            }
            (Some(_), Some(error)) => ours!(#private::Ok::<_, #error>(__result)),
        };
        let limit = options.limit.as_ref().map(|limit| {
            // Where a panic is to be.
            let place = limit
                .clone()
                .into_iter()
                .next()
                .map_or_else(Span::call_site, |token| token.span());
            let (span, private) = placed(private, place);
            let text = limit.to_string();
            quote_spanned! {span=>
                #[allow(unused_parens)]
                let __limit: usize = (#limit);
                #[allow(unused_variables)]
                let __limit = #private::limit(__limit, #text);
            }
        });
        let outcomes = options.settle.then(|| {
            let names = self.auto.tasks.iter().map(|task| unraw(&task.name));
            ours!(#[allow(unused_variables)] let __outcomes = #private::Outcomes::of([#(#names),*]);)
        });
        let undeclared = self.values.iter().map(|value| {
            let mut value = value.clone();
            value.set_span(in_front_of(value.span()));
            value
        });
        let fixed = question.and_then(|_| self.fix_error());
        let error = options.error.as_ref().map(|error| {
            // Also where nothing fails as yet.
            ours!(let _: #private::Option<#error> = #private::None;)
        });
        let block = ours!({
            // Where a body has the name of a task that it does not list, and nothing else is called so, rustc points at
            // these, which stand where the tasks do.
            #(let #undeclared = ();)*
            #mentions
            #fixed
            #limit
            #outcomes
            #tasks
            #types_of_mentions
            #error
            let __result = #result;
            #reports
            #outcome
        });
        let first = self
            .auto
            .tasks
            .first()
            .map(|task| in_front_of(task.name.span()));
        let last = self
            .auto
            .code()
            .last()
            .and_then(|body| body.tokens.last())
            .map(TokenTree::span);
        let (future, hook) = (
            Self::async_block(first, last, block),
            self.watched(question.is_some(), &scope),
        );
        ours!({ let __graph = #future; #hook })
    }

    /// A statement that says at once what a block fails with that can fail. Until rustc knows, it looks again and again at each
    /// `?` that it has met.
    fn fix_error(&self) -> Option<TokenStream> {
        let (private, options) = (&self.private, &self.checked.options);
        let error = options.error.as_ref()?;
        let error = if options.name_errors {
            ours!(#private::TaskError<#error>)
        } else {
            error.clone()
        };
        Some(ours!(if false { return #private::Err::<_, #error>(#private::nothing()); }))
    }

    /// `async` before the block. It stands where the user's code does, `first` to `last`: by its place rustc names the
    /// future, and says which body borrows what.
    fn async_block(first: Option<Span>, last: Option<Span>, block: TokenStream) -> TokenStream {
        let place = |span: Option<Span>| {
            span.map_or(Span::mixed_site(), |span| {
                Span::mixed_site().located_at(span)
            })
        };
        let block = block.into_iter().map(|mut block| {
            block.set_span(place(last));
            block
        });
        quote_spanned!(place(first)=> async #(#block)*)
    }

    /// Each dependency as the user wrote it, where all tasks are in scope under their names: for the editor, which
    /// completes names and finds declarations by it. It stands before all that depends on what the names in the
    /// brackets are: while one of them is typed, the editor compares two expansions up to there. The types of the tasks
    /// follow as statements for when they are known.
    fn mentions(&self) -> (Option<TokenStream>, Option<TokenStream>) {
        let tasks = &self.auto.tasks;
        if tasks.is_empty() {
            return (None, None);
        }
        let names = bundle(tasks.iter().enumerate().map(|(index, Task { name, .. })| {
            let is_second = self.checked.repeats(name, index);
            if is_second {
                ours!(_)
            } else {
                quote_spanned!(in_front_of(name.span())=> ref #name)
            }
        }));
        let second = tasks
            .iter()
            .enumerate()
            .filter(|(index, task)| self.checked.repeats(&task.name, *index));
        let second = second.map(|(_, Task { name, .. })| ours!({ let #name = (); }));
        let mentions = tasks.iter().map(|task| {
            let names = task.dependencies.iter().map(|dependency| &dependency.name);
            ours!(_ = (#(#names,)*);)
        });
        let orders = tasks
            .iter()
            .flat_map(|task| &task.dependencies)
            .filter_map(|dependency| match &dependency.binding {
                Binding::Order(underscore) => Some(ours!(#underscore = false;)),
                Binding::Name | Binding::Pattern(_) => None,
            });
        let values = bundle((0..tasks.len()).map(|task| {
            // A value that was taken is not there any more; what settles may have an error whose type is open, which
            // shall not be reported here.
            let is_there = !self.checked.options.settle && self.checked.is_in_result(task);
            if is_there {
                self.value(task)
            } else {
                ours!(())
            }
        }));
        // What no task is called is reported already. The editor must not offer it, and nothing can stand before the
        // mentions that has its length.
        let mut unknown = BTreeMap::new();
        for Dependency { name, .. } in tasks.iter().flat_map(|task| &task.dependencies) {
            if !self.checked.names.contains_key(&unraw(name)) {
                let declared = quote_spanned!(in_front_of(name.span())=> const #name: () = (););
                unknown
                    .entry(unraw(name))
                    .or_insert_with(|| ours!(#[cfg(not(rust_analyzer))] #declared));
            }
        }
        let unknown = unknown.values();
        // What comes after `loop {}` is checked for its types only: nothing has to be there. Lints that look at the names in
        // a function do not look at the parameters of closures.
        let mentions = ours! {
            let __types;
            #[allow(unreachable_code, unused_variables, unexpected_cfgs, non_upper_case_globals)]
            #[allow(clippy::empty_loop, clippy::ref_binding_to_reference, clippy::needless_borrow)]
            if false {
                loop {}
                (|#names| {
                    #(#mentions)*
                    #(#orders)*
                    #(#second)*
                    #(#unknown)*
                })(__types);
            }
        };
        let types = ours! {
            #[allow(unreachable_code, clippy::empty_loop)]
            if false {
                loop {}
                __types = #values;
            }
        };
        (Some(mentions), Some(types))
    }

    /// The first `?` whose error leaves the graph.
    fn first_question(&self) -> Option<Span> {
        let of_tasks = (0..self.auto.tasks.len()).find_map(|task| self.question(task));
        of_tasks.or_else(|| self.auto.final_arm.as_ref().and_then(Body::question))
    }

    /// The first `?` of a task, if its error is to leave the graph.
    fn question(&self, task: usize) -> Option<Span> {
        self.questions[task].filter(|_| !self.checked.options.settle)
    }
}

//! The plan as code: what an expert would write by hand.
//!
//! Every task ends up as a local variable under its own name, with a hygiene of its own, so that no body sees it. The
//! user's tokens keep their spans. Nothing that is printed before a body depends on whether some body parses.

use std::cell::Cell;

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{format_ident, quote, quote_spanned};

use crate::ast::{Access, Auto, Binding, Body, Task, unraw};
use crate::check::{Checked, Source};
use crate::plan::Plan;
use crate::report::Errors;

/// `quote!` for code of ours: its local variables are invisible to the user, and lints know it for a macro's.
macro_rules! ours {
    ($($token:tt)*) => { ::quote::quote_spanned!(::proc_macro2::Span::mixed_site()=> $($token)*) };
}

mod join;
mod part;
mod slots;
mod task;

/// The whole expansion: one `async` block, and the mistakes after it.
pub(crate) fn expand(
    auto: &Auto,
    checked: &Checked,
    plan: Option<&Plan>,
    krate: &TokenStream,
    errors: Errors,
) -> TokenStream {
    let expander = Expander {
        auto,
        checked,
        private: ours!(#krate::__private),
        values: value_names(auto, checked),
        questions: auto.tasks.iter().map(Task::question).collect(),
    };
    let graph = expander.graph(plan);
    let reports = errors.into_statements();
    if reports.is_empty() { graph } else { ours!({ let __graph = #graph; #reports __graph }) }
}

/// Asks rustc about a `#[cfg]`: of two macros it keeps the one that calls this macro again with the answer.
pub(crate) fn decide(
    predicate: &TokenStream,
    krate: &TokenStream,
    decided: &[bool],
    tokens: &TokenStream,
) -> TokenStream {
    let again = |holds: bool| {
        quote! {
            macro_rules! __conjoin_decide {
                ($($token:tt)*) => { #krate::__private::auto! { (#krate #(#decided)* #holds) $($token)* } };
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
        let mut name = if repeats || is_ours { format_ident!("task_{index}_{}", task.name) } else { task.name.clone() };
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
    (Span::mixed_site().located_at(place), private.clone().into_iter().map(move_there).collect())
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
        Scope { error_is_fixed: Cell::new(false), pace }
    }
}

/// What stands for the name of the final arm in an error.
const FINAL_ARM: &str = "=>";

impl Expander<'_> {
    fn graph(&self, plan: Option<&Plan>) -> TokenStream {
        let (private, options) = (&self.private, &self.checked.options);
        let scope = Scope::new(1);
        let tasks = plan.map(|plan| self.bind(plan, &scope));
        let mentions = self.mentions();
        let result = match &self.auto.final_arm {
            Some(final_arm) => self.final_arm(final_arm, &scope),
            None => self.result_struct(),
        };
        let tasks_question = (0..self.auto.tasks.len()).find_map(|task| self.question(task));
        let question = tasks_question.or_else(|| self.auto.final_arm.as_ref().and_then(Body::question));
        let outcome = match (question, &options.error) {
            (None, _) => ours!(__result),
            (Some(question), None) => {
                // "type annotations needed", if it comes to that, belongs to a `?`.
                let (span, private) = placed(private, question);
                quote_spanned!(span=> #private::Ok(__result))
            }
            (Some(_), Some(error)) if options.name_errors => {
                ours!(#private::Ok::<_, #private::TaskError<#error>>(__result))
            }
            (Some(_), Some(error)) => ours!(#private::Ok::<_, #error>(__result)),
        };
        let limit = options.limit.as_ref().map(|limit| {
            // Where a panic is to be.
            let place = limit.clone().into_iter().next().map_or_else(Span::call_site, |token| token.span());
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
        let values = &self.values;
        let block = ours!({
            // Where a body has the name of a task that it does not list, and nothing else is called so, rustc points at
            // these, which stand where the tasks do.
            #(let #values = ();)*
            #limit
            #outcomes
            #tasks
            #mentions
            let __result = #result;
            #outcome
        });
        let first = self.auto.tasks.first().map(|task| task.name.span());
        let last = self.auto.code().last().and_then(|body| body.tokens.last()).map(TokenTree::span);
        Self::async_block(first, last, block)
    }

    /// `async` before the block. It stands where the user's code does, `first` to `last`: by its place rustc names the
    /// future, and says which body borrows what.
    fn async_block(first: Option<Span>, last: Option<Span>, block: TokenStream) -> TokenStream {
        let place = |span: Option<Span>| span.map_or(Span::mixed_site(), |span| Span::mixed_site().located_at(span));
        let block = block.into_iter().map(|mut block| {
            block.set_span(place(last));
            block
        });
        quote_spanned!(place(first)=> async #(#block)*)
    }

    /// Each dependency as the user wrote it, where all tasks are in scope under their names: for the editor, which
    /// completes names and finds declarations by it. Nothing of it runs.
    fn mentions(&self) -> Option<TokenStream> {
        let mut declared = vec![false; self.auto.tasks.len()];
        let mut bindings = TokenStream::new();
        let mut mentions = TokenStream::new();
        for (task, sources) in self.auto.tasks.iter().zip(&self.checked.sources) {
            for (dependency, source) in task.dependencies.iter().zip(sources) {
                let name = &dependency.name;
                match source {
                    Source::Task(source) if !declared[*source] => {
                        declared[*source] = true;
                        let name = &self.auto.tasks[*source].name;
                        // A value that was taken is not there any more; what settles may have an error whose type is
                        // open, which shall not be reported here.
                        let is_there = !self.checked.options.settle && self.checked.is_in_result(*source);
                        let value = if is_there { self.value(*source) } else { ours!(()) };
                        bindings.extend(ours!(#[allow(clippy::no_effect_underscore_binding)] let #name = &#value;));
                    }
                    Source::Task(_) => {}
                    Source::Hole(_) => bindings.extend(ours!(let #name = ();)),
                }
                let order = match (&dependency.binding, &dependency.access) {
                    (Binding::Order(underscore), Access::Read | Access::Change(_)) => Some(ours!(#underscore = false;)),
                    _ => None,
                };
                mentions.extend(ours!(#[allow(clippy::used_underscore_binding)] { _ = #name; } #order));
            }
        }
        if let Some(error) = &self.checked.options.error {
            // Also where nothing fails as yet.
            let private = &self.private;
            mentions.extend(ours!(let _: #private::Option<#error> = #private::None;));
        }
        (!mentions.is_empty()).then(|| ours!(if false { #bindings #mentions }))
    }

    /// The final arm: an expression with every value in scope under its name.
    fn final_arm(&self, final_arm: &Body, scope: &Scope) -> TokenStream {
        let kept: Vec<_> = (0..self.values.len()).filter(|&task| self.checked.is_in_result(task)).collect();
        let names = kept.iter().map(|&task| &self.auto.tasks[task].name);
        let values = kept.iter().map(|&task| self.in_result(task));
        let value = match final_arm.question() {
            Some(question) if self.checked.options.name_errors => {
                self.named(FINAL_ARM, question, &|scope| self.evaluate(final_arm, scope), scope)
            }
            _ => self.evaluate(final_arm, scope),
        };
        ours!({
            #(#[allow(unused_variables, unused_mut, clippy::no_effect_underscore_binding)] let mut #names = #values;)*
            #value
            __value
        })
    }

    /// A value as it leaves the graph.
    fn in_result(&self, task: usize) -> TokenStream {
        let (private, value) = (&self.private, &self.values[task]);
        // Under `#![settle]` something is left of a value that was taken.
        let is_taken = self.checked.users[task].taker.is_some();
        if is_taken { ours!(#private::handed_over(#value)) } else { ours!(#value) }
    }

    /// The first `?` of a task, if its error is to leave the graph.
    fn question(&self, task: usize) -> Option<Span> {
        self.questions[task].filter(|_| !self.checked.options.settle)
    }

    /// A struct with the shape of the graph, in a block of its own, where no body can see its name.
    fn result_struct(&self) -> TokenStream {
        let tasks = self.auto.tasks.iter().enumerate();
        let has_field = |(index, task): &(usize, &Task)| {
            self.checked.is_in_result(*index) && !self.checked.repeats(&task.name, *index)
        };
        let fields: Vec<_> = tasks.filter(has_field).collect();
        let attributes = &self.checked.attributes;
        // A lint that is expected in the body is not in the field.
        let on_fields = fields.iter().map(|(_, task)| {
            let attributes = task.attributes.iter().filter(|attribute| attribute.path != "expect");
            quote!(#(#attributes)*)
        });
        let values = fields.iter().map(|(index, _)| self.in_result(*index));
        let names: Vec<_> = fields.iter().map(|(_, task)| &task.name).collect();
        let types: Vec<_> =
            (0..names.len()).map(|index| format_ident!("T{index}", span = Span::mixed_site())).collect();
        let (tuple_type, tuple) = if names.is_empty() {
            (None, None)
        } else {
            (Some(ours!(-> (#(#types,)*))), Some(ours!((#(self.#names,)*))))
        };
        ours!({
            #(#attributes)*
            #[allow(dead_code)]
            struct Output<#(#types),*> {
                #(#on_fields #names: #types,)*
            }
            #[automatically_derived]
            #[allow(dead_code)]
            impl<#(#types),*> Output<#(#types),*> {
                fn into_tuple(self) #tuple_type { #tuple }
            }
            Output { #(#names: #values),* }
        })
    }
}

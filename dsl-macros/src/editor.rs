//! Everything that exists for rust-analyzer.
//!
//! It sets `cfg(rust_analyzer)`, with which `conjoin` calls an entry of its own. So rustc reads none of the code that only
//! an editor needs. Otherwise, both read the same expansion.
//!
//! To complete, hover or rename in a macro call, rust-analyzer expands the call twice, with and without a made-up name at
//! the cursor, and compares the two expansions. Then it looks for the user's tokens in the expansion, by their spans. Both
//! work when
//!
//! 1. nothing that is printed before the user's code depends on whether that code parses. [`recovery`] fills typing gaps,
//!    so that the heads, the plan and what can fail are the same with and without the name. Errors come last.
//! 2. a broken body keeps its tokens ([`ends`]), in parentheses that carry the span of its last token.
//! 3. the parser recovers task by task, and unknown dependencies cost their neighbors nothing.
//! 4. a block that never runs mentions every dependency, where all tasks are bound under their names: [`mentions`]. That
//!    is how names are completed inside the brackets. Where a task infers its dependencies, all tasks are in sight of the
//!    bodies, too: [`offered`].
//! 5. a dependency is bound in the body with the span of the task's name, which renaming and "go to definition" follow.
//! 6. code of ours at a place of the user's has an empty span, [`in_front_of`] it: otherwise it would be one of the
//!    meanings of the user's token.
//!
//! [`recovery`]: crate::syntax::recovery
//! [`ends`]: crate::parse
//! [`mentions`]: Emitter::mentions
//! [`offered`]: Emitter::offered

use fixedbitset::FixedBitSet;
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;

use crate::ast::{Binding, Task, unraw};
use crate::check::Source;
use crate::emit::{Emitter, ours};
use crate::place;

/// An empty span where `place` begins. rustc shows its first character.
pub(crate) fn in_front_of(place: Span) -> Span {
    place::start(place).unwrap_or(place)
}

/// An empty span where `place` ends.
pub(crate) fn behind(place: Span) -> Span {
    place::end(place).unwrap_or(place)
}

/// Whether the code of a task names something.
fn uses(task: &Task, name: &Ident) -> bool {
    let uses = task.names().into_uses();
    let name = unraw(name);
    uses.iter().any(|it| it.text == name)
}

impl Emitter<'_> {
    /// Each dependency as the user wrote it, where all tasks are in scope under their names.
    ///
    /// This stands before all that depends on the names in the brackets: while one of them is typed, the two expansions
    /// are the same up to here. [`types_of_mentions`](Self::types_of_mentions) follows when the types are known.
    pub(crate) fn mentions(&self) -> Option<TokenStream> {
        let tasks = &self.auto.tasks;
        if tasks.is_empty() || !self.is_editor {
            return None;
        }
        let names = tasks.iter().enumerate().map(|(index, Task { name, .. })| {
            if self.checked.repeats(name, index) {
                ours!(_)
            } else {
                quote_spanned!(in_front_of(name.span())=> ref #name)
            }
        });
        let repeated = tasks.iter().enumerate();
        let repeated = repeated.filter(|(index, task)| self.checked.repeats(&task.name, *index));
        let repeated = repeated.map(|(_, Task { name, .. })| ours!({ let #name = (); }));
        let mentions = tasks.iter().map(|task| {
            let written = task.dependencies.iter().filter(|it| !it.is_inferred);
            let names = written.map(|dependency| &dependency.name);
            ours!(_ = (#(#names,)*);)
        });
        let dependencies = tasks.iter().flat_map(|task| &task.dependencies);
        let orders = dependencies.filter_map(|dependency| match &dependency.binding {
            Binding::Order(underscore) => Some(ours!(#underscore = false;)),
            Binding::Name | Binding::Pattern(_) => None,
        });
        let offered: Vec<_> = self.offered().into_iter().map(|(_, name)| name).collect();
        let offered =
            (!offered.is_empty()).then(|| ours!(#[allow(unused_variables)] let (#(#offered,)*);));
        Some(ours! {
            let __conjoin_types;
            #offered
            #[allow(unused)]
            if false {
                (|(#(#names,)*)| {
                    #(#mentions)*
                    #(#orders)*
                    #(#repeated)*
                })(__conjoin_types);
            }
        })
    }

    /// Where a task infers its dependencies, all tasks under their names, so that a body is offered them while one is typed.
    /// Its dependencies are bound once more inside it. For rustc these are variables of ours, which no body sees, but
    /// rust-analyzer offers them. A task whose code uses its own name, as that of a variable outside the graph, keeps this
    /// one in sight.
    fn offered(&self) -> Vec<(usize, Ident)> {
        let infers_all = self.auto.attributes.iter().any(|it| it.path == "infer");
        let infers = |task: &Task| task.infers || infers_all && !task.has_brackets;
        if !self.auto.tasks.iter().any(infers) {
            return Vec::new();
        }
        let tasks = self.auto.tasks.iter().enumerate();
        let offered = tasks.filter(|(index, task)| {
            !self.checked.repeats(&task.name, *index) && !uses(task, &task.name)
        });
        let names = offered.map(|(index, task)| {
            let mut name = task.name.clone();
            name.set_span(Span::mixed_site().located_at(in_front_of(name.span())));
            (index, name)
        });
        names.collect()
    }

    /// Where the editor has [`mentions`](Self::mentions), for rustc: a task that bears the name of a constant, a static or a
    /// unit struct gets rustc's error on its name, where no other code binds the name.
    pub(crate) fn shadows(&self) -> Option<TokenStream> {
        if self.auto.final_arm.is_some() || self.is_editor {
            return None;
        }
        let entries = self.auto.tasks.iter().zip(&self.checked.sources);
        let entries = entries.flat_map(|(task, sources)| task.dependencies.iter().zip(sources));
        // Which are inferred depends on what is being typed.
        let bound =
            entries.filter(|(it, _)| matches!(it.binding, Binding::Name) && !it.is_inferred);
        let bound = bound.filter_map(|(dependency, source)| match source {
            Source::Task(task) => Some(*task),
            Source::Error(_) => self.checked.names.get(&unraw(&dependency.name)).copied(),
        });
        let bound: FixedBitSet = bound.collect();
        let tasks = self.auto.tasks.iter().enumerate();
        let first = tasks.filter(|(index, task)| !self.checked.repeats(&task.name, *index));
        let names = first.filter(|(index, _)| !bound.contains(*index));
        let names: Vec<_> = names.map(|(_, task)| &task.name).collect();
        (!names.is_empty()).then(|| {
            // Four at once, as a lint counts names of one letter.
            let names = names.chunks(4).map(|names| {
                let count = names.len();
                ours!({ let [#(mut #names),*] = [false; #count]; })
            });
            ours!(#[allow(unused)] if false { #(#names)* })
        })
    }

    /// Gives the names in the mentions their types.
    pub(crate) fn types_of_mentions(&self) -> Option<TokenStream> {
        let tasks = self.auto.tasks.len();
        if tasks == 0 || !self.is_editor {
            return None;
        }
        // A value that was taken is gone; the error of what settles may have an open type, which is not to be reported
        // here.
        let is_there =
            |task: usize| !self.checked.options.settle && self.checked.is_in_result(task);
        let values = (0..tasks).map(|task| {
            if is_there(task) {
                self.value(task)
            } else {
                ours!(())
            }
        });
        // What a task's name shows: the value has another name in the expansion.
        let shown = (0..tasks).filter(|&task| is_there(task)).map(|task| {
            let (name, value) = (&self.auto.tasks[task].name, self.value(task));
            ours!({ let #name = #value; })
        });
        let offered = self.offered().into_iter().map(|(task, name)| {
            let value = self.value(task);
            if is_there(task) {
                ours!(#name = &#value;)
            } else {
                ours!(#name = &();)
            }
        });
        // What comes after `loop {}` is checked for its types only: nothing is moved.
        Some(ours! {
            #[allow(unused)]
            if false {
                loop {}
                #(#offered)*
                #(#shown)*
                __conjoin_types = (#(#values,)*);
            }
        })
    }
}

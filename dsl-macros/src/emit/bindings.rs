//! The bindings of a task's dependencies.

use std::collections::BTreeMap;

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::quote_spanned;

use super::Emitter;
use super::slots::Reached;
use crate::ast::{Access, Binding, Dependency};
use crate::check::Source;
use crate::editor::in_front_of;
use crate::lower::{Slots, Use};

impl Emitter<'_> {
    /// Statements before and after the body: they bind the dependencies, and return lent values.
    pub(super) fn bindings(&self, task: usize, slots: &Slots) -> (TokenStream, TokenStream) {
        let declared = &self.auto.tasks[task];
        let dependencies = declared
            .dependencies
            .iter()
            .zip(&self.checked.sources[task]);
        let (mut before, mut after) = (TokenStream::new(), TokenStream::new());
        let mut in_tuples = BTreeMap::new();
        for (entry, (dependency, source)) in dependencies.enumerate() {
            let (value, place) = match source {
                _ if !dependency.is_use() => continue,
                Source::Task(source) if self.is_part_of_tuple(*source, dependency) => {
                    let name = named(dependency, self.auto.tasks[*source].name.span());
                    in_tuples.insert(*source, name);
                    continue;
                }
                Source::Task(source) => {
                    let usage = self.usage(&dependency.access);
                    let Reached { open, place, close } =
                        self.reach((*source, task), slots, usage, entry, dependency.name.span());
                    before.extend(open);
                    after.extend(close);
                    (
                        self.value_at(*source, place, &dependency.access),
                        self.auto.tasks[*source].name.span(),
                    )
                }
                // Not at the name, where the editor would complete it.
                Source::Error(mistake) => (
                    mistake.to_placeholder(),
                    in_front_of(dependency.name.span()),
                ),
            };
            before.extend([self.binding(dependency, &value, place)]);
        }
        before.extend(self.parts_of_tuples(&in_tuples));
        (before, after)
    }

    fn usage(&self, access: &Access) -> Use {
        match access {
            Access::Read => Use::Read,
            // Under `#![settle]` a taken value leaves a record that the task is done.
            Access::Take(_) if !self.checked.options.settle => Use::Keep,
            Access::Change(_) | Access::Take(_) => Use::Change,
        }
    }

    /// The value inside a `Settled` at `place`.
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

    /// The statement that binds a dependency for the body. rustc reports errors about its type at `task`, the source of
    /// the value.
    fn binding(&self, dependency: &Dependency, value: &TokenStream, task: Span) -> TokenStream {
        let private = &self.private;
        match (&dependency.binding, &dependency.access) {
            (Binding::Name, access) => {
                let name = named(dependency, task);
                match access {
                    Access::Read => references(&by_reference(name), value),
                    Access::Change(_) => {
                        ours! {
                            #[allow(unused_variables)]
                            #[cfg_attr(clippy, allow(clippy::no_effect_underscore_binding))]
                            let #name = &mut #value;
                        }
                    }
                    // A task that takes a value may change it.
                    Access::Take(_) => {
                        let mutable = quote_spanned!(in_front_of(name.span())=> mut #name);
                        ours! {
                            #[allow(unused_variables, unused_mut)]
                            #[cfg_attr(clippy, allow(clippy::no_effect_underscore_binding))]
                            let #mutable = #value;
                        }
                    }
                }
            }
            (Binding::Pattern(pattern), access) => {
                let value = match access {
                    Access::Read => ours!(&#value),
                    Access::Change(_) => ours!(&mut #value),
                    // A pattern moves only the parts that it binds. The rest drops here.
                    Access::Take(_) => ours!(#private::identity(#value)),
                };
                // rustc reports errors about a pattern at the pattern.
                let pattern = &pattern.tokens;
                let last = pattern.clone().into_iter().last();
                let span = last.map_or(task, |last| last.span());
                let (before, there) = (in_front_of(span), Span::mixed_site().located_at(span));
                let keyword = quote_spanned!(Span::mixed_site().located_at(before)=> #[allow(unused_parens)] let);
                quote_spanned!(there=> #keyword (#pattern) = #value;)
            }
            (Binding::Order(underscore), _) => ours!(let #underscore = #private::identity(#value);),
        }
    }
}

/// The name of a dependency in the body. It has the hygiene of the name in the brackets, and the place of the task's
/// declaration.
fn named(dependency: &Dependency, task: Span) -> Ident {
    let mut name = dependency.name.clone();
    name.set_span(name.span().located_at(task));
    name
}

/// The statement that binds names to references to a value or its parts.
pub(super) fn references(pattern: &TokenStream, value: &TokenStream) -> TokenStream {
    ours! {
        #[allow(unused_variables)]
        #[cfg_attr(clippy, allow(clippy::ref_binding_to_reference, clippy::needless_borrow))]
        let #pattern = #value;
    }
}

/// The pattern that binds a name to a reference. If a body needs a mutable value, rustc suggests no wrong type for a `ref`. It
/// has a user's span, because an editor renames only bindings that come completely from the user.
pub(super) fn by_reference(name: Ident) -> TokenStream {
    let keyword = Ident::new("ref", in_front_of(name.span()));
    TokenStream::from_iter([TokenTree::from(keyword), name.into()])
}

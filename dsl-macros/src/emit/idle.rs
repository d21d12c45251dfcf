//! Warnings where rustc would warn of the same code written by hand. They are rustc's own, for code that never runs.
//!
//! rustc shows such a warning only for an expression whose tokens all have user's spans. So the name of the called
//! function has the span of the user's first token, and the parentheses have the span of the last.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::quote;

use super::Emitter;
use crate::ast::{Access, unraw};

impl Emitter<'_> {
    /// Warns of values that nothing uses, if their types ask to be used: a future without its `.await`, a `Result`
    /// without its `?`. Without a final arm, the caller has all values.
    pub(super) fn unused_values(&self) -> Option<TokenStream> {
        self.auto.final_arm.as_ref()?;
        let private = &self.private;
        let tasks = self.auto.tasks.iter().enumerate();
        let unused = tasks.filter(|(index, task)| {
            let name = unraw(&task.name);
            let users = &self.checked.users[*index];
            let is_used = !users.all.is_empty() || self.auto.used_at_the_end.contains(&name);
            !is_used && !name.starts_with('_')
        });
        let values: Vec<_> = unused
            .map(|(index, task)| {
                let value = self.value(index);
                let within = match (self.checked.options.settle, task.condition.is_some()) {
                    (false, _) if task.each.is_some() => ours!(value_of_items),
                    (true, _) if task.each.is_some() => ours!(value_of_settled_items),
                    (false, false) => ours!(value_of),
                    (false, true) => ours!(value_of_option),
                    (true, false) => ours!(value_of_settled),
                    (true, true) => ours!(value_of_settled_option),
                };
                let tokens = task.body.tokens();
                let span =
                    |token: Option<&TokenTree>| token.map_or(task.name.span(), TokenTree::span);
                let call = unused_call([tokens.first(), tokens.last()].map(span), &ours!(&#value));
                ours!({ use #private::#within as __conjoin_unused; #call })
            })
            .collect();
        // The final arm has moved the values. After `loop {}`, rustc only checks types.
        (!values.is_empty()).then(|| {
            ours! {
                #[allow(unreachable_code, clippy::empty_loop)]
                if false { loop {} #(#values)* }
            }
        })
    }

    /// Warns of dependencies that are listed by name and not used: they only delay the task.
    pub(super) fn idle_dependencies(&self) -> Option<TokenStream> {
        let private = &self.private;
        let dependencies = self.auto.tasks.iter().flat_map(|task| &task.dependencies);
        let idle = dependencies.filter(|it| it.is_idle).map(|dependency| {
            let kind = match dependency.access {
                Access::Read | Access::Change(_) => ours!(idle_dependency),
                Access::Take(_) => ours!(taken_dependency),
            };
            let call = unused_call([dependency.name.span(); 2], &TokenStream::new());
            ours!({ use #private::#kind as __conjoin_unused; #call })
        });
        let idle: Vec<_> = idle.collect();
        (!idle.is_empty()).then(|| ours!(if false { #(#idle)* }))
    }
}

/// A call that looks like a user's statement from one place to another.
pub(crate) fn unused_call([first, last]: [Span; 2], argument: &TokenStream) -> TokenStream {
    let name = Ident::new("__conjoin_unused", first);
    let mut arguments = Group::new(Delimiter::Parenthesis, argument.clone());
    arguments.set_span(last);
    quote!(#name #arguments;)
}

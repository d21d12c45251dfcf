//! `#![around(object)]`: each task runs within a call of the object's method `task`.
//!
//! It is a plain method call on the object's own type, so the type chooses the bounds. The body is an `async` block
//! that resolves to a `Result`. For a task that cannot fail, the error is `Never`. So a method that reads or creates
//! errors has one signature for all tasks.
//!
//! [`within`](Emitter::within) takes the `async` block of any named piece of code.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::quote_spanned;

use super::{Emitter, async_block};
use crate::ast::unraw;
use crate::editor::in_front_of;

impl Emitter<'_> {
    /// The statements that evaluate the object, once.
    pub(super) fn around(&self) -> Option<TokenStream> {
        let (private, object) = (&self.private, self.checked.options.around.as_ref()?);
        // A reference also works for a field of a borrowed value.
        Some(ours! {
            #[allow(unused_imports)]
            use #private::Around as _;
            #[allow(unused_parens, unused_variables)]
            let __conjoin_around = &(#object);
        })
    }

    /// The statement that binds `__conjoin_value`, which these statements bind, and runs them within a call of the object.
    pub(super) fn infallible(&self, task: &Ident, statements: &TokenStream) -> TokenStream {
        let private = &self.private;
        let block = ours!({ #statements #private::Ok::<_, #private::Never>(__conjoin_value) });
        let value = self.within(Some(task), &block);
        ours!(let #private::Ok(__conjoin_value) = #value;)
    }

    /// Awaits `block` as an `async` block, which resolves to a `Result`: within a call of the object, if there is one and `task` names
    /// what runs.
    pub(super) fn within(&self, task: Option<&Ident>, block: &TokenStream) -> TokenStream {
        let (Some(task), Some(object)) = (task, &self.checked.options.around) else {
            return ours!(async #block.await);
        };
        let place = in_front_of(task.span());
        let block = async_block(Some(place), Some(task.span()), block.clone());
        // rustc reports a missing method once, at the object, and a task that the method cannot accept at the task.
        let first = object.clone().into_iter().next();
        let place = first.as_ref().map_or_else(Span::call_site, TokenTree::span);
        let method = Ident::new("task", Span::mixed_site().located_at(place));
        let (name, span) = (unraw(task), Span::mixed_site().located_at(task.span()));
        quote_spanned!(span=> (*__conjoin_around).#method(#name, #block).await)
    }
}

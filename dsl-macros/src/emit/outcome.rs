//! What a block resolves to that may fail: a `Result` or, where its `?`s are on such, an `Option`.
//!
//! Nothing here knows which. The first `?` that leaves a block says so, and from there on the types do.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::quote_spanned;

use super::{Emitter, placed};
use crate::editor::in_front_of;
use crate::lower::{Leave, OwnBlock, Run};

impl Emitter<'_> {
    /// Whether blocks of the plan fail with an `Option` if a `?` does. Those that a `break` leaves have an error of ours.
    fn are_blocks_open(&self) -> bool {
        self.is_open && !self.checked.breaks
    }

    /// The value that leaves the user's code.
    pub(super) fn whole(&self, span: Span, value: &TokenStream) -> TokenStream {
        let (span, private) = placed(&self.private, span);
        if self.is_open {
            quote_spanned!(span=> #private::whole(#value))
        } else {
            quote_spanned!(span=> #private::Ok(#value))
        }
    }

    /// The values that leave a block of the plan.
    pub(super) fn whole_block(&self, value: &TokenStream) -> TokenStream {
        let private = &self.private;
        if self.are_blocks_open() {
            ours!(#private::whole(#value))
        } else {
            ours!(#private::Ok(#value))
        }
    }

    /// What the user's code resolves to, as a `Result`.
    pub(super) fn split(&self, outcome: &TokenStream) -> TokenStream {
        let private = &self.private;
        if self.is_open {
            ours!(#private::split(#outcome))
        } else {
            outcome.clone()
        }
    }

    /// What a block of the plan resolves to, as a `Result`.
    pub(super) fn split_block(&self, outcome: &TokenStream) -> TokenStream {
        let private = &self.private;
        if self.are_blocks_open() {
            ours!(#private::split(#outcome))
        } else {
            outcome.clone()
        }
    }

    /// The function that checks the operand of a `?`, and makes a `Result` of it.
    pub(super) fn fallible(&self, span: Span) -> TokenStream {
        let options = &self.checked.options;
        let (span, private) = placed(&self.private, span);
        if self.is_open {
            quote_spanned!(span=> #private::split)
        } else if options.settle {
            quote_spanned!(span=> #private::fallible_settled)
        } else if options.name_errors {
            quote_spanned!(span=> #private::fallible_named)
        } else if options.error.is_some() {
            quote_spanned!(span=> #private::fallible_converted)
        } else {
            quote_spanned!(span=> #private::fallible)
        }
    }

    /// What leaves the user's code, or a block of its own, with `__conjoin_error`.
    pub(super) fn failed(&self, leave: Leave, span: Span) -> TokenStream {
        let (span, private) = placed(&self.private, span);
        match (self.is_open, leave) {
            (false, Leave::Compare) => quote_spanned!(span=> #private::failed(__conjoin_error)),
            (false, Leave::Infer) => quote_spanned!(span=> #private::Err(__conjoin_error)),
            (true, Leave::Compare) => quote_spanned!(span=> #private::fail_alike(__conjoin_error)),
            (true, Leave::Infer) => quote_spanned!(span=> #private::fail(__conjoin_error)),
        }
    }

    /// What leaves a block of the plan with the `__conjoin_error` of a task.
    pub(super) fn fails(&self, leave: Leave, span: Span) -> TokenStream {
        if !self.checked.breaks {
            return self.failed(leave, span);
        }
        let (span, private) = placed(&self.private, span);
        match (self.is_open, leave) {
            (_, Leave::Infer) => quote_spanned!(span=> #private::stopped(__conjoin_error)),
            (false, Leave::Compare) => {
                quote_spanned!(span=> #private::stopped_alike(__conjoin_error))
            }
            (true, Leave::Compare) => {
                quote_spanned!(span=> #private::stopped_left_alike(__conjoin_error))
            }
        }
    }

    /// The statements before the code of a task, if its first `?` [decides](Self::deciding).
    pub(super) fn decision(&self, run: &Run) -> Option<TokenStream> {
        let [condition, body] = run.decides;
        (condition || body && matches!(run.body, OwnBlock::None)).then(|| self.kind())
    }

    /// The same within the block around the body alone.
    pub(super) fn body_decision(&self, run: &Run) -> Option<TokenStream> {
        let [_, body] = run.decides;
        body.then(|| self.kind())
    }

    fn kind(&self) -> TokenStream {
        let private = &self.private;
        if !self.is_open {
            return ours!(use #private::Operand as _;);
        }
        ours! {
            use #private::Deciding as _;
            let __conjoin_kind = #private::Kind::new();
            if false { return __conjoin_kind.value(); }
        }
    }

    /// The operand of a `?` that says what the block around it resolves to; or, where an option has, is checked for that.
    /// It is a call of a method, so that rustc's words on the `?` are about all from the user's first token to the last.
    pub(super) fn deciding(&self, operand: &TokenStream, question: Span) -> TokenStream {
        let options = &self.checked.options;
        let (method, argument) = if self.is_open {
            let first = operand.clone().into_iter().next();
            let span = Span::mixed_site().located_at(first.map_or(question, |first| first.span()));
            ("__conjoin_decides", quote_spanned!(span=> &__conjoin_kind))
        } else if options.settle {
            ("__conjoin_settled", TokenStream::new())
        } else if options.name_errors {
            ("__conjoin_named", TokenStream::new())
        } else {
            ("__conjoin_converted", TokenStream::new())
        };
        let place = in_front_of(question);
        let method = Ident::new(method, Span::mixed_site().located_at(place));
        let mut arguments = Group::new(Delimiter::Parenthesis, argument);
        arguments.set_span(place);
        quote_spanned!(place=> #operand.#method #arguments)
    }
}

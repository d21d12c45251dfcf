//! The value of a fallible block: a `Result`, or an `Option` if its `?`s are on `Option`s.
//!
//! The macro does not know which. The first `?` that leaves a block decides, and type inference does the rest.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::quote_spanned;

use super::Emitter;
use crate::editor::in_front_of;
use crate::lower::{ErrorExit, OwnBlock, Run};

impl Emitter<'_> {
    /// Whether blocks of the plan can fail with an `Option`. With a `break`, they fail with our `Stop`.
    fn are_blocks_open(&self) -> bool {
        self.is_open && !self.checked.breaks
    }

    /// The value that leaves the user's code.
    pub(super) fn whole(&self, span: Span, value: &TokenStream) -> TokenStream {
        let (span, private) = self.private.placed(span);
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

    /// Converts the value of the user's code into a `Result`.
    pub(super) fn split(&self, outcome: &TokenStream) -> TokenStream {
        let krate = &self.private.krate;
        if self.is_open {
            ours!(#krate::Outcome::split(#outcome))
        } else {
            outcome.clone()
        }
    }

    /// Converts the value of a block of the plan into a `Result`.
    pub(super) fn split_block(&self, outcome: &TokenStream) -> TokenStream {
        let krate = &self.private.krate;
        if self.are_blocks_open() {
            ours!(#krate::Outcome::split(#outcome))
        } else {
            outcome.clone()
        }
    }

    /// The function that converts the value of a block of the plan into a `Result`.
    pub(super) fn split_of_block(&self) -> TokenStream {
        let (private, krate) = (&self.private, &self.private.krate);
        if self.are_blocks_open() {
            ours!(#krate::Outcome::split)
        } else {
            ours!(#private::identity)
        }
    }

    /// The function that checks the operand of a `?` and converts it into a `Result`. It is a method of a trait: for
    /// the bound of a free function, rustc would show our source.
    pub(super) fn fallible(&self, span: Span) -> TokenStream {
        let options = &self.checked.options;
        let (span, private) = self.private.placed(span);
        let krate = &private.krate;
        if self.is_open {
            quote_spanned!(span=> #krate::Outcome::split)
        } else if options.settle {
            quote_spanned!(span=> #krate::FallibleSettled::into_result)
        } else if options.name_errors {
            quote_spanned!(span=> #krate::FallibleNamed::into_result)
        } else if options.error.is_some() {
            quote_spanned!(span=> #krate::FallibleConverted::into_result)
        } else {
            quote_spanned!(span=> #krate::Fallible::into_result)
        }
    }

    /// The value with which `__conjoin_error` leaves the user's code, or a block of its own. rustc reports errors at
    /// `span`, except that two error types differ: it reports that once, at the top of the graph.
    pub(super) fn failed(&self, leave: ErrorExit, span: Span) -> TokenStream {
        let (span, private) = self.private.placed(span);
        let same = match leave {
            ErrorExit::Compare => self.same_error(),
            ErrorExit::Infer | ErrorExit::CompareKind => ours!(#private::Err),
        };
        match leave {
            ErrorExit::Infer if self.is_open => {
                quote_spanned!(span=> #private::fail(__conjoin_error))
            }
            ErrorExit::CompareKind | ErrorExit::Compare if self.is_open => {
                let krate = &private.krate;
                quote_spanned!(span=> #krate::SameKind::failed()(__conjoin_error, #same))
            }
            ErrorExit::Infer | ErrorExit::CompareKind => {
                quote_spanned!(span=> #private::Err(__conjoin_error))
            }
            ErrorExit::Compare => ours!(#same(__conjoin_error)),
        }
    }

    /// The function that compares an error with that of the graph.
    fn same_error(&self) -> TokenStream {
        let (span, private) = self.private.placed(self.top());
        let krate = &private.krate;
        quote_spanned!(span=> #krate::SameError::failed())
    }

    /// The value with which the `__conjoin_error` of a task leaves a block of the plan.
    pub(super) fn fails(&self, leave: ErrorExit, span: Span) -> TokenStream {
        if !self.checked.breaks {
            return self.failed(leave, span);
        }
        let (span, private) = self.private.placed(span);
        match leave {
            ErrorExit::Infer | ErrorExit::CompareKind => {
                quote_spanned!(span=> #private::stopped(__conjoin_error))
            }
            ErrorExit::Compare => {
                let failed = self.failed(leave, span);
                if self.is_open {
                    quote_spanned! {span=>
                        #private::stopped_alike(|__conjoin_error| #failed, __conjoin_error)
                    }
                } else {
                    quote_spanned!(span=> #private::stopped_by(#failed))
                }
            }
        }
    }

    /// The statements before the code of a task, if its first `?` [decides](Self::deciding).
    pub(super) fn decision(&self, run: &Run) -> Option<TokenStream> {
        let [condition, body] = run.decides;
        let decides = condition || body && matches!(run.body, OwnBlock::None);
        decides.then(|| self.kind())?
    }

    /// The same within the block around the body alone.
    pub(super) fn body_decision(&self, run: &Run) -> Option<TokenStream> {
        let [_, body] = run.decides;
        body.then(|| self.kind())?
    }

    fn kind(&self) -> Option<TokenStream> {
        let private = &self.private;
        self.is_open.then(|| {
            ours! {
                let __conjoin_kind = #private::Kind::new();
                if false { return __conjoin_kind.value(); }
            }
        })
    }

    /// The operand of a `?` that decides between `Result` and `Option` for the surrounding block, or is checked against
    /// an option that has decided. The code has spans in the user's code, so that rustc's errors at the `?` show it.
    pub(super) fn deciding(&self, operand: &TokenStream, question: Span) -> TokenStream {
        let options = &self.checked.options;
        let first = operand.clone().into_iter().next();
        let first = first.map_or(question, |first| first.span());
        let krate = &self.private.krate;
        let check = |name: &str| {
            let name = Ident::new(name, Span::mixed_site());
            quote_spanned!(in_front_of(first)=> <_ as #krate::#name<_, _>>::into_result)
        };
        let (function, arguments) = if self.is_open {
            let kind = quote_spanned!(Span::mixed_site().located_at(first)=> &__conjoin_kind);
            (
                quote_spanned!(in_front_of(first)=> <_ as #krate::Decides<_, _>>::decide),
                ours!(#operand, #kind),
            )
        } else if options.settle {
            (check("FallibleSettled"), operand.clone())
        } else if options.name_errors {
            (check("FallibleNamed"), operand.clone())
        } else {
            (check("FallibleConverted"), operand.clone())
        };
        let mut arguments = Group::new(Delimiter::Parenthesis, arguments);
        arguments.set_span(in_front_of(question));
        quote_spanned!(in_front_of(question)=> #function #arguments)
    }
}

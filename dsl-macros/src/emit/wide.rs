//! Many children that run concurrently. A future of its own polls those that were woken, in chunks.

use proc_macro2::{Span, TokenStream};
use quote::format_ident;

use super::breaks::returned;
use super::{Emitter, bundle};
use crate::lower::{Child, ErrorExit, PollsPerTurn, Slots};

/// The number of children in a chunk. `conjoin` also has this number.
pub(super) const CHUNK: usize = 8;

impl Emitter<'_> {
    /// Statements that bind the values of the children. If they can fail, an error leaves the block around them.
    pub(super) fn wide(
        &self,
        children: &[Child],
        pace: PollsPerTurn,
        leave: Option<ErrorExit>,
    ) -> TokenStream {
        let (private, width) = (&self.private, children.len());
        let (groups, words) = (width.div_ceil(256), width.div_ceil(64));
        let tasks: Vec<usize> = children.iter().flat_map(Child::tasks).copied().collect();
        let values = || {
            let values = bundle(children.chunks(CHUNK).map(|children| {
                let values = children.iter().map(|child| self.patterns(&child.values));
                ours!((#(#values,)*))
            }));
            let allow = self.allow_unused_mut(children.iter().flat_map(|it| &it.values).copied());
            ours!(#allow let #values)
        };
        let (chunks, step) = if width <= CHUNK {
            let (pins, step) = self.chunk(0, children);
            (pins, ours!(move |_, __conjoin_turns| #step))
        } else {
            self.chunks(children)
        };
        let (failure, fails) = if let Some(leave) = leave {
            let passes = self.passes(&tasks, leave, Span::mixed_site(), &returned);
            (ours!(_), passes)
        } else {
            let never = ours!(#private::Result<(), #private::Never>);
            (never, ours!(match __conjoin_error {}))
        };
        let failed = self.split_block(&ours!(__conjoin_failed));
        let joined = ours!({
            let __conjoin_failing = #private::Failing::<#failure>::new();
            #chunks
            let __conjoin_joined = __conjoin_failing.wide::<#groups, #words, #width, #pace, _, _>({
                #[inline(always)]
                #step
            });
            match __conjoin_joined.await {
                #private::Ok(__conjoin_values) => __conjoin_values,
                #private::Err(__conjoin_failed) => match #failed {
                    #private::Ok(()) => #private::nothing(),
                    #private::Err(__conjoin_error) => #fails,
                },
            }
        });
        self.bind(children, values, &joined)
    }

    /// Statements that make several chunks, and the closure that polls each.
    fn chunks(&self, children: &[Child]) -> (TokenStream, TokenStream) {
        let private = &self.private;
        let names = (0..children.len().div_ceil(CHUNK))
            .map(|number| format_ident!("__conjoin_chunk_{number}", span = Span::mixed_site()));
        let names: Vec<_> = names.collect();
        let chunks = children.chunks(CHUNK).zip(&names).enumerate();
        let chunks = chunks.map(|(number, (children, name))| {
            let (pins, step) = self.chunk(number * CHUNK, children);
            ours! {
                #pins
                let mut #name = __conjoin_failing.chunk({
                    #[inline(always)]
                    move |__conjoin_turns| #step
                });
            }
        });
        let (chunks, numbers) = (ours!(#(#chunks)*), 0..names.len());
        let step = ours! {
            move |__conjoin_chunk, __conjoin_turns| {
                let #private::Some(__conjoin_turns) = __conjoin_turns else {
                    return #private::Step::Values((#(#names.values()),*));
                };
                match __conjoin_chunk {
                    #(#numbers => #names.poll(__conjoin_turns),)*
                    _ => #private::Step::Polled,
                }
            }
        };
        (chunks, step)
    }

    /// Statements that pin the children of the chunk that begins at a place, and the block that polls them.
    fn chunk(&self, first: usize, children: &[Child]) -> (TokenStream, TokenStream) {
        let private = &self.private;
        let pins = children.iter().map(|child| self.pin(child, &Slots::new()));
        let polls = children.iter().zip(first..);
        let polls = polls.map(|(child, place)| self.poll_in_chunk(child, place));
        let values = children.iter().map(|child| self.taken(child));
        let step = ours!({
            let #private::Some(__conjoin_turns) = __conjoin_turns else {
                // A task that never ends has no value.
                #[cfg_attr(clippy, allow(clippy::diverging_sub_expression))]
                return #private::Step::Values((#(#values,)*));
            };
            #(#polls)*
            #private::Step::Polled
        });
        (ours!(#(#pins)*), step)
    }
}

//! Many children that run concurrently. A future of its own polls those that were woken, in chunks.

use proc_macro2::TokenStream;

use super::{Emitter, bundle};
use crate::lower::{Child, ErrorExit, PollsPerTurn, Slots};

/// The number of children that share an arm of the loop, and are each tested there for whether they are due.
///
/// A test takes two or three instructions, the way to an arm twenty. So larger chunks are cheaper where many children are
/// due, as at the first poll, and smaller ones where one is.
pub(super) fn chunk(width: usize) -> usize {
    if width > 16 { 4 } else { 8 }
}

impl Emitter<'_> {
    /// Statements that bind the values of the children. If they can fail, an error leaves the block around them.
    pub(super) fn wide(
        &self,
        children: &[Child],
        pace: PollsPerTurn,
        leave: Option<ErrorExit>,
    ) -> TokenStream {
        let (private, width) = (&self.private, children.len());
        let chunk = chunk(width);
        let chunks = children
            .chunks(chunk)
            .enumerate()
            .map(|(number, children)| {
                let first = number * chunk;
                let polls = children.iter().zip(first..);
                let polls = polls.map(|(child, place)| self.poll_in_chunk(child, place));
                ours!(#number => { #(#polls)* })
            });
        let (groups, words) = (width.div_ceil(256), width.div_ceil(64));
        let values: Vec<_> = children.iter().map(|child| child.values.clone()).collect();
        let values = self.declare(&values);
        let pins = children.iter().map(|child| self.pin(child, &Slots::new()));
        let tasks: Vec<usize> = children.iter().flat_map(Child::tasks).copied().collect();
        let made = bundle(children.iter().map(|child| self.taken(child)));
        let made = if leave.is_some() {
            self.whole_block(&made)
        } else {
            made
        };
        let joined = self.propagate(&tasks, leave, &ours!({
            let mut __conjoin_running = #private::Running::<#words>::new(#width);
            let mut __conjoin_wakers = #private::Wakers::<#groups, #words>::new();
            #private::join::<#width, #pace, _, _>(move |__conjoin_cx, __conjoin_start| {
                let __conjoin_lending = __conjoin_wakers.begin_poll(__conjoin_cx.waker());
                let mut __conjoin_chunks =
                    __conjoin_running.begin_poll::<#chunk, #groups>(&__conjoin_lending, __conjoin_start);
                while let #private::Some(__conjoin_chunk) = __conjoin_chunks.next_chunk() {
                    match __conjoin_chunk {
                        #(#chunks)*
                        _ => {}
                    }
                }
                if __conjoin_running.is_none() {
                    #private::Poll::Ready(#made)
                } else {
                    #private::Poll::Pending
                }
            })
        }));
        ours!(#values = { #(#pins)* let __conjoin_joined = #joined; __conjoin_joined };)
    }
}

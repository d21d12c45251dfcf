//! Many children that run concurrently. A future of its own polls those that were woken, in chunks.

use proc_macro2::TokenStream;

use super::{Emitter, bundle};
use crate::lower::{Child, ErrorExit, PollsPerTurn, Slots};

/// The number of children that share an arm of the loop. `conjoin` also has this number.
///
/// The way to an arm takes ten instructions, and the way from a child to the next one in the arm two, if that one is due.
const CHUNK: usize = 8;

impl Emitter<'_> {
    /// Statements that bind the values of the children. If they can fail, an error leaves the block around them.
    pub(super) fn wide(
        &self,
        children: &[Child],
        pace: PollsPerTurn,
        leave: Option<ErrorExit>,
    ) -> TokenStream {
        let (private, width) = (&self.private, children.len());
        let chunks = children
            .chunks(CHUNK)
            .enumerate()
            .map(|(number, children)| {
                let places = number * CHUNK..number * CHUNK + children.len();
                let polls = children.iter().zip(places.clone());
                let polls = polls.map(|(child, place)| self.poll_in_chunk(child, place));
                ours!(#(#places)|* => { #(#polls)* })
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
        let joined = ours!({
            let mut __conjoin_running = #private::Running::<#words, #width, #pace>::new();
            let mut __conjoin_wakers = #private::Wakers::<#groups, #words>::new();
            #private::wide({ #[inline(always)] move |__conjoin_cx| {
                {
                    let __conjoin_lending = __conjoin_wakers.begin_poll(__conjoin_cx.waker());
                    let mut __conjoin_chunks = __conjoin_running.begin_poll(&__conjoin_lending);
                    while let #private::Some(__conjoin_place) = __conjoin_chunks.next_place() {
                        match __conjoin_place {
                            #(#chunks)*
                            _ => {}
                        }
                    }
                }
                if __conjoin_running.is_none() {
                    #private::Poll::Ready(#made)
                } else {
                    #private::Poll::Pending
                }
            } })
        });
        let joined = self.propagate(&tasks, leave, &joined);
        ours!(#values = { #(#pins)* let __conjoin_joined = #joined; __conjoin_joined };)
    }
}

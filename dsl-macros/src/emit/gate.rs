//! Children in a loop of their own. Each starts when its gate opens.

use proc_macro2::{Literal, TokenStream};

use super::polled::{Polled, polled, sparse_words, start_behind, words};
use super::{Emitter, bundle};
use crate::lower::{Gate, Link, Printed, Slot, Slots};

impl Emitter<'_> {
    /// Statements that bind the values of a part behind gates. What its tasks need of each other is in slots.
    pub(super) fn gated(&self, gate: &Gate) -> TokenStream {
        let (private, children) = (&self.private, &gate.children);
        let printed = gate.order.iter().map(|printed| {
            let rows = gate.block(*printed);
            let rows = rows.map(|block| self.open_rows(block, &gate.slots));
            let printed = match *printed {
                Printed::Child(place) if gate.is_few() => {
                    self.few_before(&children[place].child, gate)
                }
                Printed::Child(place) => self.pin(&children[place].child, &gate.slots),
                Printed::Piece(number) => self.piece(&gate.pieces[number], &gate.slots),
            };
            ours!(#rows #printed)
        });
        let blocks = gate.order.iter().filter_map(|printed| gate.block(*printed));
        let rows = blocks.map(|block| Self::declare_rows(block, &gate.slots));
        let returned = children
            .iter()
            .filter(|gated| !gated.child.values.is_empty());
        let groups: Vec<_> = returned.map(|gated| gated.child.values.clone()).collect();
        let values = self.declare(&groups);
        let tasks = children.iter().flat_map(|gated| gated.child.tasks());
        let tasks: Vec<usize> = tasks.copied().collect();
        let join = if gate.is_few() {
            self.few_chains(gate)
        } else {
            self.propagate(&tasks, gate.leave, &self.gate_loop(gate))
        };
        let (inside, outside): (Vec<_>, Vec<_>) = gate
            .slots
            .iter()
            .partition(|(task, _)| tasks.contains(task));
        let declared = inside
            .iter()
            .map(|(task, slot)| self.declare_slot(**task, slot));
        let opened = inside
            .iter()
            .map(|(task, slot)| Self::open_slot(**task, slot));
        let filled = outside
            .iter()
            .map(|(task, slot)| self.fill_before(**task, slot));
        let width = children.len();
        let count = width.div_ceil(64);
        let gates = gate.awaited.map(|awaited| {
            let running = (0..width).filter(|&place| !children[place].waits);
            let running = words(width, running);
            let awaited = awaited.div_ceil(64);
            ours!(let __conjoin_gates = #private::Gates::<#awaited, #count>::new([#(#running),*]);)
        });
        let places = gate.counts_items.then(
            || ours!(let __conjoin_places = #private::Places::<#count>::new(__conjoin_limit);),
        );
        let is_passed_on = |(task, slot): &(&usize, &Slot)| {
            slot.place.is_none() && !self.checked.is_gone_after(**task, &tasks)
        };
        let left = inside.iter().filter(|slot| is_passed_on(slot));
        let left = left.map(|(task, _)| self.empty_slot(**task));
        let rows_left = self.empty_rows(&gate.slots);
        ours! {
            #(#declared)*
            #(#rows)*
            #values = { #places #gates #(#opened)* #(#filled)* #(#printed)* let __conjoin_joined = #join; __conjoin_joined };
            #rows_left
            #(#left)*
        }
    }

    /// The statements of a task of a chain: they wait for other chains before it, and say so to them after it.
    pub(super) fn link(&self, link: &Link, slots: &Slots) -> TokenStream {
        let task = &link.task;
        let gate = link.gate.iter().map(|&at| Literal::usize_unsuffixed(at));
        let gate = gate.map(|at| ours!(__conjoin_gates.wait(#at).await;));
        let ends = link.awaited.as_ref().map(|(number, chains)| {
            let chains = sparse_words(chains.iter().copied());
            let chains = chains.map(|(word, bits)| ours!((#word, #bits)));
            ours!(__conjoin_gates.end(#number, [#(#chains),*]);)
        });
        let statements = self.task(task, slots, false);
        let run = if let Some(slot) = slots.get(&task.index) {
            Self::fill(task.index, slot, &statements)
        } else {
            let value = self.declare(&[vec![task.index]]);
            ours!(#value = { #statements __conjoin_value };)
        };
        ours!(#(#gate)* #run #ends)
    }

    /// A future that polls each child from the moment on when its gate is open, and yields the values of those that are in
    /// no slot.
    fn gate_loop(&self, gate: &Gate) -> TokenStream {
        let (private, pace, width) = (&self.private, gate.pace, gate.children.len());
        let Loop {
            state,
            wakers,
            poll,
        } = match gate.awaited {
            Some(_) => self.loop_of_chains(gate),
            None => self.limited_loop(gate),
        };
        let returned = gate
            .children
            .iter()
            .filter(|it| !it.child.values.is_empty());
        let values = bundle(returned.map(|gated| self.taken(&gated.child)));
        let values = if gate.leave.is_some() {
            self.whole_block(&values)
        } else {
            values
        };
        ours!({
            let mut __conjoin_tasks = #private::#state;
            #wakers
            #private::join::<#width, #pace, _, _>(move |__conjoin_cx, __conjoin_start| {
                #poll
                if __conjoin_tasks.none_runs() {
                    #private::Poll::Ready(#values)
                } else {
                    #private::Poll::Pending
                }
            })
        })
    }

    /// The chains wait at their gates, and the loop polls those that do not.
    fn loop_of_chains(&self, gate: &Gate) -> Loop {
        let (private, width) = (&self.private, gate.children.len());
        let Polled {
            wakers,
            begin,
            lend,
        } = polled(private, width, gate.is_wide);
        let children = gate.children.iter().enumerate();
        let polls: Vec<_> = children
            .map(|(place, gated)| {
                let child = &gated.child;
                let lend = lend
                    .as_ref()
                    .map(|lend| ours!(let __conjoin_at = #place; #lend));
                let poll = self.poll_in_loop(child, &ours!(__conjoin_due.end(#place);));
                ours!(if __conjoin_due.takes_turn(#place) { #lend #poll })
            })
            .collect();
        let chunk = chunk(width);
        let polls = if width <= chunk {
            ours!(loop { #(#polls)* if !__conjoin_due.goes_on() { break; } })
        } else {
            let chunks = polls.chunks(chunk).enumerate();
            let chunks = chunks.map(|(number, polls)| ours!(#number => { #(#polls)* }));
            ours! {
                while let #private::Some(__conjoin_chunk) = __conjoin_due.next_chunk::<#chunk>() {
                    match __conjoin_chunk { #(#chunks)* _ => {} }
                }
            }
        };
        Loop {
            state: ours!(Chains::new(&__conjoin_gates)),
            wakers,
            poll: ours!(#begin #polls),
        }
    }

    /// Under a limit, the loop starts the children, in the order of their places.
    fn limited_loop(&self, gate: &Gate) -> Loop {
        let (private, children) = (&self.private, &gate.children);
        let width = children.len();
        let roots = (0..width).filter(|&place| children[place].gate.is_empty());
        let roots = words(width, roots);
        let mut starts = vec![TokenStream::new(); width];
        for (place, behind) in children.iter().enumerate() {
            let start = start_behind(place, behind.gate.iter().copied());
            for &need in &behind.gate {
                starts[need].extend(start.clone());
            }
        }
        let arms = children
            .iter()
            .zip(&starts)
            .enumerate()
            .map(|(place, (gated, starts))| {
                let child = &gated.child;
                let poll = self.poll_in_loop(child, &ours!(__conjoin_tasks.end(#place); #starts));
                ours!(#place => #poll)
            });
        let state = if gate.counts_items {
            ours!(LimitedItems::new([#(#roots),*], &__conjoin_places))
        } else {
            ours!(Limited::new([#(#roots),*], __conjoin_limit))
        };
        let Polled {
            wakers,
            begin,
            lend,
        } = polled(private, width, gate.is_wide);
        let poll = ours! {
            #begin
            while let #private::Some(__conjoin_at) = __conjoin_tasks.next_due(&mut __conjoin_due) {
                #lend
                match __conjoin_at {
                    #(#arms)*
                    _ => {}
                }
            }
        };
        Loop {
            state,
            wakers,
            poll,
        }
    }
}

/// The code of a loop.
struct Loop {
    /// Which children run.
    state: TokenStream,
    wakers: Option<TokenStream>,
    /// The statements that poll those that are due.
    poll: TokenStream,
}

/// The number of children that share an arm of the loop, and are each tested there for whether they are due.
///
/// A test takes two or three instructions, the way to an arm twenty. So larger chunks are cheaper where many children are
/// due, as at the first poll, and smaller ones where one is.
fn chunk(width: usize) -> usize {
    if width > 16 { 4 } else { 8 }
}

//! Children in a loop of their own. Each starts when its gate opens.

use proc_macro2::TokenStream;

use super::polled::{Polled, polled, sparse_words, start_behind, words};
use super::{Emitter, bundle};
use crate::lower::{Gate, Gated, Link, Slots};

impl Emitter<'_> {
    /// Statements that bind the values of a part behind gates. What its tasks need of each other is in slots.
    pub(super) fn gated(&self, gate: &Gate) -> TokenStream {
        let (private, children) = (&self.private, &gate.children);
        let starts = children.iter().map(|it| self.pin(&it.child, &gate.slots));
        let returned = children
            .iter()
            .filter(|gated| !gated.child.values.is_empty());
        let groups: Vec<_> = returned.map(|gated| gated.child.values.clone()).collect();
        let values = self.declare(&groups);
        let tasks = children.iter().flat_map(|gated| gated.child.tasks());
        let tasks: Vec<usize> = tasks.copied().collect();
        let join = self.propagate(&tasks, gate.leave, &self.gate_loop(gate));
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
            let waiting = children.iter().filter(|gated| gated.waits);
            let waiting = words(width, waiting.map(|gated| gated.place));
            let awaited = awaited.div_ceil(64);
            ours!(let __conjoin_gates = #private::Gates::<#awaited, #count>::new([#(#waiting),*]);)
        });
        let places = gate.counts_items.then(
            || ours!(let __conjoin_places = #private::Places::<#count>::new(__conjoin_limit);),
        );
        let is_left = |task: usize| !self.checked.is_gone_after(task, &tasks);
        let left = inside.iter().filter(|(task, _)| is_left(**task));
        let left = left.map(|(task, _)| {
            let (name, value) = (self.declare(&[vec![**task]]), Self::empty(**task));
            ours!(#name = #value;)
        });
        ours! {
            #(#declared)*
            #values = { #places #gates #(#opened)* #(#filled)* #(#starts)* let __conjoin_joined = #join; __conjoin_joined };
            #(#left)*
        }
    }

    /// The statements of a task of a chain: they wait for other chains before it, and say so to them after it.
    pub(super) fn link(&self, link: &Link, slots: &Slots) -> TokenStream {
        let (chain, task) = (link.chain, &link.task);
        let gate = (!link.gate.is_empty()).then(|| {
            let gate = sparse_words(link.gate.iter().copied());
            ours!(__conjoin_gates.pass(#chain, [#(#gate),*]).await;)
        });
        let ends = link.awaited.as_ref().map(|(number, chains)| {
            let chains = sparse_words(chains.iter().copied());
            ours!(__conjoin_gates.end(#number, [#(#chains),*]);)
        });
        let statements = self.task(task, slots);
        let run = if let Some(slot) = slots.get(&task.index) {
            let fill = Self::fill(task.index, slot);
            ours!({ #statements #fill })
        } else {
            let value = self.declare(&[vec![task.index]]);
            ours!(#value = { #statements __conjoin_value };)
        };
        ours!(#gate #run #ends)
    }

    /// A future that polls each child from the moment on when the children at its gate have completed, and yields the
    /// values of those that are in no slot. If their number is limited, ready children start in the order of their places.
    fn gate_loop(&self, gate: &Gate) -> TokenStream {
        let (private, pace, children) = (&self.private, gate.pace, &gate.children);
        let width = children.len();
        let roots = children.iter().filter(|gated| gated.gate.is_empty());
        let roots = words(width, roots.map(|gated| gated.place));
        let mut starts = vec![TokenStream::new(); width];
        for behind in children {
            let start = start_behind(behind.place, behind.gate.iter().copied());
            for &need in &behind.gate {
                starts[need].extend(start.clone());
            }
        }
        let arms = children.iter().map(|Gated { child, place, .. }| {
            let starts = &starts[*place];
            let poll = self.poll_in_loop(child, &ours!(__conjoin_tasks.end(#place); #starts));
            ours!(#place => #poll)
        });
        let returned = children
            .iter()
            .filter(|gated| !gated.child.values.is_empty());
        let values = bundle(returned.map(|gated| self.taken(&gated.child)));
        let values = if gate.leave.is_some() {
            self.whole_block(&values)
        } else {
            values
        };
        let tasks = if gate.awaited.is_some() {
            ours!(Chains::new([#(#roots),*], &__conjoin_gates))
        } else if gate.counts_items {
            ours!(LimitedItems::new([#(#roots),*], &__conjoin_places))
        } else if self.checked.options.limit.is_some() {
            ours!(Limited::new([#(#roots),*], __conjoin_limit))
        } else {
            ours!(Tasks::new([#(#roots),*]))
        };
        let Polled {
            wakers,
            begin,
            lend,
        } = polled(private, width, gate.is_wide);
        ours!({
            let mut __conjoin_tasks = #private::#tasks;
            #wakers
            #private::join::<#width, #pace, _, _>(move |__conjoin_cx, __conjoin_start| {
                #begin
                while let #private::Some(__conjoin_at) = __conjoin_tasks.next_due(&mut __conjoin_due) {
                    #lend
                    match __conjoin_at {
                        #(#arms)*
                        _ => {}
                    }
                }
                if __conjoin_tasks.none_runs() {
                    #private::Poll::Ready(#values)
                } else {
                    #private::Poll::Pending
                }
            })
        })
    }
}

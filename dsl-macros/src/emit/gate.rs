//! Children in a loop of their own. Each starts when its gate opens.

use proc_macro2::TokenStream;

use super::polled::{Polled, polled, start_behind, words};
use super::{Emitter, bundle};
use crate::lower::{Gate, Gated};

impl Emitter<'_> {
    /// Statements that bind the values of a part behind gates. What its tasks need of each other is in slots.
    pub(super) fn gated(&self, gate: &Gate) -> TokenStream {
        let (private, children) = (&self.private, &gate.children);
        let starts = children.iter().map(|it| self.pin(&it.child, &gate.slots));
        let returned = children.iter().filter(|gated| gated.is_returned);
        let groups: Vec<_> = returned.map(|gated| gated.child.values.clone()).collect();
        let values = self.declare(&groups);
        let tasks: Vec<usize> = children
            .iter()
            .flat_map(|gated| gated.child.values.iter().copied())
            .collect();
        let parts = children.iter().flat_map(|gated| gated.child.tasks());
        let parts: Vec<usize> = parts.copied().collect();
        let join = self.propagate(&parts, gate.leave, &self.gate_loop(gate));
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
        let words = children.len().div_ceil(64);
        let places = gate.counts_items.then(
            || ours!(let __conjoin_places = #private::Places::<#words>::new(__conjoin_limit);),
        );
        let is_left = |task: usize| !self.checked.is_gone_after(task, &tasks);
        let left = inside.iter().filter(|(task, _)| is_left(**task));
        let left = left.map(|(task, _)| {
            let (name, value) = (self.declare(&[vec![**task]]), Self::empty(**task));
            ours!(#name = #value;)
        });
        ours! {
            #(#declared)*
            #values = { #places #(#opened)* #(#filled)* #(#starts)* let __conjoin_joined = #join; __conjoin_joined };
            #(#left)*
        }
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
            let start = start_behind(width, behind.place, behind.gate.iter().copied());
            for &need in &behind.gate {
                starts[need].extend(start.clone());
            }
        }
        let arms = children.iter().map(|Gated { child, place, .. }| {
            let starts = &starts[*place];
            let poll = self.poll_in_loop(child, &ours!(__conjoin_tasks.end(#place); #starts));
            ours!(#place => #poll)
        });
        let returned = children.iter().filter(|gated| gated.is_returned);
        let values = bundle(returned.map(|gated| self.taken(&gated.child)));
        let values = if gate.leave.is_some() {
            self.whole_block(&values)
        } else {
            values
        };
        let tasks = if gate.counts_items {
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

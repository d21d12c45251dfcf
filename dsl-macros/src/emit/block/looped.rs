//! Children in a loop of their own. Each starts when its gate opens.

use proc_macro2::TokenStream;

use super::join::{drops, kept_exits, place_of};
use super::{Printer, Scope, future, output, place, setter, token};
use crate::emit::bundle;
use crate::emit::polled::{Polled, polled, start_behind, words};
use crate::lower::{GroupChild, GroupKind, GroupLoop, GroupSlot};

impl Printer<'_> {
    pub(super) fn looped(&self, part: &GroupLoop, scope: &Scope<'_>, pace: usize) -> TokenStream {
        let private = self.private;
        let pace = (pace * part.children.len()).min(1 << 16);
        let all: Vec<_> = part.children.iter().collect();
        let slots = part.slots.iter().map(|slot| {
            let name = place(slot);
            if let GroupKind::Lent(_) = slot.kind {
                ours!(let mut #name = #private::Slot::new();)
            } else {
                ours!(let mut #name = #private::Passed::new();)
            }
        });
        let opened = part.slots.iter().map(open);
        let pins = all.iter().map(|child| {
            let (name, output) = (future(child), output(child));
            let (made, part) = (self.future(child, &part.slots, pace), self.part(child));
            ours! {
                let #name = #private::pin!(#private::Some(#made));
            let mut #name = #private::Called::new(#name);
                #part
                #[allow(clippy::collection_is_never_read)]
                let mut #output = #private::None;
            }
        });
        let exits: Vec<_> = kept_exits(&all).collect();
        let outputs: Vec<_> = all.iter().map(|child| output(child)).collect();
        let run = self.run_loop(part, &all, pace);
        let bound = self.bind(&part.children, &part.slots, scope);
        ours! {
            #(#slots)*
            let (#(#outputs,)* #(#exits,)*) = { #(#opened)* #(#pins)* let __conjoin_joined = #run.await; __conjoin_joined };
            #bound
        }
    }

    fn run_loop(&self, part: &GroupLoop, all: &[&GroupChild], pace: usize) -> TokenStream {
        let private = self.private;
        let width = all.len();
        let can_exit = all.iter().any(|it| it.can_exit());
        let setup = self.set_up(all);
        let roots = (0..width).filter(|&place| part.gates[place].is_empty());
        let roots = words(width, roots);
        let mut starts = vec![TokenStream::new(); width];
        for (at, gate) in part.gates.iter().enumerate() {
            let start = start_behind(at, gate.iter().copied());
            let first = place_of(all[at]);
            for &need in gate {
                starts[need].extend(if can_exit {
                    ours!(if __conjoin_end > #first { #start })
                } else {
                    start.clone()
                });
            }
        }
        let arms = all.iter().enumerate().map(|(at, child)| {
            let (name, completed, starts) = (future(child), self.completed(child), &starts[at]);
            let after = if child.can_exit() {
                let first = place_of(child);
                ours! {
                    if __conjoin_end == #first {
                        __conjoin_tasks.end_from(&mut __conjoin_due, #at);
                    } else {
                        __conjoin_tasks.end(#at);
                        #starts
                    }
                }
            } else {
                ours!(__conjoin_tasks.end(#at); #starts)
            };
            ours! {
                #at => {
                    if let #private::Poll::Ready(__conjoin_result) =
                        #private::Future::poll(#name.as_mut(), __conjoin_cx)
                    {
                        #completed
                        #after
                    }
                }
            }
        });
        let tasks = if self.is_limited {
            ours!(Limited::new([#(#roots),*], __conjoin_limit))
        } else {
            ours!(Tasks::new([#(#roots),*]))
        };
        let Polled {
            wakers,
            begin,
            lend,
        } = polled(private, width, part.is_wide);
        let drops = can_exit.then(|| drops(all));
        let outputs = all.iter().map(|child| output(child));
        let exits = kept_exits(all);
        ours!({
            #setup
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
                #drops
                if __conjoin_tasks.none_runs() {
                    #private::Poll::Ready((#(#outputs.take(),)* #(#exits.take(),)*))
                } else {
                    #private::Poll::Pending
                }
            })
        })
    }
}

/// The tokens of the lines that reach a variable, which end before its slot does.
fn open(slot: &GroupSlot) -> TokenStream {
    let (slot_name, setter, name) = (place(slot), setter(slot), &slot.variable.name);
    let tokens = bundle(slot.users.iter().map(|&user| {
        let token = token(slot, user);
        ours!(#token)
    }));
    let made = bundle(slot.users.iter().map(|_| ours!(__conjoin_uses.take())));
    let held = match slot.kind {
        GroupKind::Lent(_) => return ours!(let (#setter, #slot_name) = #slot_name.split();),
        GroupKind::Passed(..) => {
            return ours! {
                let (#setter, #tokens) = {
                    let (__conjoin_giver, mut __conjoin_uses) = #slot_name.empty();
                    (__conjoin_giver, #made)
                };
            };
        }
        GroupKind::Outside => ours!(&mut #name),
        GroupKind::Behind => ours!(&mut *#name),
    };
    ours!(let #tokens = { let mut __conjoin_uses = #slot_name.holding(#held); #made };)
}

//! The parts of the plan as statements that bind the values of their tasks.

use proc_macro2::{Span, TokenStream, TokenTree};

use super::join::{Child, Gated, Polled, WIDE};
use super::slots::Slots;
use super::{Expander, Scope, bundle};
use crate::plan::{Plan, Stage};

/// The most parts of a series in one `async` block: what rustc takes for a block grows with the cube of its `await`s.
/// Checking a chain of 400 tasks takes 4.5 s in one block, 0.7 s in blocks of these.
const LONGEST: usize = 24;

impl Expander<'_> {
    /// Statements that bind the values of all tasks of `plan`, for the `async` block of the part around it.
    pub(super) fn bind(&self, plan: &Plan, scope: &Scope) -> TokenStream {
        match plan {
            Plan::Leaf(task) => {
                let value = self.declare(&[vec![*task]]);
                let task = self.task(*task, &Slots::new(), scope);
                ours!(#value = { #task __value };)
            }
            Plan::Series(parts) if parts.len() > LONGEST => self.bind_long_series(parts, scope),
            Plan::Series(parts) => parts.iter().map(|part| self.bind(part, scope)).collect(),
            Plan::Parallel(parts) => self.bind_parallel(parts, scope),
            Plan::Staged(stages) => self.bind_staged(stages, scope),
            Plan::Gated(tasks) => self.bind_gated(tasks, scope),
        }
    }

    /// Pieces of the series, each in a block of its own.
    fn bind_long_series(&self, parts: &[Plan], scope: &Scope) -> TokenStream {
        let pieces = parts.chunks(parts.len().div_ceil(LONGEST).max(LONGEST)).map(|piece| {
            let piece = Plan::Series(piece.to_vec());
            let child = self.child(0, &piece, scope.pace);
            let values = self.declare(&[self.made_by(&piece)]);
            let joined = self.propagate(child.fails.is_some(), child.fixes_error, &child.block, scope);
            ours!(#values = #joined;)
        });
        pieces.collect()
    }

    fn bind_parallel(&self, parts: &[Plan], scope: &Scope) -> TokenStream {
        let pace = (scope.pace * parts.len()).min(1 << 16);
        let children: Vec<_> = parts.iter().enumerate().map(|(index, part)| self.child(index, part, pace)).collect();
        let starts: Vec<_> = children.iter().map(|child| child.start(&self.private)).collect();
        let values = self.declare(&parts.iter().map(|part| self.made_by(part)).collect::<Vec<_>>());
        if parts.len() >= WIDE {
            let at_once = |(place, child)| Gated { child, place, gate: Vec::new(), is_returned: true };
            let gated: Vec<_> = children.into_iter().enumerate().map(at_once).collect();
            let join = self.gated(&gated, parts.len(), scope);
            return ours!(#values = { #(#starts)* let __joined = #join; __joined };);
        }
        let polled: Vec<_> = children.iter().map(|child| Polled { child, carried: false, awaited: true }).collect();
        let join = self.join(&polled, true, scope);
        ours!(#values = { #(#starts)* let __joined = #join; __joined };)
    }

    /// The values are declared outside, as the futures that borrow them must be gone before they are moved.
    fn bind_staged(&self, stages: &[Stage], scope: &Scope) -> TokenStream {
        let mut steps = TokenStream::new();
        let mut running: Vec<(usize, Child)> = Vec::new();
        for (index, stage) in stages.iter().enumerate() {
            let carried = running.len();
            for &task in &stage.start {
                let child = self.child(task, &Plan::Leaf(task), scope.pace);
                steps.extend(child.start(&self.private));
                running.push((task, child));
            }
            let polled = running.iter().enumerate().map(|(at, (task, child))| Polled {
                child,
                carried: at < carried,
                awaited: stage.finish.contains(task),
            });
            let polled: Vec<_> = polled.collect();
            let join = self.join(&polled, index + 1 == stages.len(), scope);
            let values =
                bundle(polled.iter().filter(|polled| polled.awaited).map(|polled| polled.child.values.clone()));
            let first = (carried > 0).then(|| ours!(let mut __first = true;));
            steps.extend(ours!(#first #values = #join;));
            running.retain(|(task, _)| !stage.finish.contains(task));
        }
        let values = stages.iter().flat_map(|stage| &stage.start).map(|&task| self.declare(&[vec![task]]));
        ours!(#(#values;)* { #steps })
    }

    /// What tasks of the part need of each other is in slots.
    fn bind_gated(&self, tasks: &[usize], scope: &Scope) -> TokenStream {
        let private = &self.private;
        let slots = self.slots(tasks);
        let children = tasks.iter().map(|&task| {
            let fails = self.fails(&Plan::Leaf(task));
            let inner = Scope::new(scope.pace);
            let body = self.task(task, &slots, &inner);
            let fixes_error = inner.error_is_fixed.get();
            let (fill, values, result) = match slots.get(&task) {
                Some(slot) => (slot.fill(private), ours!(()), fails.map(|_| ours!(()))),
                None => (TokenStream::new(), self.value(task), Some(ours!(__value))),
            };
            let result = result.map(|result| self.outcome(fails, &result));
            let block = self.child_block(&[task], ours!({ #body #fill #result }));
            Child { index: task, values, fails, fixes_error, block }
        });
        // A task's place is its rank by declaration.
        let mut declared = tasks.to_vec();
        declared.sort_unstable();
        let rank = |task: usize| declared.binary_search(&task).ok();
        let gated = children.zip(tasks).map(|(child, &task)| Gated {
            child,
            place: rank(task).expect("a task is among those of its part"),
            gate: self.checked.graph.needs(task).iter().filter_map(|&need| rank(need)).collect(),
            is_returned: !slots.contains_key(&task),
        });
        let gated: Vec<_> = gated.collect();
        let starts = gated.iter().map(|gated| gated.child.start(private));
        let values = tasks.iter().copied().filter(|task| !slots.contains_key(task));
        let values = self.declare(&values.map(|task| vec![task]).collect::<Vec<_>>());
        let join = self.gated(&gated, self.checked.graph.width(tasks), scope);

        let (inside, outside): (Vec<_>, Vec<_>) = slots.iter().partition(|(task, _)| tasks.contains(task));
        let declared = inside.iter().map(|(_, slot)| slot.declare(private));
        let filled = outside.iter().map(|&(&task, slot)| slot.declare_with(private, &self.values[task]));
        let left = inside.iter().filter(|&&(&task, _)| !self.is_gone_after(task, tasks)).map(|&(&task, slot)| {
            let (name, value) = (self.declare(&[vec![task]]), slot.empty(private));
            ours!(#name = #value;)
        });
        ours! {
            #(#declared)*
            #values = { #(#filled)* #(#starts)* let __joined = #join; __joined };
            #(#left)*
        }
    }

    /// A part as a future of its own: the values of its tasks, bundled.
    fn child(&self, index: usize, part: &Plan, pace: usize) -> Child {
        let fails = self.fails(part);
        let scope = Scope::new(pace);
        let values = bundle(self.made_by(part).into_iter().map(|task| self.value(task)));
        let (statements, result) = match part {
            Plan::Leaf(task) => (self.task(*task, &Slots::new(), &scope), ours!(__value)),
            part => (self.bind(part, &scope), values.clone()),
        };
        let fixes_error = scope.error_is_fixed.get();
        let result = self.outcome(fails, &result);
        let block = self.child_block(&part.tasks(), ours!({ #statements #result }));
        Child { index, values, fails, fixes_error, block }
    }

    /// The future of a part, in the place of the body of its first task.
    fn child_block(&self, tasks: &[usize], block: TokenStream) -> TokenStream {
        let body = tasks.iter().min().map(|&task| &self.auto.tasks[task].body.tokens);
        let first = body.and_then(|tokens| tokens.first()).map(TokenTree::span);
        let last = body.and_then(|tokens| tokens.last()).map(TokenTree::span);
        Self::async_block(first, last, block)
    }

    /// The tasks of a part whose values are there when it has ended.
    fn made_by(&self, part: &Plan) -> Vec<usize> {
        let tasks = part.tasks();
        tasks.iter().copied().filter(|&task| !self.is_gone_after(task, &tasks)).collect()
    }

    pub(super) fn value(&self, task: usize) -> TokenStream {
        let value = &self.values[task];
        ours!(#value)
    }

    /// `let` and the pattern for the values of groups of tasks. Those that are changed in place are so later, not
    /// always in this very place.
    fn declare(&self, groups: &[Vec<usize>]) -> TokenStream {
        let is_changed = |task: usize| {
            let users = &self.checked.users[task];
            !users.changers.is_empty() || self.checked.options.settle && users.taker.is_some()
        };
        let pattern = bundle(groups.iter().map(|group| {
            bundle(group.iter().map(|&task| {
                let value = &self.values[task];
                if is_changed(task) { ours!(mut #value) } else { ours!(#value) }
            }))
        }));
        let allow = groups.iter().flatten().any(|&task| is_changed(task)).then(|| ours!(#[allow(unused_mut)]));
        ours!(#allow let #pattern)
    }

    /// The result of a block, which is an `Ok` when it can fail.
    fn outcome(&self, fails: Option<Span>, value: &TokenStream) -> TokenStream {
        let private = &self.private;
        if fails.is_some() { ours!(#private::Ok(#value)) } else { value.clone() }
    }

    /// Where the first error of a part can come from.
    fn fails(&self, part: &Plan) -> Option<Span> {
        part.tasks().into_iter().find_map(|task| self.question(task))
    }
}

//! The parts of the plan as statements that bind the values of their tasks.

use proc_macro2::{Span, TokenStream, TokenTree};

use super::join::{Child, Gated, ResolvesTo, WIDE};
use super::slots::Slots;
use super::{Expander, Scope, bundle, in_front_of};
use crate::plan::{Plan, Stage};

/// The most `await`s in the `async` block of a series: what rustc takes for a block grows with the cube of them. Checking a
/// chain of 400 tasks takes 4.5 s in one block, 0.7 s in blocks of these.
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
            Plan::Series(parts) if awaits(plan) > LONGEST => self.bind_long_series(parts, scope),
            Plan::Series(parts) => self.bind_series(parts, scope),
            Plan::Parallel(parts) => self.bind_parallel(parts, scope),
            Plan::Staged(stages) => self.bind_staged(stages, scope),
            Plan::Gated(tasks) => self.bind_gated(tasks, scope),
        }
    }

    /// Pieces of the series, each in a block of its own.
    fn bind_long_series(&self, parts: &[Plan], scope: &Scope) -> TokenStream {
        let most = awaits_of(parts).div_ceil(LONGEST).max(LONGEST);
        let mut pieces: Vec<&[Plan]> = Vec::new();
        let mut rest = parts;
        while !rest.is_empty() {
            let fits = |&length: &usize| length == 1 || awaits_of(&rest[..length]) <= most;
            let (piece, after) =
                rest.split_at((1..=rest.len()).take_while(fits).last().unwrap_or(1));
            pieces.push(piece);
            rest = after;
        }
        let pieces = pieces.into_iter().map(|piece| match piece {
            [part] => self.bind_in_block(part, scope),
            parts => self.bind_in_block(&Plan::Series(parts.to_vec()), scope),
        });
        pieces.collect()
    }

    /// A join has several `await`s, and what lives across two of them shares its room with nothing else in the same block:
    /// of several joins, each gets a block of its own, where its futures lie in the room of the last one's. A single one
    /// does without, which is a state machine less.
    fn bind_series(&self, parts: &[Plan], scope: &Scope) -> TokenStream {
        let is_join = |part: &&Plan| awaits(part) > 1;
        let shares = parts.iter().filter(is_join).count() > 1;
        let bind = |part| {
            if shares && is_join(&part) {
                self.bind_in_block(part, scope)
            } else {
                self.bind(part, scope)
            }
        };
        parts.iter().map(bind).collect()
    }

    /// A part in an `async` block of its own.
    fn bind_in_block(&self, part: &Plan, scope: &Scope) -> TokenStream {
        let child = self.child(0, part, scope.pace);
        let values = self.declare(&[self.made_by(part)]);
        let joined = self.propagate(
            child.fails().is_some(),
            child.fixes_error,
            &child.future,
            scope,
        );
        ours!(#values = #joined;)
    }

    fn bind_parallel(&self, parts: &[Plan], scope: &Scope) -> TokenStream {
        let pace = (scope.pace * parts.len()).min(1 << 16);
        let is_wide = parts.len() >= WIDE;
        let child = |(index, part)| {
            if is_wide {
                self.child(index, part, pace)
            } else {
                self.bare(index, part, pace)
            }
        };
        let children: Vec<_> = parts.iter().enumerate().map(child).collect();
        let values = self.declare(
            &parts
                .iter()
                .map(|part| self.made_by(part))
                .collect::<Vec<_>>(),
        );
        if is_wide {
            let pinned: TokenStream = children
                .iter()
                .map(|child| child.pin(&self.private))
                .collect();
            let at_once = |(place, child)| Gated {
                child,
                place,
                gate: Vec::new(),
                is_returned: true,
            };
            let gated: Vec<_> = children.into_iter().enumerate().map(at_once).collect();
            let join = self.gated(&gated, parts.len(), scope);
            return ours!(#values = { #pinned let __joined = #join; __joined };);
        }
        let starts: TokenStream = children
            .iter()
            .map(|child| self.start(child, scope))
            .collect();
        let children: Vec<_> = children.iter().collect();
        let wait = self.wait(&children, &children, scope);
        let made = bundle(children.iter().map(|child| child.take(&self.private)));
        ours!(#values = { #starts #wait #made };)
    }

    /// The values are declared outside, as the futures that borrow them must be gone before they are moved.
    fn bind_staged(&self, stages: &[Stage], scope: &Scope) -> TokenStream {
        let mut steps = TokenStream::new();
        let mut running: Vec<(usize, Child)> = Vec::new();
        for stage in stages {
            for &task in &stage.start {
                let child = self.bare(task, &Plan::Leaf(task), scope.pace);
                steps.extend(self.start(&child, scope));
                running.push((task, child));
            }
            let all: Vec<_> = running.iter().map(|(_, child)| child).collect();
            let finish = running
                .iter()
                .filter(|(task, _)| stage.finish.contains(task));
            let awaited: Vec<_> = finish.map(|(_, child)| child).collect();
            steps.extend(self.wait(&all, &awaited, scope));
            for child in awaited {
                let (values, made) = (&child.values, child.take(&self.private));
                steps.extend(ours!(#values = #made;));
            }
            running.retain(|(task, _)| !stage.finish.contains(task));
        }
        let values = stages
            .iter()
            .flat_map(|stage| &stage.start)
            .map(|&task| self.declare(&[vec![task]]));
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
            let fixed = fails.and_then(|_| self.fix_error());
            let future = self.child_block(&[task], ours!({ #fixed #body #fill #result }));
            Self::block_child(task, values, fails, fixes_error, future)
        });
        // A task's place is its rank by declaration.
        let mut declared = tasks.to_vec();
        declared.sort_unstable();
        let rank = |task: usize| declared.binary_search(&task).ok();
        let gated = children.zip(tasks).map(|(child, &task)| Gated {
            child,
            place: rank(task).expect("a task is among those of its part"),
            gate: self
                .checked
                .graph
                .needs(task)
                .iter()
                .filter_map(|&need| rank(need))
                .collect(),
            is_returned: !slots.contains_key(&task),
        });
        let gated: Vec<_> = gated.collect();
        let starts = gated.iter().map(|gated| gated.child.pin(private));
        let values = tasks
            .iter()
            .copied()
            .filter(|task| !slots.contains_key(task));
        let values = self.declare(&values.map(|task| vec![task]).collect::<Vec<_>>());
        let join = self.gated(&gated, self.checked.graph.width(tasks), scope);

        let (inside, outside): (Vec<_>, Vec<_>) =
            slots.iter().partition(|(task, _)| tasks.contains(task));
        let declared = inside.iter().map(|(_, slot)| slot.declare(private));
        let filled = outside
            .iter()
            .map(|&(&task, slot)| slot.declare_with(private, &self.values[task]));
        let left = inside
            .iter()
            .filter(|&&(&task, _)| !self.is_gone_after(task, tasks))
            .map(|&(&task, slot)| {
                let (name, value) = (self.declare(&[vec![task]]), slot.empty(private));
                ours!(#name = #value;)
            });
        ours! {
            #(#declared)*
            #values = { #(#filled)* #(#starts)* let __joined = #join; __joined };
            #(#left)*
        }
    }

    /// A part that is polled as soon as it is made: a call needs no block that puts it off until then.
    fn bare(&self, index: usize, part: &Plan, pace: usize) -> Child {
        let called = if let Plan::Leaf(task) = part {
            self.called(index, *task)
        } else {
            None
        };
        called.unwrap_or_else(|| self.child(index, part, pace))
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
        let fixed = fails.and_then(|_| self.fix_error());
        let future = self.child_block(&part.tasks(), ours!({ #fixed #statements #result }));
        Self::block_child(index, values, fails, fixes_error, future)
    }

    /// A child that is an `async` block of ours, in which `fails` is the first `?`.
    fn block_child(
        index: usize,
        values: TokenStream,
        fails: Option<Span>,
        fixes_error: bool,
        future: TokenStream,
    ) -> Child {
        let resolves_to = fails.map_or(ResolvesTo::Values, ResolvesTo::Result);
        Child {
            index,
            values,
            resolves_to,
            fixes_error,
            future,
            is_bare: false,
            awaits: ours!(.await),
        }
    }

    /// The future of a part, in the place of the body of its first task.
    fn child_block(&self, tasks: &[usize], block: TokenStream) -> TokenStream {
        let body = tasks
            .iter()
            .min()
            .map(|&task| &self.auto.tasks[task].body.tokens);
        let first = body
            .and_then(|tokens| tokens.first())
            .map(|first| match first {
                TokenTree::Ident(ident) => in_front_of(ident.span()),
                first => first.span(),
            });
        let last = body.and_then(|tokens| tokens.last()).map(TokenTree::span);
        Self::async_block(first, last, block)
    }

    /// The tasks of a part whose values are there when it has ended.
    fn made_by(&self, part: &Plan) -> Vec<usize> {
        let tasks = part.tasks();
        tasks
            .iter()
            .copied()
            .filter(|&task| !self.is_gone_after(task, &tasks))
            .collect()
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
                if is_changed(task) {
                    ours!(mut #value)
                } else {
                    ours!(#value)
                }
            }))
        }));
        let allow = groups
            .iter()
            .flatten()
            .any(|&task| is_changed(task))
            .then(|| ours!(#[allow(unused_mut)]));
        ours!(#allow let #pattern)
    }

    /// The result of a block, which is an `Ok` when it can fail.
    fn outcome(&self, fails: Option<Span>, value: &TokenStream) -> TokenStream {
        let private = &self.private;
        if fails.is_some() {
            ours!(#private::Ok(#value))
        } else {
            value.clone()
        }
    }

    /// Where the first error of a part can come from.
    fn fails(&self, part: &Plan) -> Option<Span> {
        part.tasks()
            .into_iter()
            .find_map(|task| self.question(task))
    }
}

/// How often a plan is about to `await` in the block that it is bound in.
fn awaits(plan: &Plan) -> usize {
    let join = |starts: usize, running: usize| starts + if running == 2 { 3 } else { running } + 1;
    match plan {
        Plan::Leaf(_) | Plan::Gated(_) => 1,
        Plan::Parallel(parts) if parts.len() >= WIDE => 1,
        Plan::Parallel(parts) => join(parts.len(), parts.len()),
        Plan::Series(parts) => awaits_of(parts),
        Plan::Staged(stages) => {
            let mut running = 0;
            let joins = stages.iter().map(|stage| {
                running += stage.start.len();
                let awaits = join(stage.start.len(), running);
                running -= stage.finish.len();
                awaits
            });
            joins.sum()
        }
    }
}

fn awaits_of(parts: &[Plan]) -> usize {
    parts.iter().map(awaits).sum()
}

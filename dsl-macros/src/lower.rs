//! The plan as blocks, joins and slots: every decision that printing needs.
//!
//! A [`Step`] binds the values of its tasks in the `async` block around it. A series is a list of steps. Parts that run
//! concurrently are [`Child`]ren: a bare call is polled directly, and any other part is an `async` block of its own.
//! [`slots`] says where the tasks of a gated part find each other's values.
//!
//! rustc infers the type of an error in source order. So this stage walks the plan in the order in which it is printed. For
//! each error that leaves a block, it notes whether its type is fixed by then ([`ErrorExit`]).

use proc_macro2::{Ident, Span};

use crate::ast::{Access, Attribute, Auto, Binding, Dependency, unraw};
use crate::check::{Checked, number};
use crate::plan::{Plan, WIDE};
use crate::syntax::Code;
use crate::syntax::calls::{Call, Names, bare_call};

mod block;
mod chains;
mod gated;
mod lowered;
mod run;
mod slots;
#[cfg(test)]
mod tests;
mod tuples;

pub(crate) use block::{
    Child as GroupChild, Content as GroupContent, Kind as GroupKind, Loop as GroupLoop,
    Node as GroupNode, Output as GroupOutput, Slot as GroupSlot, Start as GroupStart, lower_group,
};
pub(crate) use chains::{Chains, chains};
pub(crate) use lowered::{
    Around, Block, BlockContent, Child, ErrorExit, Future, Gate, Gated, Items, Link, Lowered,
    OutcomeUse, OwnBlock, Piece, PollsPerTurn, Printed, ResolvesTo, Run, Seats, Step, Task,
};
use slots::put_in_row;
pub(crate) use slots::{Kind, Place, Slot, Slots, Use, slots};
use tuples::tuples;
pub(crate) use tuples::{InTuple, Tuples};

/// The most `await`s in the `async` block of a series: rustc's time for a block grows with the cube of their number. It checks
/// a chain of 400 tasks in 4.5 s as one block, and in 0.7 s as blocks of this length.
const LONGEST: usize = 24;

/// What is known at a place in an `async` block.
struct Scope {
    /// Whether the code before this place fixes the type of the block's error.
    error_is_fixed: bool,
    /// Whether that code decides between `Result` and `Option`.
    is_decided: bool,
    /// Whether the block may resolve to either.
    is_open: bool,
    pace: PollsPerTurn,
}

impl Scope {
    /// How an error leaves at this place. `is_fixed` says whether its type is fixed.
    fn comparison(&self, is_fixed: bool) -> ErrorExit {
        if self.error_is_fixed && is_fixed {
            ErrorExit::Compare
        } else if self.is_open && self.is_decided {
            ErrorExit::CompareKind
        } else {
            ErrorExit::Infer
        }
    }

    /// The same, for an error that does leave here: later errors are compared with it.
    fn leave(&mut self, is_fixed: bool) -> ErrorExit {
        let leave = self.comparison(is_fixed);
        self.error_is_fixed |= is_fixed;
        self.is_decided = true;
        leave
    }

    /// The same as [`leave`](Self::leave), if the code can fail.
    fn leave_if(&mut self, fails: bool, is_fixed: bool) -> ErrorExit {
        if fails {
            self.leave(is_fixed)
        } else {
            ErrorExit::Infer
        }
    }
}

pub(crate) fn lower(auto: &Auto, checked: &Checked, plan: Option<&Plan>) -> Lowered {
    let mut lowering = Lowering {
        auto,
        checked,
        is_open: false,
    };
    lowering.is_open = lowering.is_open();
    let mut scope = lowering.scope(1);
    let steps = plan.map_or_else(Vec::new, |plan| lowering.steps(plan, &mut scope));
    let final_arm = auto.final_arm.as_ref();
    let of_tasks = (0..auto.tasks.len()).find_map(|task| lowering.question(task));
    Lowered {
        tuples: tuples(checked, &steps),
        steps,
        shared: Vec::new(),
        fails: of_tasks.or_else(|| final_arm.and_then(Code::question)),
        final_arm: final_arm.map(|code| lowering.final_arm(code, &mut scope)),
        error_is_fixed: scope.error_is_fixed,
        is_open: lowering.is_open,
    }
}

/// Whether the children of a loop have wakers of their own: if `width` of them can run at a time.
pub(crate) fn is_wide(checked: &Checked, most_at_once: usize) -> bool {
    let limit = checked.options.limit.as_ref().and_then(number);
    limit.map_or(most_at_once, |limit| limit.min(most_at_once)) >= WIDE
}

struct Lowering<'a> {
    auto: &'a Auto,
    checked: &'a Checked,
    /// Whether the graph may resolve to an `Option`.
    is_open: bool,
}

impl Lowering<'_> {
    /// That of a new block.
    fn scope(&self, pace: PollsPerTurn) -> Scope {
        Scope {
            error_is_fixed: false,
            is_decided: false,
            is_open: self.is_open && !self.checked.breaks,
            pace,
        }
    }

    /// Steps that bind the values of all tasks of `plan`.
    fn steps(&self, plan: &Plan, scope: &mut Scope) -> Vec<Step> {
        match plan {
            Plan::Leaf(task) => vec![Step::Task(self.task(*task, scope))],
            Plan::Series(parts) if parts.len() > LONGEST => self.long_series(parts, scope),
            Plan::Series(parts) => parts
                .iter()
                .flat_map(|part| self.steps(part, scope))
                .collect(),
            Plan::Parallel(parts) => vec![self.parallel(parts, scope)],
            Plan::Gated(tasks) => vec![self.gated(tasks, scope)],
        }
    }

    /// Pieces of the series, each in a block of its own.
    fn long_series(&self, parts: &[Plan], scope: &mut Scope) -> Vec<Step> {
        let most = parts.len().div_ceil(LONGEST).max(LONGEST);
        let pieces = parts.chunks(most).map(|piece| match piece {
            [part] => self.awaited(part, scope),
            parts => self.awaited(&Plan::Series(parts.to_vec()), scope),
        });
        pieces.collect()
    }

    fn awaited(&self, part: &Plan, scope: &mut Scope) -> Step {
        let block = self.block(part, scope.pace);
        let leave = block.fails.map(|_| scope.leave(block.fixes_error));
        Step::Block(block, leave)
    }

    fn parallel(&self, parts: &[Plan], scope: &mut Scope) -> Step {
        let pace = (scope.pace * parts.len()).min(1 << 16);
        let children_in = |scope: &mut Scope| -> Vec<_> {
            let parts = parts.iter().enumerate();
            parts
                .map(|(place, part)| self.child(place, part, pace, scope))
                .collect()
        };
        if parts.len() < WIDE {
            return Step::Join(children_in(scope), scope.pace);
        }
        let mut inner = self.scope(scope.pace);
        let children = children_in(&mut inner);
        let can_fail = children.iter().any(|child| child.fails().is_some());
        let leave = can_fail.then(|| scope.leave(inner.error_is_fixed));
        Step::Wide(children, scope.pace, leave)
    }

    /// A part as a child. A call needs no block that puts it off: it is made at the first poll.
    fn child(&self, index: usize, part: &Plan, pace: PollsPerTurn, scope: &mut Scope) -> Child {
        if let Plan::Leaf(task) = part {
            if let Some(call) = self.call(*task) {
                let resolves_to = match call.question {
                    None => ResolvesTo::Values,
                    Some(question) if self.checked.options.error.is_some() => {
                        ResolvesTo::Convertible(question)
                    }
                    Some(question) => ResolvesTo::Tail(question),
                };
                let fixes_error = matches!(resolves_to, ResolvesTo::Tail(_));
                let call_fails = call.question.is_some();
                return Child {
                    index,
                    values: vec![*task],
                    future: Future::Call(*task, call),
                    resolves_to,
                    leave: scope.leave_if(call_fails, fixes_error),
                };
            }
        }
        self.block_of(index, part, pace, scope)
    }

    /// A part in an `async` block. That of a task which is `OPERAND?` resolves to the operand.
    fn block_of(&self, index: usize, part: &Plan, pace: PollsPerTurn, scope: &mut Scope) -> Child {
        let operand = match part {
            Plan::Leaf(task) => self.operand(*task).map(|question| (*task, question)),
            _ => None,
        };
        let Some((task, question)) = operand else {
            return block_child(index, self.block(part, pace), scope);
        };
        let block = Block {
            tasks: vec![task],
            content: BlockContent::Operand(task),
            fails: None,
            fixes_error: true,
        };
        Child {
            index,
            values: vec![task],
            future: Future::Block(block),
            resolves_to: ResolvesTo::Operand(question),
            leave: scope.leave(true),
        }
    }

    /// The `?` of a task that is `OPERAND?`, if the error leaves the graph as it is.
    fn operand(&self, task: usize) -> Option<Span> {
        let (declared, options) = (&self.auto.tasks[task], &self.checked.options);
        let is_operand = declared.before_body().is_none()
            && options.error.is_none()
            && options.around.is_none()
            && !options.name_errors
            && !self.checked.breaks
            && declared.body.operand().is_some();
        self.question(task).filter(|_| is_operand)
    }

    /// A part as an `async` block.
    fn block(&self, part: &Plan, pace: PollsPerTurn) -> Block {
        let mut scope = self.scope(pace);
        let tasks = part.tasks();
        let content = match part {
            Plan::Leaf(task) => BlockContent::Task(self.task(*task, &mut scope)),
            part => BlockContent::Steps(self.steps(part, &mut scope), self.left_by(&tasks)),
        };
        Block {
            content,
            fails: tasks.iter().find_map(|&task| self.exit(task)),
            tasks,
            fixes_error: scope.error_is_fixed,
        }
    }

    /// The tasks whose values are there when all of these have ended.
    fn left_by(&self, tasks: &[usize]) -> Vec<usize> {
        let is_left = |task: &usize| !self.checked.is_gone_after(*task, tasks);
        tasks.iter().copied().filter(is_left).collect()
    }

    /// The call, if the task is nothing but a bare call, which needs no block of ours around it.
    fn call(&self, task: usize) -> Option<Call> {
        let (declared, options) = (&self.auto.tasks[task], &self.checked.options);
        let names_error = options.name_errors && declared.question().is_some();
        let takes = |access: &Access| matches!(access, Access::Take(_));
        if declared.before_body().is_some()
            || declared.attributes.iter().any(Attribute::is_lint_level)
            || options.settle
            || options.around.is_some()
            || names_error
            || self.checked.breaks && options.error.is_some()
            || declared.dependencies.iter().any(|it| takes(&it.access))
        {
            return None;
        }
        let dependencies = &declared.dependencies;
        let may_borrow =
            |it: &Dependency| matches!(&it.binding, Binding::Pattern(it) if it.may_borrow());
        if dependencies.iter().any(may_borrow) {
            return None;
        }
        let is_reference = |name: &Ident| {
            let text = unraw(name);
            let mut named = dependencies
                .iter()
                .filter(|it| matches!(it.binding, Binding::Name));
            named.any(|it| unraw(&it.name) == text)
        };
        let is_bound = |name: &Ident| {
            let text = unraw(name);
            let mut bindings = dependencies.iter().map(|it| &it.binding);
            is_reference(name)
                || bindings
                    .any(|it| matches!(it, Binding::Pattern(it) if it.words().contains(&text)))
        };
        let names = Names {
            any: dependencies.iter().any(Dependency::is_use),
            is_bound: &is_bound,
            is_reference: &is_reference,
        };
        let body = &declared.body;
        bare_call(body.tree()?, || body.tokens().to_vec(), &names)
    }

    /// The first `?` of a task, if its error leaves the graph.
    fn question(&self, task: usize) -> Option<Span> {
        let question = self.auto.tasks[task].question();
        question.filter(|_| !self.checked.options.settle)
    }

    /// The first `?` or `break` of a task, if it leaves the graph.
    fn exit(&self, task: usize) -> Option<Span> {
        let keyword = self.auto.tasks[task].break_keyword();
        self.question(task)
            .or(keyword.filter(|_| self.checked.breaks))
    }
}

fn block_child(index: usize, block: Block, scope: &mut Scope) -> Child {
    let values = block.content.values();
    let resolves_to = block.fails.map_or(ResolvesTo::Values, ResolvesTo::Result);
    Child {
        index,
        values,
        resolves_to,
        leave: scope.leave_if(block.fails.is_some(), block.fixes_error),
        future: Future::Block(block),
    }
}

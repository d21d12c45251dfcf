//! How the code of one task runs: in which block, and how its error leaves the block.

use proc_macro2::Span;

use super::{Around, ErrorExit, Items, Lowering, OutcomeUse, OwnBlock, Run, Scope, Seats, Task};
use crate::syntax::Code;

impl Lowering<'_> {
    pub(super) fn task(&self, index: usize, scope: &mut Scope) -> Task {
        let is_limited = self.checked.options.limit.is_some();
        let seats = if is_limited { Seats::Graph } else { Seats::All };
        self.task_with(seats, index, scope)
    }

    /// A task of a gated part, at its place there.
    pub(super) fn gated_task(&self, index: usize, place: usize, scope: &mut Scope) -> Task {
        let is_limited = self.checked.options.limit.is_some();
        let seats = if is_limited {
            Seats::Shared(place)
        } else {
            Seats::All
        };
        self.task_with(seats, index, scope)
    }

    fn task_with(&self, seats: Seats, index: usize, scope: &mut Scope) -> Task {
        let declared = &self.auto.tasks[index];
        let code = [declared.before_body(), Some(&declared.body)];
        let settles = self.checked.options.settle;
        let pace = scope.pace;
        let items = declared.each.as_ref().map(|_| Items { pace, seats });
        let around = match (&self.checked.options.around, &declared.condition) {
            (None, _) => Around::Nothing,
            (Some(_), Some(_)) => Around::Body,
            (Some(_), None) => Around::All,
        };
        let how = (items, around, settles);
        let run = self.run(code, how, declared.question(), scope);
        Task { index, run }
    }

    pub(super) fn final_arm(&self, code: &Code, scope: &mut Scope) -> Run {
        let how = (None, Around::Nothing, false);
        self.run([None, Some(code)], how, code.question(), scope)
    }

    /// A condition or an iterable, and a body; its items, what is around it and whether it settles; and the first `?` in
    /// the code.
    fn run(
        &self,
        [condition, body]: [Option<&Code>; 2],
        (items, around, settles): (Option<Items>, Around, bool),
        question: Option<Span>,
        scope: &mut Scope,
    ) -> Run {
        let names_errors = self.checked.options.name_errors;
        // The blocks around it fail with our own type, so a `?` in the user's code cannot convert to it.
        let stops = self.checked.breaks;
        let body_breaks = body.and_then(Code::break_keyword);
        let hides_exits = |code: Option<&Code>| code.is_some_and(Code::hides_exits);
        // An exit of a conditional task's body has the type of the body, not that of the `Option` around it.
        let inner = match body {
            Some(body) if items.is_some() => OwnBlock::of(true, body.question()),
            Some(body) if condition.is_some() => {
                let is_around = around == Around::Body;
                OwnBlock::around(is_around, hides_exits(Some(body)), body.question())
            }
            _ => OwnBlock::None,
        };
        let ends_alone = hides_exits(condition.or(body));
        let is_operand = settles
            && condition.is_none()
            && items.is_none()
            && around == Around::Nothing
            && self.checked.options.error.is_none()
            && body.is_some_and(|body| body.operand().is_some());
        let block = match question {
            Some(question) if is_operand => OwnBlock::Operand(question),
            Some(_) if settles || names_errors || stops => OwnBlock::of(true, question),
            _ => OwnBlock::around(around == Around::All, ends_alone, question),
        };
        let (mut own, mut of_body) = (self.scope(scope.pace), self.scope(scope.pace));
        let outer = match block {
            OwnBlock::None => &mut *scope,
            OwnBlock::Plain
            | OwnBlock::Infallible
            | OwnBlock::Fallible(_)
            | OwnBlock::Operand(_) => &mut own,
        };
        let (before_condition, condition_decides) = self.read(condition, outer);
        let ((before_body, body_decides), body_ending) = match inner {
            OwnBlock::None => (self.read(body, outer), OutcomeUse::Value),
            OwnBlock::Plain | OwnBlock::Infallible => {
                (self.read(body, &mut of_body), OutcomeUse::Value)
            }
            OwnBlock::Fallible(_) | OwnBlock::Operand(_) => {
                let read = self.read(body, &mut of_body);
                (
                    read,
                    OutcomeUse::Propagate(outer.leave(of_body.error_is_fixed)),
                )
            }
        };
        let is_fixed = own.error_is_fixed;
        let ending = match block {
            _ if settles => OutcomeUse::Settle {
                error_is_fixed: is_fixed,
            },
            OwnBlock::Fallible(_) if names_errors => OutcomeUse::Name(scope.leave(is_fixed)),
            OwnBlock::Fallible(_) => OutcomeUse::Propagate(scope.leave(is_fixed)),
            OwnBlock::Plain | OwnBlock::Infallible | OwnBlock::None | OwnBlock::Operand(_) => {
                OutcomeUse::Value
            }
        };
        Run {
            leaves: [before_condition, before_body],
            decides: [condition_decides, body_decides],
            body: inner,
            body_ending,
            block,
            ending,
            body_breaks,
            breaks: condition.and_then(Code::break_keyword).or(body_breaks),
            items,
            around,
        }
    }

    /// How an error of a fixed type leaves this code; and whether the code's first `?` says whether it is a `Result` or an
    /// `Option` that this leaves.
    fn read(&self, code: Option<&Code>, scope: &mut Scope) -> (ErrorExit, bool) {
        let leave = scope.comparison(true);
        let fixes = code.is_some_and(|code| self.fixes_error(code));
        scope.error_is_fixed |= fixes;
        let is_decided = scope.is_decided;
        let decides = code.is_some_and(decides);
        scope.is_decided |= fixes || decides;
        let names_option = !self.is_open;
        (leave, decides && !fixes && (names_option || !is_decided))
    }

    /// Whether all that can fail shows whether it is a `Result` or an `Option` that it fails with. Options settle that: they
    /// are about errors.
    pub(super) fn is_open(&self) -> bool {
        let options = &self.checked.options;
        let shows = |code: &Code| {
            code.question().is_none() || !code.is_let() && (code.tails() > 0 || decides(code))
        };
        options.error.is_none()
            && !options.name_errors
            && !options.settle
            && self.auto.code().all(shows)
    }

    /// Whether a `?` in tail position passes an error on unchanged, and so fixes its type.
    fn fixes_error(&self, code: &Code) -> bool {
        // A `let` in a condition allows no other expression around it.
        self.checked.options.error.is_none() && code.tails() > 0 && !code.is_let()
    }
}

/// Whether the first `?` of the code can say what it leaves. A `let` in a condition allows no other expression around it.
fn decides(code: &Code) -> bool {
    code.has_watchable() && !code.is_let()
}

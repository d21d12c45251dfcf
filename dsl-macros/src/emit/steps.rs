//! Steps: statements that bind the values of their tasks.

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::Expr;

use super::breaks::returned;
use super::chains::piece;
use super::{Emitter, async_block, bundle};
use crate::editor::in_front_of;
use crate::lower::{Block, BlockContent, ErrorExit, Slots, Step};
use crate::syntax::Code;

impl Emitter<'_> {
    /// Statements that bind the values of a step, for the `async` block around it.
    pub(super) fn step(&self, step: &Step, slots: &Slots) -> TokenStream {
        match step {
            Step::Link(link) => self.link(link, slots),
            Step::Piece(piece) => {
                let values = self.declare(std::slice::from_ref(&piece.values));
                let name = self::piece(&piece.tasks);
                let joined = self.propagate(&piece.tasks, piece.leave, &ours!(#name()));
                ours!(#values = #joined;)
            }
            Step::Task(task) => {
                let value = self.declare(&[vec![task.index]]);
                let task = self.task(task, &Slots::new(), false);
                ours!(#value = { #task __conjoin_value };)
            }
            Step::Block(block, leave) => {
                let values = self.declare(&[block.content.values()]);
                let joined = self.propagate(&block.tasks, *leave, &self.block(block, slots, false));
                ours!(#values = #joined;)
            }
            Step::Join(children, pace) => self.join(children, *pace),
            Step::Wide(children, pace, leave) => self.wide(children, *pace, *leave),
            Step::Gated(gate) => self.gated(gate),
        }
    }

    /// The future of a part, in the place of the body of its first task. If it
    /// `is_watched`, a hook around it records its task.
    pub(super) fn block(&self, block: &Block, slots: &Slots, is_watched: bool) -> TokenStream {
        let fixed = block.fails.and_then(|_| self.fix_error());
        let result = |value: TokenStream| match block.fails {
            Some(_) => self.whole_block(&value),
            None => value,
        };
        let (statements, result) = match &block.content {
            BlockContent::Task(task) => {
                let statements = self.task(task, slots, is_watched);
                match slots.get(&task.index) {
                    None => (statements, Some(result(ours!(__conjoin_value)))),
                    Some(slot) => {
                        let nothing = block.fails.map(|_| result(ours!(())));
                        (Self::fill(task.index, slot, &statements), nothing)
                    }
                }
            }
            BlockContent::Operand(task) => (self.operand_of(*task), Some(ours!(__conjoin_value))),
            BlockContent::Steps(steps, values) => {
                let steps = steps.iter().map(|step| self.step(step, slots));
                let has_result = block.fails.is_some() || !values.is_empty();
                let result = has_result.then(|| result(self.bundled(values)));
                (ours!(#(#steps)*), result)
            }
        };
        self.placed_block(&block.tasks, ours!({ #fixed #statements #result }))
    }

    fn placed_block(&self, tasks: &[usize], block: TokenStream) -> TokenStream {
        let first_task = tasks.iter().min();
        let body = first_task.map(|&task| &self.auto.tasks[task].body);
        // If a block has the same span as a variable that it moves, rustc takes it for a pattern, and suggests `ref`.
        let is_place = matches!(
            body.and_then(Code::tree),
            Some(Expr::Path(_) | Expr::Field(_))
        );
        let whose = |place: Span| {
            if is_place {
                Span::mixed_site().located_at(place)
            } else {
                place
            }
        };
        let tokens = body.map_or(&[][..], Code::tokens);
        let first = tokens.first().map(|first| match first {
            TokenTree::Ident(ident) => in_front_of(ident.span()),
            first => first.span(),
        });
        let last = tokens.last().map(TokenTree::span);
        async_block(first.map(whose), last.map(whose), block)
    }

    /// Awaits a loop or a block, whose error leaves the block around it.
    pub(super) fn propagate(
        &self,
        tasks: &[usize],
        leave: Option<ErrorExit>,
        future: &TokenStream,
    ) -> TokenStream {
        let private = &self.private;
        let Some(leave) = leave else {
            return ours!(#future.await);
        };
        let exit = self.passes(tasks, leave, Span::mixed_site(), &returned);
        let outcome = self.split_block(&ours!(#future.await));
        ours! {
            match #outcome {
                #private::Ok(__conjoin_values) => __conjoin_values,
                #private::Err(__conjoin_error) => #exit,
            }
        }
    }

    /// `let` and the pattern for the values of groups of tasks. Those that are changed in place are so later, not always
    /// in this very place.
    pub(super) fn declare(&self, groups: &[Vec<usize>]) -> TokenStream {
        let pattern = bundle(groups.iter().map(|group| self.patterns(group)));
        let allow = self.allow_unused_mut(groups.iter().flatten().copied());
        ours!(#allow let #pattern)
    }

    /// The pattern for the values of several tasks.
    pub(super) fn patterns(&self, tasks: &[usize]) -> TokenStream {
        bundle(tasks.iter().map(|&task| self.pattern(task)))
    }

    /// The pattern for the value of a task.
    pub(super) fn pattern(&self, task: usize) -> TokenStream {
        let value = &self.values[task];
        if self.is_changed(task) {
            ours!(mut #value)
        } else {
            ours!(#value)
        }
    }

    pub(super) fn allow_unused_mut(
        &self,
        mut tasks: impl Iterator<Item = usize>,
    ) -> Option<TokenStream> {
        let is_any_changed = tasks.any(|task| self.is_changed(task));
        is_any_changed.then(|| ours!(#[allow(unused_mut)]))
    }

    fn is_changed(&self, task: usize) -> bool {
        let users = &self.checked.users[task];
        !users.changers.is_empty() || self.checked.options.settle && users.taker.is_some()
    }

    /// The values of several tasks.
    pub(super) fn bundled(&self, tasks: &[usize]) -> TokenStream {
        bundle(tasks.iter().map(|&task| self.value(task)))
    }

    /// The value of a task, as a place.
    pub(crate) fn value(&self, task: usize) -> TokenStream {
        let value = &self.values[task];
        self.read_in_tuple(task).unwrap_or_else(|| ours!(#value))
    }
}

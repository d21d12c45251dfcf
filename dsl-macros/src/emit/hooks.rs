//! Hooks for tracing: calls of macros that `conjoin` has with its feature `tracing`. Without it, none is printed.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};

use super::{Emitter, Private};
use crate::ast::unraw;
use crate::lower::{BlockContent, Child, Future, Lowered, OwnBlock};
use crate::syntax::token::{punct, word};

/// The first statement of a graph: whether it is recorded. The hooks in it test this variable.
pub(crate) fn is_recorded(private: &Private) -> TokenStream {
    ours!(#[allow(unused_variables)] let __conjoin_is_recorded = #private::trace::is_recorded();)
}

impl Emitter<'_> {
    /// The future of the graph. If the type of its error is known here, the hook may use the type's traits. Otherwise
    /// it must leave the type open.
    pub(super) fn watched(&self, lowered: &Lowered, graph: TokenStream) -> TokenStream {
        if !self.is_traced {
            // Not in a variable: in a debug build, each move copies the future.
            return graph;
        }
        let (private, options) = (&self.private, &self.checked.options);
        let (count, names) = (self.auto.tasks.len(), self.all_names());
        let kind = match lowered.fails {
            None => "plain",
            Some(_) if options.error.is_none() && !self.knows_error(lowered) => "open",
            Some(_) if options.name_errors => "named",
            Some(_) => "fixed",
        };
        let kind = Ident::new(kind, Span::mixed_site());
        ours!({
            let __conjoin_graph = #graph;
            #private::graph!(#count, #names, #kind, __conjoin_graph)
        })
    }

    /// Whether the type of the graph's error is known at the end of the graph. The error of an `async` block, or of
    /// another graph, may depend on the code that awaits this one.
    fn knows_error(&self, lowered: &Lowered) -> bool {
        let mut passes_on_block = false;
        for code in self.auto.code() {
            code.replace_tails(&mut |operand, _, _| {
                let is_block = |token: &TokenTree| punct(token, '!') || word(token, "async");
                passes_on_block |= operand.clone().into_iter().any(|it| is_block(&it));
                operand
            });
        }
        lowered.error_is_fixed && !passes_on_block
    }

    /// The statement after the one that pins a child in this variable.
    pub(super) fn part(&self, child: &Child, pinned: &Ident) -> Option<TokenStream> {
        if !self.is_traced {
            return None;
        }
        let private = &self.private;
        Some(match self.single_task(child) {
            None => ours!(#private::part!(__conjoin_is_recorded, #pinned);),
            Some(task) => {
                let (name, dependencies) = (self.name(task), self.dependencies(task));
                let kind = if child.fails().is_some() {
                    "fallible"
                } else {
                    "plain"
                };
                let kind = Ident::new(kind, Span::mixed_site());
                ours!(#private::part!(__conjoin_is_recorded, #pinned, #kind, #name, #dependencies);)
            }
        })
    }

    /// A child of a join as a part.
    pub(super) fn part_child(&self, child: &Child, printed: TokenStream) -> TokenStream {
        if !self.is_traced {
            return printed;
        }
        let private = &self.private;
        let task = match self.single_task(child) {
            None => ours!(#private::trace::steps),
            Some(task) => {
                let (name, dependencies) = (self.name(task), self.dependencies(task));
                ours!(#private::single!(#name, #dependencies))
            }
        };
        ours!(#private::trace::part_child(#printed, __conjoin_is_recorded, #task))
    }

    /// The task that a child starts and ends with. The hook around the child records it, and its own code has no hooks.
    pub(super) fn single_task(&self, child: &Child) -> Option<usize> {
        match &child.future {
            Future::Call(task, _) => Some(*task),
            Future::Block(block) => match &block.content {
                BlockContent::Operand(task) => Some(*task),
                // It may be skipped, or fail alone.
                BlockContent::Task(_) if self.checked.options.settle => None,
                BlockContent::Task(task) => Some(task.index),
                BlockContent::Steps(..) => None,
            },
        }
    }

    /// The future of an item of a `for` task.
    pub(super) fn watched_item(
        &self,
        task: usize,
        block: OwnBlock,
        item: TokenStream,
    ) -> TokenStream {
        if !self.is_traced {
            return item;
        }
        let (private, name) = (&self.private, self.name(task));
        let kind = match block {
            OwnBlock::Fallible(_) | OwnBlock::Operand(_) => "fallible",
            OwnBlock::Plain | OwnBlock::Infallible | OwnBlock::None => "plain",
        };
        let kind = Ident::new(kind, Span::mixed_site());
        ours!(#private::item!(__conjoin_is_recorded, #name, #kind, __conjoin_items, #item))
    }

    /// The statement after the one that makes the last item.
    pub(super) fn has_items(&self) -> Option<TokenStream> {
        let private = &self.private;
        self.is_traced
            .then(|| ours!(#private::items!(__conjoin_is_recorded, __conjoin_items);))
    }

    /// The statement at the start of a task.
    pub(super) fn starts(&self, task: usize) -> Option<TokenStream> {
        let private = &self.private;
        self.is_traced.then(|| {
            let (name, dependencies) = (self.name(task), self.dependencies(task));
            ours!(#private::starts!(__conjoin_is_recorded, #name, #dependencies);)
        })
    }

    /// The statement after a task's last one.
    pub(super) fn ends(&self) -> Option<TokenStream> {
        let private = &self.private;
        self.is_traced
            .then(|| ours!(#private::ends!(__conjoin_is_recorded, "done");))
    }

    /// The statement instead, if the condition of the task is false.
    pub(super) fn does_not_run(&self) -> Option<TokenStream> {
        let private = &self.private;
        self.is_traced
            .then(|| ours!(#private::ends!(__conjoin_is_recorded, "not run");))
    }

    /// The statement instead, if the task fails with `__conjoin_error` and the graph continues.
    pub(super) fn fails_alone(&self, error_is_fixed: bool) -> Option<TokenStream> {
        let private = &self.private;
        let is_fixed = error_is_fixed || self.checked.options.error.is_some();
        let kind = Ident::new(if is_fixed { "fixed" } else { "open" }, Span::mixed_site());
        self.is_traced
            .then(|| ours!(#private::fails!(__conjoin_is_recorded, #kind, &__conjoin_error);))
    }

    /// The statement for a task that never starts, because the task in `__conjoin_failed` failed.
    pub(super) fn skips(&self, task: usize) -> Option<TokenStream> {
        let private = &self.private;
        self.is_traced.then(|| {
            let (name, dependencies) = (self.name(task), self.dependencies(task));
            ours!(#private::skips!(__conjoin_is_recorded, #name, #dependencies, __conjoin_outcomes.name(__conjoin_failed));)
        })
    }

    pub(super) fn name(&self, task: usize) -> String {
        unraw(&self.auto.tasks[task].name)
    }

    fn all_names(&self) -> String {
        let tasks = self.auto.tasks.iter();
        tasks
            .map(|task| unraw(&task.name))
            .collect::<Vec<_>>()
            .join(", ")
    }

    fn dependencies(&self, task: usize) -> String {
        let dependencies = self.auto.tasks[task].dependencies.iter();
        dependencies
            .map(|dependency| unraw(&dependency.name))
            .collect::<Vec<_>>()
            .join(", ")
    }
}

//! Where a run can be watched. The hooks are macros of `conjoin`, which come to nothing without its feature `tracing`:
//! what is printed here is the same with and without it, as macros are built once for crates of either kind.

use proc_macro2::{Ident, Span, TokenStream};

use super::Emitter;
use crate::ast::unraw;
use crate::lower::Lowered;

impl Emitter<'_> {
    /// The graph in the variable `__conjoin_graph`. If the type of its error is known by then, the hook may ask what that
    /// type can do; otherwise it must leave it open.
    pub(super) fn watched(&self, lowered: &Lowered) -> TokenStream {
        let (private, tasks, options) =
            (&self.private, self.auto.tasks.len(), &self.checked.options);
        let kind = match lowered.fails {
            None => "plain",
            Some(_) if !lowered.error_is_fixed && options.error.is_none() => "open",
            Some(_) if options.name_errors => "named",
            Some(_) => "fixed",
        };
        let kind = Ident::new(kind, Span::mixed_site());
        ours!(#private::graph!(#tasks, #kind, __conjoin_graph))
    }

    /// The future of a task that is nothing but a call: the block that ends in it.
    pub(super) fn watched_call(&self, task: usize, block: &TokenStream) -> TokenStream {
        let (private, name, dependencies) =
            (&self.private, self.name(task), self.dependencies(task));
        let kind = if self.auto.tasks[task].question().is_some() {
            "fallible"
        } else {
            "plain"
        };
        let kind = Ident::new(kind, Span::mixed_site());
        ours!(#private::called!(#name, #dependencies, #kind, #block))
    }

    /// The statement with which a task starts.
    pub(super) fn starts(&self, task: usize) -> TokenStream {
        let (private, name, dependencies) =
            (&self.private, self.name(task), self.dependencies(task));
        ours!(#private::starts!(#name, #dependencies);)
    }

    /// The statement after a task's last one.
    pub(super) fn ends(&self) -> TokenStream {
        let private = &self.private;
        ours!(#private::ends!("done");)
    }

    /// Instead, when its condition is false.
    pub(super) fn does_not_run(&self) -> TokenStream {
        let private = &self.private;
        ours!(#private::ends!("not run");)
    }

    /// Instead, when it fails with `__conjoin_error` and the graph goes on.
    pub(super) fn fails_alone(&self, error_is_fixed: bool) -> TokenStream {
        let private = &self.private;
        let is_fixed = error_is_fixed || self.checked.options.error.is_some();
        let kind = Ident::new(if is_fixed { "fixed" } else { "open" }, Span::mixed_site());
        ours!(#private::fails!(#kind, &__conjoin_error);)
    }

    /// The statement for a task that never starts, because the one at `__conjoin_failed` failed.
    pub(super) fn skips(&self, task: usize) -> TokenStream {
        let (private, name, dependencies) =
            (&self.private, self.name(task), self.dependencies(task));
        ours!(#private::skips!(#name, #dependencies, __conjoin_outcomes.name(__conjoin_failed));)
    }

    pub(super) fn name(&self, task: usize) -> String {
        unraw(&self.auto.tasks[task].name)
    }

    fn dependencies(&self, task: usize) -> String {
        let dependencies = self.auto.tasks[task].dependencies.iter();
        dependencies
            .map(|dependency| unraw(&dependency.name))
            .collect::<Vec<_>>()
            .join(", ")
    }
}

//! One task: its bindings, its code and what it borrows.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;

use super::Emitter;
use super::breaks::Break;
use super::code::{Evaluated, place};
use super::own_block::EnclosingBlock;
use crate::ast::unraw;
use crate::lower::{Around, OutcomeUse, OwnBlock, Run, Slots, Task};
use crate::syntax::calls::Call;

impl Emitter<'_> {
    /// Statements that bind the outcome of a task as `__conjoin_value`: the value of its body or, under `#![settle]`, how
    /// it ended. If it `is_watched`, a hook around it records its start and its end.
    pub(super) fn task(&self, task: &Task, slots: &Slots, is_watched: bool) -> TokenStream {
        let declared = &self.auto.tasks[task.index];
        let (before, after) = self.bindings(task.index, slots);
        let lints = declared.attributes.iter().filter(|it| it.is_lint_level());
        let hooks = (!is_watched).then(|| (self.starts(task.index), self.ends()));
        let (starts, ends) = hooks.unwrap_or_default();
        let code = match &declared.each {
            Some(each) => Evaluated::Each(task.index, each, &declared.body),
            None => Evaluated::Once([declared.condition.as_ref(), Some(&declared.body)]),
        };
        if let OutcomeUse::Settle { error_is_fixed } = task.run.ending {
            let outcome = self.settled(task.index, code, &task.run, error_is_fixed);
            let run = ours! {
                #starts #before #(#lints)* let __conjoin_value = #outcome; #after #ends
            };
            return self.unless_blocked(task.index, &run);
        }
        let name = &declared.name;
        let (decision, value) = self.run(code, &task.run, &unraw(name), Some(name));
        let borrows = self.borrows(task.index);
        ours!(#starts #before #decision #(#lints)* #value #borrows #after #ends)
    }

    /// Statements that bind the `Result` of a task that is `OPERAND?` as `__conjoin_value`.
    pub(super) fn operand_of(&self, task: usize) -> TokenStream {
        let declared = &self.auto.tasks[task];
        let (before, after) = self.bindings(task, &Slots::new());
        let lints = declared.attributes.iter().filter(|it| it.is_lint_level());
        let borrows = self.borrows(task);
        let operand = self.operand(&declared.body);
        ours!(#before #(#lints)* let __conjoin_value = #operand; #borrows #after)
    }

    /// Code for a message only: a value borrows from a field of another value.
    fn borrows(&self, task: usize) -> Option<TokenStream> {
        let borrow = self.checked.borrow(self.auto, task)?;
        let (span, private) = self.private.placed(borrow.place);
        let (krate, name) = (&private.krate, borrow.name);
        let check = if borrow.is_whole {
            quote_spanned!(span=> #krate::MayBeReferenced::check(#private::identity(#name)))
        } else {
            quote_spanned!(span=> #krate::IsReference::check(#private::identity(#name)))
        };
        Some(ours!(#[allow(unreachable_code, clippy::empty_loop)] if false { loop {} #check; }))
    }

    /// The expression that creates the future of a bare call.
    pub(super) fn call(&self, task: usize, call: &Call) -> TokenStream {
        let (private, called) = (&self.private, &call.called);
        let (bindings, _) = self.bindings(task, &Slots::new());
        // rustc reports "… is not a future" at the `.await`.
        let awaited = Ident::new(
            "__conjoin_awaited",
            Span::mixed_site().located_at(call.await_span),
        );
        ours!({ #bindings use #private::Awaited as _; #(#called)*.#awaited() })
    }

    /// Statements that bind the value of a task's code as `__conjoin_value`. An error leaves the surrounding block,
    /// with the `name` of the task under `#![name_errors]`.
    pub(super) fn run(
        &self,
        code: Evaluated<'_>,
        run: &Run,
        name: &str,
        task: Option<&Ident>,
    ) -> (Option<TokenStream>, TokenStream) {
        let (statements, decision) = (self.value_of(code, run, task), self.decision(run));
        let (statements, decision) = match run.block {
            OwnBlock::None => (statements, decision),
            OwnBlock::Plain
            | OwnBlock::Infallible
            | OwnBlock::Fallible(_)
            | OwnBlock::Operand(_) => (ours!(#decision #statements), None),
        };
        let own = EnclosingBlock {
            block: run.block,
            ending: run.ending,
            breaks: run.breaks,
            to: Break::Graph,
            place: match code {
                Evaluated::Once(code) => place(code),
                Evaluated::Each(_, each, body) => place([Some(&each.iterable), Some(body)]),
            },
            within: task.filter(|_| run.around == Around::All),
        };
        (decision, self.in_block(statements, &own, name))
    }
}

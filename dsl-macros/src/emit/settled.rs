//! A task under `#![settle]`: how it ends, and whether it starts at all.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;

use super::Emitter;
use super::breaks::{Break, looped};
use super::code::Evaluated;
use crate::check::Source;
use crate::editor::in_front_of;
use crate::lower::{Around, OwnBlock, Run};
use crate::syntax::Code;

impl Emitter<'_> {
    /// The `Settled` of a task that has run.
    pub(super) fn settled(
        &self,
        task: usize,
        code: Evaluated<'_>,
        run: &Run,
        error_is_fixed: bool,
    ) -> TokenStream {
        let private = &self.private;
        let is_kept = self.checked.users[task].taker.is_some();
        let value = if is_kept {
            ours!(#private::Some(__conjoin_value))
        } else {
            ours!(__conjoin_value)
        };
        let declared = Some(&self.auto.tasks[task].name);
        let result = match run.block {
            OwnBlock::Fallible(question) => self.caught_task(code, run, question, declared),
            OwnBlock::Operand(_) => self.operand(&self.auto.tasks[task].body),
            OwnBlock::None | OwnBlock::Plain | OwnBlock::Infallible => {
                let (decision, run) = self.run(code, run, "", declared);
                return ours!({ #decision #run #private::Settled::<_, #private::Never>::Done(#value) });
            }
        };
        let fails_alone = self.fails_alone(error_is_fixed);
        let error = if self.checked.options.name_errors {
            let name = self.name(task);
            ours!(#private::TaskError::new(#name, __conjoin_error))
        } else {
            ours!(__conjoin_error)
        };
        ours! {
            match #result {
                #private::Ok(__conjoin_value) => #private::Settled::Done(#value),
                #private::Err(__conjoin_error) => {
                    #fails_alone
                    __conjoin_outcomes.fail(#task, #error)
                }
            }
        }
    }

    /// The `Result` of a task's code, whose exits leave a block of its own.
    fn caught_task(
        &self,
        code: Evaluated<'_>,
        run: &Run,
        question: Span,
        declared: Option<&Ident>,
    ) -> TokenStream {
        let (statements, decision) = (self.value_of(code, run, declared), self.decision(run));
        let statements = ours!(#decision #statements);
        let statements = match run.breaks {
            // The mistake is already reported.
            Some(keyword) => {
                let out = self.broken(Break::Graph, keyword);
                looped(&statements, keyword, &out)
            }
            None => statements,
        };
        let within = declared.filter(|_| run.around == Around::All);
        self.caught(&statements, &ours!(__conjoin_value), question, within)
    }

    /// The `Result` that the operand of the code's only `?` resolves to.
    pub(super) fn operand(&self, code: &Code) -> TokenStream {
        let (operand, question) = code.operand().expect("a task is an operand");
        // What rustc has to say of it belongs to the `?`.
        let place = in_front_of(question);
        let (fallible, span) = (self.fallible(place), Span::mixed_site().located_at(place));
        quote_spanned!(span=> #fallible(#(#operand)*))
    }

    /// A task that runs if all its dependencies are done, and is skipped otherwise.
    pub(super) fn unless_blocked(&self, task: usize, run: &TokenStream) -> TokenStream {
        let private = &self.private;
        let sources = self.checked.sources[task].iter();
        let sources: Vec<_> = sources.filter_map(Source::task).collect();
        if sources.is_empty() {
            return run.clone();
        }
        let skips = self.skips(task);
        ours! {
            let __conjoin_value = match __conjoin_outcomes.first_failed([#(#sources),*]) {
                #private::None => { #run __conjoin_value }
                #private::Some(__conjoin_failed) => {
                    #skips
                    __conjoin_outcomes.skip(#task, __conjoin_failed)
                }
            };
        }
    }
}

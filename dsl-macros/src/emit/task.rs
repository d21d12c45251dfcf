//! One task: its condition and body, and how their value or error leaves them.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::quote_spanned;

use super::breaks::{Break, broken, looped};
use super::{Emitter, krate, located, placed};
use crate::ast::{Each, unraw};
use crate::check::Source;
use crate::editor::in_front_of;
use crate::lower::{Around, Ending, Leave, OwnBlock, Run, Slots, Task};
use crate::syntax::Code;
use crate::syntax::calls::Call;
use crate::syntax::token::word;

/// The code of a task, or of the final arm.
#[derive(Clone, Copy)]
pub(super) enum Evaluated<'a> {
    /// A condition, and a body.
    Once([Option<&'a Code>; 2]),
    /// The index of a `for` task, and its body.
    Each(usize, &'a Each, &'a Code),
}

impl Emitter<'_> {
    /// Statements that bind the outcome of a task as `__conjoin_value`: the value of its body or, under `#![settle]`, how
    /// it ended.
    pub(super) fn task(&self, task: &Task, slots: &Slots) -> TokenStream {
        let declared = &self.auto.tasks[task.index];
        let (before, after) = self.bindings(task.index, slots);
        let lints = declared.attributes.iter().filter(|it| it.is_lint_level());
        let (starts, ends) = (self.starts(task.index), self.ends());
        let code = match &declared.each {
            Some(each) => Evaluated::Each(task.index, each, &declared.body),
            None => Evaluated::Once([declared.condition.as_ref(), Some(&declared.body)]),
        };
        if let Ending::Settle { error_is_fixed } = task.run.ending {
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

    /// Code for a message only: a value borrows from a field of another value.
    fn borrows(&self, task: usize) -> Option<TokenStream> {
        let borrow = self.checked.borrow(self.auto, task)?;
        let (span, private) = placed(&self.private, borrow.place);
        let (krate, name) = (krate(&private), borrow.name);
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
        ours!({ #bindings use #private::Awaited as _; #called.#awaited() })
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

    /// Statements that bind `__conjoin_value`, in a block and a loop of their own if needed.
    fn in_block(
        &self,
        statements: TokenStream,
        own: &EnclosingBlock<'_>,
        name: &str,
    ) -> TokenStream {
        let private = &self.private;
        let out = own.breaks.map(|keyword| self.broken(own.to, keyword));
        let question = match own.block {
            OwnBlock::None => {
                return match (own.breaks, out) {
                    (Some(keyword), Some(out)) => looped(&statements, keyword, &out),
                    _ => statements,
                };
            }
            OwnBlock::Infallible if own.breaks.is_none() => {
                let within = own.within;
                return within
                    .map_or_else(TokenStream::new, |task| self.infallible(task, &statements));
            }
            OwnBlock::Plain | OwnBlock::Infallible => {
                let (statements, value) = self.flow(statements, own.breaks, None);
                // rustc reports the wrong type of an exit hidden in a macro at the code.
                let value = located(value, own.place);
                let value = ours!(let __conjoin_value = async { #statements #value }.await;);
                let value = match own.within {
                    Some(task) => self.infallible(task, &value),
                    None => value,
                };
                let unwrapped = own.unwrapped(private, out, &ours!(__conjoin_value));
                let unwrapped = own.breaks.map(|_| ours!(let __conjoin_value = #unwrapped;));
                return ours!(#value #unwrapped);
            }
            OwnBlock::Fallible(question) | OwnBlock::Operand(question) => question,
        };
        let (statements, value) = self.flow(statements, own.breaks, Some(question));
        let result = self.caught(&statements, &value, question, own.within);
        let place = in_front_of(question);
        let (leave, error) = match own.ending {
            Ending::Name(leave) => {
                let named =
                    ours!(let __conjoin_error = #private::TaskError::new(#name, __conjoin_error););
                (leave, Some(named))
            }
            Ending::Propagate(leave) => (leave, None),
            Ending::Value | Ending::Settle { .. } => (Leave::Infer, None),
        };
        let failed = match own.to {
            Break::Graph => self.fails(leave, place),
            Break::Loop => self.failed(leave, place),
        };
        let result = self.split(&result);
        let value = own.unwrapped(private, out, &ours!(__conjoin_value));
        ours! {
            let __conjoin_value = match #result {
                #private::Ok(__conjoin_value) => #value,
                #private::Err(__conjoin_error) => { #error return #failed }
            };
        }
    }

    /// The statements in a block of their own, which bind `__conjoin_value`, and the value that leaves this block.
    pub(super) fn flow(
        &self,
        statements: TokenStream,
        breaks: Option<Span>,
        question: Option<Span>,
    ) -> (TokenStream, TokenStream) {
        let private = &self.private;
        let Some(keyword) = breaks else {
            return (statements, ours!(__conjoin_value));
        };
        let broken = broken(keyword);
        let exit = ours!(#private::ControlFlow::Break(#broken));
        let exit = if question.is_some() {
            let exit = self.whole(Span::mixed_site(), &exit);
            ours!(return #exit)
        } else {
            ours!(return #exit)
        };
        (
            looped(&statements, keyword, &exit),
            ours!(#private::ControlFlow::Continue(__conjoin_value)),
        )
    }

    /// The `Result` of statements that bind `__conjoin_value` and may fail.
    fn caught(
        &self,
        statements: &TokenStream,
        value: &TokenStream,
        question: Span,
        within: Option<&Ident>,
    ) -> TokenStream {
        let ok = self.succeeded(value, question);
        self.within(within, &ours!({ #statements #ok }))
    }

    /// The value at the end of a block that may fail.
    pub(super) fn succeeded(&self, value: &TokenStream, question: Span) -> TokenStream {
        // rustc reports "type annotations needed" at a `?`.
        let private = &self.private;
        match &self.checked.options.error {
            None => self.whole(in_front_of(question), value),
            Some(error) => ours!(#private::Ok::<_, #error>(#value)),
        }
    }

    /// Statements that bind the value of a body as `__conjoin_value`: with a condition, the `Option` of it; with a `for`, the
    /// values of all items.
    fn value_of(&self, code: Evaluated<'_>, run: &Run, task: Option<&Ident>) -> TokenStream {
        let private = &self.private;
        let [condition, body] = match code {
            Evaluated::Once(code) => code,
            Evaluated::Each(task, each, body) => return self.each(task, each, body, run),
        };
        let [before_condition, before_body] = run.leaves;
        let [condition_decides, body_decides] = run.decides;
        let value = body.map_or_else(TokenStream::new, |body| {
            self.evaluate(body, before_body, body_decides)
        });
        let Some(condition) = condition else {
            return value;
        };
        let own = EnclosingBlock {
            block: run.body,
            ending: run.body_ending,
            breaks: run.body_breaks,
            to: Break::Loop,
            place: place([None, body]),
            within: task.filter(|_| run.around == Around::Body),
        };
        let value = match run.body {
            // The loop around condition and body is enough.
            OwnBlock::None => value,
            OwnBlock::Plain
            | OwnBlock::Infallible
            | OwnBlock::Fallible(_)
            | OwnBlock::Operand(_) => {
                let decision = self.body_decision(run);
                self.in_block(ours!(#decision #value), &own, "")
            }
        };
        let does_not_run = self.does_not_run();
        if let Some(links) = condition.let_chain() {
            if run.breaks.is_some() {
                // In a labelled block, the user's `break` would need a label.
                let run = ours!({ #value #private::Some(__conjoin_value) });
                let value = links.into_iter().rev().fold(run, |then, link| {
                    let link = in_head(link);
                    ours!({ if #link #then else { #does_not_run #private::None } })
                });
                return ours! {
                    #[allow(unused_parens, irrefutable_let_patterns)]
                    let __conjoin_value = #value;
                };
            }
            let run = ours!({ #value break '__conjoin_run #private::Some(__conjoin_value); });
            let run = links.into_iter().rev().fold(run, |then, link| {
                let link = in_head(link);
                ours!({ if #link #then })
            });
            return ours! {
                #[allow(unused_parens, irrefutable_let_patterns)]
                let __conjoin_value = '__conjoin_run: {
                    #run
                    #does_not_run
                    #private::None
                };
            };
        }
        let tokens = if condition.is_let() {
            condition.tokens().iter().cloned().collect()
        } else {
            // This keeps rustc's errors within the condition.
            TokenStream::from(self.expression(condition, before_condition, condition_decides))
        };
        // The extra block is for lints: rustc checks the statements of an `if let` before it sees their `allow`.
        ours! {
            #[allow(unused_parens)]
            let __conjoin_value = if #tokens {
                { #value #private::Some(__conjoin_value) }
            } else {
                #does_not_run
                #private::None
            };
        }
    }

    /// Statements that bind the value of the user's code as `__conjoin_value`; attributes before them apply to this
    /// code.
    pub(super) fn evaluate(&self, code: &Code, first: Leave, decides: bool) -> TokenStream {
        let expression = self.expression(code, first, decides);
        // rustc warns of the first unreachable code after a body like `todo!()`. That should be this code.
        let unless_reached = ours!(#[allow(unreachable_code)] let () = (););
        let braces = code
            .has_attributes()
            .then(|| ours!(#[allow(unused_braces)]));
        ours! {
            #braces
            #[allow(unused_parens, clippy::diverging_sub_expression)]
            let __conjoin_value = #expression;
            #unless_reached
        }
    }

    /// The user's code in parentheses, which accept exactly one expression. Unless an `#![error]` converts, a `?` in
    /// tail position passes its error on unchanged, and so fixes the error's type.
    pub(super) fn expression(&self, code: &Code, first: Leave, decides: bool) -> TokenTree {
        if code.return_keyword().is_some() {
            let block = if code.tree().is_some() {
                code.without_returns()
            } else {
                // So the broken code does not affect the type of the surrounding block.
                let tokens = code.tokens();
                ours!((async { #(#tokens)* }.await))
            };
            return block.into_iter().next().expect("a group is a token");
        }
        let tokens = if decides {
            code.watch_first(&mut |operand, question| self.deciding(&operand, question))
        } else if self.checked.options.error.is_none() {
            code.replace_tails(&mut |operand, question, before| {
                let leave = if before > 0 { Leave::Compare } else { first };
                // rustc reports its errors at the `?`.
                let place = in_front_of(question);
                let (span, private) = placed(&self.private, place);
                let (fallible, failed) = (self.fallible(place), self.failed(leave, place));
                quote_spanned! {span=>
                    match #fallible(#operand) {
                        #private::Ok(__conjoin_value) => __conjoin_value,
                        #private::Err(__conjoin_error) => return #failed,
                    }
                }
            })
        } else {
            code.tokens().iter().cloned().collect()
        };
        let delimiter = if code.has_attributes() {
            Delimiter::Brace
        } else {
            Delimiter::Parenthesis
        };
        let mut group = Group::new(delimiter, tokens);
        if let Some(last) = code.tokens().last() {
            group.set_span(last.span());
        }
        group.into()
    }

    /// The `Settled` of a task that has run.
    fn settled(
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
    fn operand(&self, code: &Code) -> TokenStream {
        let operand = code.replace_tails(&mut |operand, question, _| {
            let fallible = self.fallible(in_front_of(question));
            // What rustc has to say of it belongs to the `?`.
            let span = Span::mixed_site().located_at(in_front_of(question));
            quote_spanned!(span=> #fallible(#operand))
        });
        let mut operand = Group::new(Delimiter::Parenthesis, operand);
        if let Some(last) = code.tokens().last() {
            operand.set_span(last.span());
        }
        let unless_reached = ours!(#[allow(unreachable_code)] let () = (););
        ours!({
            #[allow(unused_parens, clippy::diverging_sub_expression)]
            let __conjoin_value = #operand;
            #unless_reached
            __conjoin_value
        })
    }

    /// A task that runs if all its dependencies are done, and is skipped otherwise.
    fn unless_blocked(&self, task: usize, run: &TokenStream) -> TokenStream {
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

/// The block around some code of a task.
struct EnclosingBlock<'n> {
    block: OwnBlock,
    ending: Ending,
    /// The first `break` in it.
    breaks: Option<Span>,
    to: Break,
    /// The first token of the code.
    place: Span,
    /// The name to pass to the object of `#![around(…)]`, if there is one.
    within: Option<&'n Ident>,
}

impl EnclosingBlock<'_> {
    /// The value of a block, or the exit `out` if it broke.
    fn unwrapped(
        &self,
        private: &TokenStream,
        out: Option<TokenStream>,
        value: &TokenStream,
    ) -> TokenStream {
        let (Some(out), Some(keyword)) = (out, self.breaks) else {
            return value.clone();
        };
        let broken = broken(keyword);
        ours! {
            match #value {
                #private::ControlFlow::Continue(__conjoin_value) => __conjoin_value,
                #private::ControlFlow::Break(#broken) => #out,
            }
        }
    }
}

/// A link of a condition, in a form that is allowed after `if`.
fn in_head(link: TokenStream) -> TokenStream {
    let is_let = link.clone().into_iter().next();
    let is_let = is_let.is_some_and(|first| word(&first, "let"));
    if is_let { link } else { ours!((#link)) }
}

/// The first token of a task's code.
fn place(code: [Option<&Code>; 2]) -> Span {
    let first = code
        .into_iter()
        .flatten()
        .find_map(|code| code.tokens().first());
    first.map_or_else(Span::call_site, TokenTree::span)
}

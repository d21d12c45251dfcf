//! The code of a task, as the user wrote it: its condition and body.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::quote_spanned;

use super::Emitter;
use super::breaks::Break;
use super::own_block::EnclosingBlock;
use crate::ast::Each;
use crate::editor::in_front_of;
use crate::lower::{Around, ErrorExit, OwnBlock, Run};
use crate::syntax::Code;
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
    /// Statements that bind the value of a body as `__conjoin_value`: with a condition, the `Option` of it; with a `for`, the
    /// values of all items.
    pub(super) fn value_of(
        &self,
        code: Evaluated<'_>,
        run: &Run,
        task: Option<&Ident>,
    ) -> TokenStream {
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
    pub(super) fn evaluate(&self, code: &Code, first: ErrorExit, decides: bool) -> TokenStream {
        if let (Some((operand, question)), false, None) =
            (code.operand(), decides, &self.checked.options.error)
        {
            let value = self.unless_failed(&ours!(#(#operand)*), question, first);
            return ours!(let __conjoin_value = #value;);
        }
        let expression = self.expression(code, first, decides);
        // rustc warns of the first unreachable code after a body like `todo!()`. That should be this code.
        let unless_reached = ours!(#[allow(unreachable_code)] let () = (););
        let braces = code
            .has_attributes()
            .then(|| ours!(#[allow(unused_braces)]));
        ours! {
            #braces
            #[allow(unused_parens)]
            #[cfg_attr(clippy, allow(clippy::diverging_sub_expression))]
            let __conjoin_value = #expression;
            #unless_reached
        }
    }

    /// The user's code in parentheses, which accept exactly one expression. Unless an `#![error]` converts, a `?` in
    /// tail position passes its error on unchanged, and so fixes the error's type.
    pub(super) fn expression(&self, code: &Code, first: ErrorExit, decides: bool) -> TokenTree {
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
                let leave = if before > 0 {
                    ErrorExit::Compare
                } else {
                    first
                };
                self.unless_failed(&operand, question, leave)
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

    /// The value of the operand of a `?`. An error leaves the surrounding block.
    fn unless_failed(
        &self,
        operand: &TokenStream,
        question: Span,
        leave: ErrorExit,
    ) -> TokenStream {
        // rustc reports its errors at the `?`.
        let place = in_front_of(question);
        let (span, private) = self.private.placed(place);
        let (fallible, failed) = (self.fallible(place), self.failed(leave, place));
        quote_spanned! {span=>
            match #fallible(#operand) {
                #private::Ok(__conjoin_value) => __conjoin_value,
                #private::Err(__conjoin_error) => return #failed,
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
pub(super) fn place(code: [Option<&Code>; 2]) -> Span {
    let first = code
        .into_iter()
        .flatten()
        .find_map(|code| code.tokens().first());
    first.map_or_else(Span::call_site, TokenTree::span)
}

//! The items of a `for` task.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::quote_spanned;

use super::breaks::{Break, broken};
use super::{Emitter, async_block};
use crate::ast::Each;
use crate::editor::in_front_of;
use crate::lower::{ErrorExit, Items, OutcomeUse, OwnBlock, Run, Seats};
use crate::syntax::Code;

impl Emitter<'_> {
    /// Statements that bind the values of all items as `__conjoin_value`. The iterable lives until all items have
    /// completed, so that items can borrow from it.
    pub(super) fn each(&self, task: usize, each: &Each, body: &Code, run: &Run) -> TokenStream {
        let private = &self.private;
        let Some(how) = &run.items else {
            return TokenStream::new();
        };
        let ([before_iterable, _], [decides, _]) = (run.leaves, run.decides);
        let iterable = self.expression(&each.iterable, before_iterable, decides);
        let first = each.iterable.tokens().first();
        // rustc reports "… is not an iterator" at the iterable.
        let (span, there) = private.placed(in_front_of(first.map_or(each.span, TokenTree::span)));
        let iterator = quote_spanned!(span=> #there::iterate(#iterable));
        let item = self.item(each, body, run);
        let item = self.watched_item(task, run.body, item);
        let (seats, has_items) = (self.seats(task, how), self.has_items());
        let outputs = self.outputs(how, run);
        ours! {
            #[allow(unused_parens, clippy::match_single_binding)]
            let __conjoin_value = match #iterator {
                __conjoin_iterator => {
                    #seats
                    let mut __conjoin_items = #private::Items::new();
                    for (__conjoin_room, __conjoin_item) in __conjoin_iterator {
                        let __conjoin_item = #private::Item::new(__conjoin_item);
                        __conjoin_items.push(__conjoin_room, #item);
                    }
                    #has_items
                    let __conjoin_values = #outputs;
                    __conjoin_values
                }
            };
        }
    }

    /// The expression that runs the items and yields their values, unless an item fails or breaks.
    fn outputs(&self, how: &Items, run: &Run) -> TokenStream {
        let (private, pace) = (&self.private, how.pace);
        let question = match run.body {
            OwnBlock::Fallible(question) | OwnBlock::Operand(question) => Some(question),
            OwnBlock::Plain | OwnBlock::Infallible | OwnBlock::None => None,
        };
        let output = self.split(&ours!(__conjoin_output));
        let failed = question.map(|question| {
            let leave = match run.body_ending {
                OutcomeUse::Propagate(leave) => leave,
                _ => ErrorExit::Infer,
            };
            self.failed(leave, in_front_of(question))
        });
        let broken = run.body_breaks.map(|keyword| {
            let broken = broken(keyword);
            (self.broken(Break::Loop, keyword), broken)
        });
        let (keep, ends) = match (failed, broken) {
            (None, None) => {
                return ours!(#private::each::<#pace, _, _>(__conjoin_items, __conjoin_seats).await);
            }
            (Some(failed), None) => (
                output,
                ours!(#private::Err(__conjoin_error) => return #failed,),
            ),
            (None, Some((out, broken))) => (
                ours! {
                    match __conjoin_output {
                        #private::ControlFlow::Continue(__conjoin_value) => #private::Ok(__conjoin_value),
                        #private::ControlFlow::Break(__conjoin_value) => #private::Err(__conjoin_value),
                    }
                },
                ours!(#private::Err(#broken) => #out,),
            ),
            (Some(failed), Some((out, broken))) => (
                ours! {
                    match #output {
                        #private::Ok(#private::ControlFlow::Continue(__conjoin_value)) => {
                            #private::Ok(__conjoin_value)
                        }
                        #private::Ok(#private::ControlFlow::Break(__conjoin_value)) => {
                            #private::stop(__conjoin_value)
                        }
                        #private::Err(__conjoin_error) => #private::stopped(__conjoin_error),
                    }
                },
                ours! {
                    #private::Err(#private::Stop::Break(#broken)) => #out,
                    #private::Err(#private::Stop::Fail(__conjoin_error)) => return #failed,
                },
            ),
        };
        ours! {
            match #private::try_each::<#pace, _, _, _, _, _>(
                __conjoin_items,
                __conjoin_seats,
                |__conjoin_output| #keep,
            ).await {
                #private::Ok(__conjoin_values) => __conjoin_values,
                #ends
            }
        }
    }

    /// The future of an item. It moves the bindings of the pattern and borrows everything else.
    fn item(&self, each: &Each, body: &Code, run: &Run) -> TokenStream {
        let ([_, before], [_, decides]) = (run.leaves, run.decides);
        let mut value = self.evaluate(body, before, decides);
        if body.continue_keyword().is_some() {
            // The `continue` is already reported. In a loop of its own, rustc accepts it.
            value = ours!(let __conjoin_value = loop { #value break __conjoin_value; };);
        }
        let last = body.tokens().last().map(TokenTree::span);
        let question = match run.body {
            OwnBlock::Fallible(question) | OwnBlock::Operand(question) => Some(question),
            OwnBlock::Plain | OwnBlock::Infallible | OwnBlock::None => None,
        };
        let decision = self.body_decision(run);
        let (value, result) = self.flow(value, run.body_breaks, question);
        let result = match question {
            Some(question) => self.succeeded(&result, question),
            None if run.body_breaks.is_some() => result,
            // rustc reports a value that does not live long enough at the body.
            None => {
                let place = last.unwrap_or(each.span);
                quote_spanned!(Span::mixed_site().located_at(place)=> __conjoin_value)
            }
        };
        // rustc reports errors about a pattern at the pattern.
        let pattern = &each.pattern.tokens;
        let end = pattern.clone().into_iter().last();
        let place = end.map_or(each.span, |end| end.span());
        let there = Span::mixed_site().located_at(place);
        let keyword = Span::mixed_site().located_at(in_front_of(place));
        let keyword = quote_spanned!(keyword=> #[allow(unused_parens)] let);
        let binding = quote_spanned!(there=> #keyword (#pattern) = __conjoin_item.take(););
        let first = body.tokens().first().map(|first| match first {
            TokenTree::Ident(ident) => in_front_of(ident.span()),
            first => first.span(),
        });
        async_block(first, last, ours!({ #binding #decision #value #result }))
    }

    /// The statement that binds the limit of the items.
    fn seats(&self, task: usize, items: &Items) -> TokenStream {
        let private = &self.private;
        let own = self.checked.limits[task].as_ref().map(|limit| {
            // A panic reports this place.
            let place = limit.clone().into_iter().next();
            let place = place.map_or_else(Span::call_site, |token| token.span());
            let (span, private) = private.placed(place);
            let text = limit.to_string();
            quote_spanned! {span=>
                #[allow(unused_parens)]
                let __conjoin_most: usize = (#limit);
                let __conjoin_most = #private::item_limit(__conjoin_most, #text);
            }
        });
        let seats = match (items.seats, &own) {
            (Seats::All, None) => ours!(#private::Unlimited),
            (Seats::All, Some(_)) => ours!(#private::AtMost(__conjoin_most)),
            (Seats::Graph, None) => ours!(#private::AtMost(__conjoin_limit)),
            (Seats::Graph, Some(_)) => {
                ours!(#private::AtMost(#private::least(__conjoin_most, __conjoin_limit)))
            }
            (Seats::Shared(place), None) => ours!(__conjoin_places.seats(#place, __conjoin_limit)),
            (Seats::Shared(place), Some(_)) => {
                ours!(__conjoin_places.seats(#place, __conjoin_most))
            }
        };
        ours!(#own let __conjoin_seats = #seats;)
    }
}

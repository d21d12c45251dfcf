//! The loops that poll several futures from one.
//!
//! A loop starts at another future each time, so that a busy one cannot use up the runtime's budget for its siblings
//! (tokio's `join!` does the same). The first error ends it at once.

use proc_macro2::{Ident, Literal, Span, TokenStream, TokenTree};
use quote::{format_ident, quote_spanned};

use super::{Expander, Scope, bundle, in_front_of, placed};
use crate::check::number;
pub(super) use crate::plan::WIDE;

/// A future that is polled beside others.
pub(super) struct Child {
    /// What its variables are numbered by.
    pub(super) index: usize,
    /// The pattern of the values that it makes.
    pub(super) values: TokenStream,
    pub(super) resolves_to: ResolvesTo,
    /// Whether a `?` in tail position fixes the type of its error.
    pub(super) fixes_error: bool,
    pub(super) future: TokenStream,
    /// Whether this is in no block.
    pub(super) is_bare: bool,
    /// `.await`, of the user's if it is in no block.
    pub(super) awaits: TokenStream,
}

/// What a child's future resolves to.
pub(super) enum ResolvesTo {
    /// The values.
    Values,
    /// A `Result` of them, of a block in which this is the first `?`.
    Result(Span),
    /// What stands before this `?` in tail position.
    Tail(Span),
    /// What stands before this `?`, whose error is to be converted.
    Convertible(TokenTree),
}

impl Child {
    /// The first `?` in it, when it can fail.
    pub(super) fn fails(&self) -> Option<Span> {
        match &self.resolves_to {
            ResolvesTo::Values => None,
            ResolvesTo::Result(question) | ResolvesTo::Tail(question) => Some(*question),
            ResolvesTo::Convertible(question) => Some(question.span()),
        }
    }

    fn future(&self) -> Ident {
        format_ident!("__child_{}", self.index, span = Span::mixed_site())
    }

    fn output(&self) -> Ident {
        format_ident!("__output_{}", self.index, span = Span::mixed_site())
    }

    /// What the future has resolved to. Of what becomes of this, rustc speaks at the user's `.await`.
    fn result(&self) -> Ident {
        let place = self
            .awaits
            .clone()
            .into_iter()
            .last()
            .map_or_else(Span::mixed_site, |last| last.span());
        Ident::new("__result", Span::mixed_site().located_at(place))
    }

    /// The values, out of where they are kept when the child has ended.
    pub(super) fn take(&self, private: &TokenStream) -> TokenStream {
        let output = self.output();
        ours!(#private::take(&mut #output))
    }

    /// The statements that pin the future, for its first poll later, and make room for its output.
    pub(super) fn pin(&self, private: &TokenStream) -> TokenStream {
        let (pinned, output) = (self.pinned(private), self.output());
        ours!(#pinned let mut #output = #private::None;)
    }

    /// The statements that pin the future. A block drops what is in it when it has ended; what is in none is to do the
    /// same.
    fn pinned(&self, private: &TokenStream) -> TokenStream {
        let (name, future) = (self.future(), &self.future);
        let pinned = if self.is_bare {
            ours!(#private::Called { future: #private::pin!(#private::Some(#future)) })
        } else {
            ours!(#private::pin!(#future))
        };
        ours!(let mut #name = #pinned; #private::part!(#name);)
    }

    /// The expression that gets the values out of the result; an error leaves by way of `leave`, which gets what the error
    /// is to be. Its type may have been fixed before.
    fn values_or(
        &self,
        private: &TokenStream,
        error_is_fixed: bool,
        leave: &dyn Fn(TokenStream) -> TokenStream,
    ) -> TokenStream {
        let result = self.result();
        let question = match &self.resolves_to {
            ResolvesTo::Values => return ours!(#result),
            ResolvesTo::Convertible(question) => return ours!(#result #question),
            ResolvesTo::Result(question) | ResolvesTo::Tail(question) => *question,
        };
        let (span, there) = placed(private, in_front_of(question));
        let result = if let ResolvesTo::Tail(_) = self.resolves_to {
            // Of a variable as the argument, rustc would blame where it comes from.
            quote_spanned!(span=> #there::fallible(#there::identity(#result)))
        } else {
            ours!(#result)
        };
        let leave = leave(failed(&there, span, error_is_fixed && self.fixes_error));
        ours! {
            match #result {
                #private::Ok(__value) => __value,
                #private::Err(__error) => #leave,
            }
        }
    }
}

/// `Err(__error)`; where the types of the error and of what it is to be are `both_fixed`, with words of our own in case
/// that they differ. (Where one is open, the words would keep it open.)
pub(super) fn failed(private: &TokenStream, span: Span, both_fixed: bool) -> TokenStream {
    if both_fixed {
        quote_spanned!(span=> #private::failed(__error))
    } else {
        quote_spanned!(span=> #private::Err(__error))
    }
}

/// A child that starts when others have ended.
pub(super) struct Gated {
    pub(super) child: Child,
    /// Its rank among the children by declaration. The code stands in topological order, for inference.
    pub(super) place: usize,
    /// The places of those that it waits for.
    pub(super) gate: Vec<usize>,
    /// Whether its values are those of the loop.
    pub(super) is_returned: bool,
}

/// Whether the children of a loop, of which so many can run at a time, have wakers of their own.
pub(super) fn is_wide(most_at_once: usize, limit: Option<&TokenStream>) -> bool {
    limit
        .and_then(number)
        .map_or(most_at_once, |limit| limit.min(most_at_once))
        >= WIDE
}

impl Expander<'_> {
    /// The expression of a limit on how many tasks run at a time.
    pub(super) fn limit(&self) -> Option<&TokenStream> {
        self.checked.options.limit.as_ref()
    }

    /// Statements that start a child and poll it for the first time.
    pub(super) fn start(&self, child: &Child, scope: &Scope) -> TokenStream {
        let private = &self.private;
        let (name, output, result) = (child.future(), child.output(), child.result());
        let (pinned, awaits) = (child.pinned(private), &child.awaits);
        let (span, there) = placed(private, result.span());
        let poll = quote_spanned!(span=> #there::poll_once(#name.as_mut()));
        let values = child.values_or(
            private,
            scope.error_is_fixed.get(),
            &|failed| ours!(return #failed),
        );
        scope
            .error_is_fixed
            .set(scope.error_is_fixed.get() || child.fixes_error);
        ours! {
            #pinned
            let mut #output = match #poll #awaits {
                #private::Poll::Ready(#result) => #private::Some(#values),
                #private::Poll::Pending => #private::None,
            };
        }
    }

    /// Statements that poll `running`, of which each has been polled in this very poll of the graph, until all of
    /// `awaited` have ended.
    pub(super) fn wait(
        &self,
        running: &[&Child],
        awaited: &[&Child],
        scope: &Scope,
    ) -> TokenStream {
        let (private, pace, width) = (&self.private, scope.pace, running.len());
        let poll = |child: &&Child| {
            let (name, output, result) = (child.future(), child.output(), child.result());
            let values = child.values_or(private, true, &|failed| ours!(return #failed));
            let poll = ours! {
                if let #private::Poll::Ready(#result) = #private::poll_once(#name.as_mut()).await {
                    #output = #private::Some(#values);
                }
            };
            // A bare one knows that it has ended.
            if child.is_bare {
                poll
            } else {
                ours!(if #output.is_none() { #poll })
            }
        };
        let mut polls = running.iter().map(poll);
        let turn =
            (width > 1).then(|| ours!(let mut __turn = #private::Turn::<#width, #pace>::new();));
        let polls = match width {
            1 => polls.collect(),
            2 => {
                let (first, second) = (polls.next(), polls.next());
                ours! {
                    let __first = __turn.step();
                    if __first == 1 { #second }
                    #first
                    if __first == 0 { #second }
                }
            }
            _ => {
                let arms = arms_of(polls);
                ours! {
                    let mut __at = __turn.step();
                    for _ in 0..#width {
                        match __at { #arms }
                    }
                }
            }
        };
        let awaited = awaited.iter().map(|child| child.output());
        ours! {
            #turn
            while #(#awaited.is_none())||* {
                #private::suspend().await;
                #polls
            }
        }
    }

    /// An expression that polls each child from the moment on when those at its gate have ended, and yields the values
    /// of those that are returned. Ready children are started in the order of their places when their number is
    /// limited.
    pub(super) fn gated(&self, gated: &[Gated], most_at_once: usize, scope: &Scope) -> TokenStream {
        let (private, pace) = (&self.private, scope.pace);
        let width = gated.len();
        let words = |places: &mut dyn Iterator<Item = usize>| {
            let mut words = vec![0_u64; width.div_ceil(64)];
            places.for_each(|place| words[place / 64] |= 1 << (place % 64));
            words.into_iter().map(Literal::u64_unsuffixed)
        };
        let roots = words(
            &mut gated
                .iter()
                .filter(|gated| gated.gate.is_empty())
                .map(|gated| gated.place),
        );
        let roots = ours!([#(#roots),*]);
        let mut starts = vec![TokenStream::new(); width];
        for behind in gated {
            // Of many words but those that are not zero: the code shall grow with the dependencies alone.
            let gate = words(&mut behind.gate.iter().copied()).enumerate();
            let gate = gate
                .filter(|(_, bits)| bits.to_string() != "0")
                .map(|(word, bits)| ours!((#word, #bits)));
            let (at, gate) = (behind.place, ours!([#(#gate),*]));
            for &need in &behind.gate {
                starts[need].extend(ours!(__tasks.start_behind(&mut __due, #at, #gate);));
            }
        }
        let mut fixed = false;
        let arms = gated.iter().map(|Gated { child, place, .. }| {
            let (name, output, result) = (child.future(), child.output(), child.result());
            let starts = &starts[*place];
            let values = child.values_or(private, fixed, &|failed| ours!(return #private::Poll::Ready(#failed)));
            fixed |= child.fixes_error;
            ours! {
                #place => if let #private::Poll::Ready(#result) = #private::Future::poll(#name.as_mut(), __cx) {
                    #output = #private::Some(#values);
                    __tasks.end(#place);
                    #starts
                }
            }
        });
        let arms: TokenStream = arms.collect();
        let returned = gated.iter().filter(|gated| gated.is_returned);
        let values = bundle(returned.map(|gated| gated.child.take(private)));
        let fails = gated.iter().any(|gated| gated.child.fails().is_some());
        let values = if fails {
            ours!(#private::Ok(#values))
        } else {
            values
        };
        let is_limited = self.limit().is_some();
        let running = if is_limited {
            ours!(Limited::new(#roots, __limit))
        } else {
            ours!(Tasks::new(#roots))
        };
        let is_wide = is_wide(most_at_once, self.limit());
        let groups = width.div_ceil(256);
        let wakers =
            is_wide.then(|| ours!(let mut __wakers = #private::Wakers::<#groups, _>::new();));
        let begin = if is_wide {
            ours!(__tasks.begin_poll_of(&mut __wakers, __cx.waker(), __start))
        } else {
            ours!(__tasks.begin_poll(__start))
        };
        let lend = is_wide.then(|| {
            ours! {
                let mut __lent = #private::None;
                let __waker = __wakers.lend(__at, __cx.waker(), &mut __lent);
                let __cx = &mut #private::Context::from_waker(&__waker);
            }
        });
        let join = ours!({
            let mut __tasks = #private::#running;
            #wakers
            #private::join::<#width, #pace, _, _>(move |__cx, __start| {
                let mut __due = #begin;
                while let #private::Some(__at) = __tasks.next_due(&mut __due) {
                    #lend
                    match __at {
                        #arms
                        _ => {}
                    }
                }
                if __tasks.none_runs() { #private::Poll::Ready(#values) } else { #private::Poll::Pending }
            })
        });
        self.propagate(fails, fixed, &join, scope)
    }

    /// Awaits a loop or a block. Its error is the one of the block around it.
    pub(super) fn propagate(
        &self,
        fails: bool,
        fixes_error: bool,
        join: &TokenStream,
        scope: &Scope,
    ) -> TokenStream {
        let private = &self.private;
        if !fails {
            return ours!(#join.await);
        }
        let around = scope
            .error_is_fixed
            .replace(scope.error_is_fixed.get() || fixes_error);
        let failed = failed(private, Span::mixed_site(), fixes_error && around);
        ours! {
            match #join.await {
                #private::Ok(__values) => __values,
                #private::Err(__error) => return #failed,
            }
        }
    }
}

/// The arms of a `match __at` that steps on to the next.
fn arms_of(arms: impl ExactSizeIterator<Item = TokenStream>) -> TokenStream {
    let last = arms.len() - 1;
    let arms = arms.enumerate().map(|(at, arm)| {
        let next = if at == last { 0 } else { at + 1 };
        let pattern = if at == last { ours!(_) } else { ours!(#at) };
        ours!(#pattern => { #arm __at = #next; })
    });
    arms.collect()
}

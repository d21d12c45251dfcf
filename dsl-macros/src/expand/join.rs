//! The loops that poll several futures from one.
//!
//! A loop starts at another future each time, so that a busy one cannot use up the runtime's budget for its siblings
//! (tokio's `join!` does the same). The first error ends it at once.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{format_ident, quote_spanned};

use super::{Expander, Scope, bundle, placed};
use crate::check::number;

/// A future that is polled beside others.
pub(super) struct Child {
    /// What its variables are numbered by.
    pub(super) index: usize,
    /// The pattern of the values in its output.
    pub(super) values: TokenStream,
    /// The first `?` in it, when it can fail: then its output is a `Result`.
    pub(super) fails: Option<Span>,
    /// Whether a `?` in tail position fixes the type of its error.
    pub(super) fixes_error: bool,
    /// The `async` block.
    pub(super) block: TokenStream,
}

impl Child {
    fn future(&self) -> Ident {
        format_ident!("__child_{}", self.index, span = Span::mixed_site())
    }

    fn output(&self) -> Ident {
        format_ident!("__output_{}", self.index, span = Span::mixed_site())
    }

    /// The statements that pin the future, for its first poll later, and make room for its output.
    pub(super) fn start(&self, private: &TokenStream) -> TokenStream {
        let (future, output, block) = (self.future(), self.output(), &self.block);
        ours! {
            let mut #future = #private::pin!(#block);
            let mut #output = #private::None;
        }
    }

    /// Polls once. An error ends the whole loop, whose error's type an earlier child may have fixed.
    fn poll(&self, private: &TokenStream, error_is_fixed: &mut bool, when_done: &TokenStream) -> TokenStream {
        let (future, output) = (self.future(), self.output());
        let keep = match self.fails {
            None => ours!(#output = #private::Some(__result);),
            Some(question) => {
                let (span, there) = placed(private, question);
                let failed = failed(&there, span, *error_is_fixed && self.fixes_error);
                *error_is_fixed |= self.fixes_error;
                ours! {
                    match __result {
                        #private::Ok(__value) => #output = #private::Some(__value),
                        #private::Err(__error) => return #private::Poll::Ready(#failed),
                    }
                }
            }
        };
        ours! {
            if let #private::Poll::Ready(__result) = #private::Future::poll(#future.as_mut(), __cx) {
                #keep
                #when_done
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

/// A child in one loop.
pub(super) struct Polled<'c> {
    pub(super) child: &'c Child,
    /// Whether an earlier loop has polled it in this very poll of the graph.
    pub(super) carried: bool,
    /// Whether the loop runs until it has ended.
    pub(super) awaited: bool,
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

/// From so many children at a time on, each gets a waker of its own, instead of being polled whoever is woken.
pub(super) const WIDE: usize = 8;

impl Expander<'_> {
    /// An expression that polls until all awaited children have ended, and yields their values. `last` when no loop
    /// after this one needs the others. With carried children there must be a variable `__first`, which is `true`.
    pub(super) fn join(&self, polled: &[Polled<'_>], last: bool, scope: &Scope) -> TokenStream {
        let (private, pace) = (&self.private, scope.pace);
        let mut fixed = false;
        let arms = polled.iter().map(|Polled { child, carried, .. }| {
            let output = child.output();
            let unless_just_polled = carried.then(|| ours!(!__first &&));
            let poll = child.poll(private, &mut fixed, &TokenStream::new());
            ours!(if #unless_just_polled #output.is_none() { #poll })
        });
        let (arms, width) = (arms_of(arms), polled.len());
        let awaited: Vec<_> =
            polled.iter().filter(|polled| polled.awaited).map(|polled| polled.child.output()).collect();
        let values = bundle(awaited.iter().map(|output| ours!(#private::take(&mut #output))));
        let fails = polled.iter().any(|polled| polled.child.fails.is_some());
        let values = if fails { ours!(#private::Ok(#values)) } else { values };
        let no_more_first = polled.iter().any(|polled| polled.carried).then(|| ours!(__first = false;));
        let capture = last.then(|| ours!(move));
        let all = quote_spanned!(Span::mixed_site()=> #(#awaited.is_some())&&*);
        let join = ours! {
            #private::join::<#width, #pace, _, _>(#capture |__cx, __start| {
                let mut __at = __start;
                for _ in 0..#width {
                    match __at { #arms }
                }
                #no_more_first
                if #all { #private::Poll::Ready(#values) } else { #private::Poll::Pending }
            })
        };
        self.propagate(fails, fixed, &join, scope)
    }

    /// An expression that polls each child from the moment on when those at its gate have ended, and yields the values
    /// of those that are returned. Ready children are started in the order of their places when their number is
    /// limited.
    pub(super) fn gated(&self, gated: &[Gated], most_at_once: usize, scope: &Scope) -> TokenStream {
        let (private, pace) = (&self.private, scope.pace);
        let width = gated.len();
        let mask = |places: &mut dyn Iterator<Item = usize>| {
            let mut words = vec![0_u64; width.div_ceil(64)];
            places.for_each(|place| words[place / 64] |= 1 << (place % 64));
            let words = words.into_iter().map(Literal::u64_unsuffixed);
            ours!([#(#words),*])
        };
        let roots = mask(&mut gated.iter().filter(|gated| gated.gate.is_empty()).map(|gated| gated.place));
        let mut starts = vec![TokenStream::new(); width];
        for behind in gated {
            let (at, gate) = (behind.place, mask(&mut behind.gate.iter().copied()));
            for &need in &behind.gate {
                starts[need].extend(ours!(__tasks.start_behind(#at, #gate);));
            }
        }
        let mut fixed = false;
        let arms = gated.iter().map(|Gated { child, place, .. }| {
            let starts = &starts[*place];
            let poll = child.poll(private, &mut fixed, &ours!(__tasks.end(#place); #starts));
            ours!(#place => #poll)
        });
        let arms: TokenStream = arms.collect();
        let outputs = gated.iter().filter(|gated| gated.is_returned).map(|gated| gated.child.output());
        let values = bundle(outputs.map(|output| ours!(#private::take(&mut #output))));
        let fails = gated.iter().any(|gated| gated.child.fails.is_some());
        let values = if fails { ours!(#private::Ok(#values)) } else { values };
        let is_limited = self.checked.options.limit.is_some();
        let running = if is_limited { ours!(Limited::new(#roots, __limit)) } else { ours!(Tasks::new(#roots)) };
        let limit = self.checked.options.limit.as_ref().and_then(number);
        let is_wide = limit.map_or(most_at_once, |limit| limit.min(most_at_once)) >= WIDE;
        let groups = width.div_ceil(256);
        let wakers = is_wide.then(|| ours!(let mut __wakers = #private::Wakers::<#groups, _>::new();));
        let begin = if is_wide {
            ours!(__tasks.begin_poll_of(__wakers.begin_poll(__cx.waker()), __start);)
        } else {
            ours!(__tasks.begin_poll(__start);)
        };
        let child = is_wide.then(|| {
            ours! {
                let __child = __wakers.child(__at, __cx.waker());
                let __waker = __child.waker();
                let __cx = &mut #private::Context::from_waker(&__waker);
            }
        });
        let join = ours!({
            let mut __tasks = #private::#running;
            #wakers
            #private::join::<#width, #pace, _, _>(move |__cx, __start| {
                #begin
                while let #private::Some(__at) = __tasks.next_due() {
                    #child
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
    pub(super) fn propagate(&self, fails: bool, fixes_error: bool, join: &TokenStream, scope: &Scope) -> TokenStream {
        let private = &self.private;
        if !fails {
            return ours!(#join.await);
        }
        let around = scope.error_is_fixed.replace(scope.error_is_fixed.get() || fixes_error);
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

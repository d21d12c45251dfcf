//! Few chains of a gated part, in one future, which holds and polls all of them.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::children::Child;
use super::gates::Gates;
use super::poll::Turn;

/// Futures of few chains, like the joins of few children. A chain is polled when it is due, and again in the same poll when a
/// later one opens its gate.
macro_rules! chains {
    ($($function:ident -> $Chains:ident: $($Chain:ident $chain:ident $place:literal),+; $Last:ident $last:ident $last_place:literal of $width:literal;)+) => {$(
        #[inline]
        #[allow(clippy::too_many_arguments, reason = "an argument for each chain")]
        pub fn $function<const PACE: usize, Shared, $($Chain: Child,)+ $Last: Child>(
            gates: Shared,
            $($chain: $Chain,)+
            $last: $Last,
        ) -> $Chains<Shared, $($Chain,)+ $Last, Turn<$width, PACE>> {
            $Chains { gates, $($chain,)+ $last, turn: Turn::new() }
        }

        pin_project! {
            #[must_use = "futures do nothing unless polled"]
            pub struct $Chains<Shared, $($Chain,)+ $Last, R> {
                gates: Shared,
                $(#[pin] $chain: $Chain,)+
                #[pin]
                $last: $Last,
                turn: R,
            }
        }

        impl<const TASKS: usize, const PACE: usize, $($Chain: Child,)+ $Last: Child> Future
            for $Chains<&Gates<TASKS, 1>, $($Chain,)+ $Last, Turn<$width, PACE>>
        {
            type Output = (
                $(Option<Result<$Chain::Value, $Chain::Failure>>,)+
                Option<Result<$Last::Value, $Last::Failure>>,
            );

            #[inline]
            fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
                let mut this = self.project();
                let gates = *this.gates;
                let mut start = this.turn.place();
                gates.begin_poll(0, u64::MAX);
                'poll: {
                    macro_rules! poll {
                        ($polled:ident $at:literal) => {
                            if gates.takes_turn($at) {
                                match this.$polled.as_mut().resume(cx) {
                                    Poll::Pending => {}
                                    Poll::Ready(false) => gates.rest($at),
                                    Poll::Ready(true) => break 'poll,
                                }
                            }
                        };
                    }
                    loop {
                        $(if start <= $place { poll!($chain $place); })+
                        poll!($last $last_place);
                        start = 0;
                        if gates.due(0) == 0 {
                            break;
                        }
                    }
                    if !gates.none_runs() {
                        this.turn.advance();
                        return Poll::Pending;
                    }
                }
                Poll::Ready(($(this.$chain.take(),)+ this.$last.take()))
            }
        }

        impl<Shared, $($Chain,)+ $Last, R> fmt::Debug for $Chains<Shared, $($Chain,)+ $Last, R>
        {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($Chains)).finish_non_exhaustive()
            }
        }
    )+};
}

chains! {
    chains_2 -> Chains2: A a 0; B b 1 of 2;
    chains_3 -> Chains3: A a 0, B b 1; C c 2 of 3;
    chains_4 -> Chains4: A a 0, B b 1, C c 2; D d 3 of 4;
    chains_5 -> Chains5: A a 0, B b 1, C c 2, D d 3; E e 4 of 5;
    chains_6 -> Chains6: A a 0, B b 1, C c 2, D d 3, E e 4; F f 5 of 6;
    chains_7 -> Chains7: A a 0, B b 1, C c 2, D d 3, E e 4, F f 5; G g 6 of 7;
}

// Under loom, wakers work only in models.
#[cfg(all(test, not(loom)))]
mod tests {
    use core::cell::RefCell;
    use core::future::Future;
    use core::pin::pin;
    use core::task::{Context, Poll, Waker};
    use std::string::String;

    use super::super::children::{block_child, never_fails};
    use super::super::gates::Gates;
    use super::super::poll::suspend;
    use super::{chains_2, chains_3};

    #[test]
    fn gate_opens_for_an_earlier_chain_in_the_same_poll() {
        let gates = Gates::<1, 1>::new([0b11]);
        let logged = RefCell::new(String::new());
        let log = |text| logged.borrow_mut().push_str(text);
        let waits = async {
            log("w");
            gates.wait(0).await;
            log("W");
        };
        let opens = async {
            log("o");
            suspend().await;
            gates.end(0, [(0, 1)]);
            log("O");
            suspend().await;
        };
        let (waits, opens) = (
            block_child(waits, never_fails),
            block_child(opens, never_fails),
        );
        let mut chains = pin!(chains_2::<1, _, _, _>(&gates, waits, opens));
        let mut cx = Context::from_waker(Waker::noop());
        for _ in 0..2 {
            assert!(chains.as_mut().poll(&mut cx).is_pending());
        }
        let Poll::Ready((Some(Ok(())), Some(Ok(())))) = chains.poll(&mut cx) else {
            panic!("all have ended");
        };
        assert_eq!(*logged.borrow(), "woOW");
    }

    #[test]
    fn failure_ends_the_poll() {
        let gates = Gates::<1, 1>::new([0b111]);
        let one = block_child(async { 1 }, never_fails);
        let fails = block_child(async { Err::<(), _>("failure") }, |result| result);
        let last = block_child(async { unreachable!("not polled") }, never_fails::<()>);
        let chains = pin!(chains_3::<1, _, _, _, _>(&gates, one, fails, last));
        let Poll::Ready(results) = chains.poll(&mut Context::from_waker(Waker::noop())) else {
            panic!("a failure ends all");
        };
        assert_eq!(results, (Some(Ok(1)), Some(Err("failure")), None));
    }
}

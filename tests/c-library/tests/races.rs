//! Futures that are dropped while C calls: a million times and more, at all distances from each other. And the other way
//! round: C that cancels and frees while futures end. A seed from `CONJOIN_SEED` repeats what was tried, though not how the
//! threads met.

use std::env;
use std::hint::spin_loop;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use conjoin_adapters::CallbackError;
use conjoin_adapters::ffi::{self, ExportStatus, UserData};
use conjoin_adapters_c_library::Racer;
use conjoin_adapters_c_library::exports::script;

const RACES: usize = 1_000_000;
const EXPORTS: usize = 200_000;
const LENGTH: usize = 48;

/// The generator of Marsaglia's paper on xorshift.
struct Random(u64);

impl Random {
    fn seeded() -> Self {
        let seed = env::var("CONJOIN_SEED")
            .ok()
            .map(|seed| seed.parse().expect("CONJOIN_SEED is a number"));
        let now = || {
            SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap()
                .as_secs()
        };
        let seed = seed.unwrap_or_else(now).max(1);
        println!("CONJOIN_SEED={seed}");
        Random(seed)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

/// One of those that must all be gone in the end.
struct Token(Arc<AtomicI64>);

impl Token {
    fn new(alive: &Arc<AtomicI64>) -> Self {
        alive.fetch_add(1, Ordering::Relaxed);
        Token(Arc::clone(alive))
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[derive(Debug, Default)]
struct Seen {
    settled: usize,
    dropped: usize,
}

/// Polls or not, waits a little, drops; or polls to the end.
fn race<T>(
    random: &mut Random,
    seen: &mut Seen,
    future: impl Future<Output = Result<T, CallbackError<()>>>,
) -> Option<T> {
    let mut future = pin!(future);
    let mut cx = Context::from_waker(Waker::noop());
    let (kind, delay) = (random.below(4), random.below(40));
    for spins in 1_u64.. {
        if kind > 0
            && let Poll::Ready(outcome) = future.as_mut().poll(&mut cx)
        {
            seen.settled += 1;
            return Some(outcome.expect("C calls, and the closure succeeds"));
        }
        if kind < 3 {
            (0..delay).for_each(|_| spin_loop());
            break;
        }
        // C's thread may wait for this core.
        if spins.is_multiple_of(64) {
            thread::yield_now();
        } else {
            spin_loop();
        }
    }
    seen.dropped += 1;
    None
}

#[test]
fn races_of_drops_and_calls_leak_nothing() {
    let (racer, mut random) = (Racer::new(), Random::seeded());
    let (alive, unclaimed) = (Arc::new(AtomicI64::new(0)), Arc::new(AtomicI64::new(0)));
    let mut seen = [(); 5].map(|()| Seen::default());
    let mut claimed = 0;
    for _ in 0..RACES {
        let (token, kind) = (
            Token::new(&alive),
            usize::try_from(random.below(5)).unwrap(),
        );
        match kind {
            0 => {
                let (call, future) = ffi::once(move |_: UserData, _: i32| (Ok(token), 0));
                racer.once(call);
                drop(race(&mut random, &mut seen[kind], future));
            }
            1 => {
                let (call, future) =
                    ffi::once_lending(vec![0; LENGTH], move |buffer: UserData<Vec<u8>>, _: i32| {
                        drop(token);
                        (Ok(buffer.into_lent()), 0)
                    });
                let counting = Arc::clone(&unclaimed);
                racer.fill(call.unclaimed(move |buffer| {
                    assert_eq!(buffer, Ok(vec![b'x'; LENGTH]));
                    counting.fetch_add(1, Ordering::Relaxed);
                }));
                let buffer = race(&mut random, &mut seen[kind], future);
                claimed += i64::from(buffer.is_some());
                assert!(buffer.is_none_or(|buffer| buffer == [b'x'; LENGTH]));
            }
            2 => {
                let (call, future) = ffi::keyed(move |_: UserData, _: i32| (Ok(token), 0));
                racer.keyed(2, call);
                drop(race(&mut random, &mut seen[kind], future));
            }
            3 => {
                let of_value = Arc::clone(&alive);
                let (call, future) = ffi::with_destroy(move |_: UserData, call: i32| {
                    let _ = &token;
                    ((call > 0).then(|| Ok(Token::new(&of_value))), 0)
                });
                let _ = racer.with_destroy(3, call);
                drop(race(&mut random, &mut seen[kind], future));
            }
            _ => {
                // Here it is the destruction that is raced, too.
                let (call, future) = ffi::with_destroy(
                    move |_: UserData, _: i32| -> (Option<Result<(), ()>>, i32) {
                        let _ = &token;
                        (None, 0)
                    },
                );
                let destroy = racer.with_destroy(3, call);
                (0..random.below(40)).for_each(|_| spin_loop());
                destroy();
                let _ = pin!(future).poll(&mut Context::from_waker(Waker::noop()));
                seen[kind].dropped += 1;
            }
        }
    }
    racer.wait();
    println!("once, lending, keyed, with_destroy, destroyed: {seen:?}");
    assert_eq!(alive.load(Ordering::Relaxed), 0);
    let lendings = seen[1].settled + seen[1].dropped;
    assert_eq!(
        claimed + unclaimed.load(Ordering::Relaxed),
        i64::try_from(lendings).unwrap(),
        "all buffers came back"
    );
    assert!(
        unclaimed.load(Ordering::Relaxed) > 0 && claimed > 0,
        "both sides came first, now and then"
    );
}

#[test]
fn races_of_cancels_and_ends_call_back_once() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .unwrap();
    let _entered = runtime.enter();
    let (mut random, alive) = (Random::seeded(), Arc::new(AtomicI64::new(0)));
    let (mut done, mut cancelled) = (0, 0);
    for _ in 0..EXPORTS {
        let length = random.below(7);
        let letter = |_| ['c', 'f', 's', 's', 's', 'w'][usize::try_from(random.below(6)).unwrap()];
        let letters: String = (0..length).map(letter).collect();
        let (token, polls) = (Token::new(&alive), random.below(3));
        let future = async move {
            let _token = token;
            for _ in 0..polls {
                tokio::task::yield_now().await;
            }
            1.5
        };
        let outcome = script(future, &letters);
        assert_eq!(alive.load(Ordering::Relaxed), 0, "{letters}");
        match outcome.status {
            ExportStatus::Done => {
                assert_eq!(
                    (outcome.value, outcome.cancelled),
                    (Some(1.5), 0),
                    "{letters}"
                );
                done += 1;
            }
            ExportStatus::Cancelled => {
                assert_eq!((outcome.value, outcome.cancelled), (None, 1), "{letters}");
                cancelled += 1;
            }
            other => panic!("{other:?} after {letters}"),
        }
    }
    println!("done: {done}, cancelled: {cancelled}");
    assert!(
        done > 0 && cancelled > 0,
        "both sides came first, now and then"
    );
}

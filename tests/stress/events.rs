//! Events that tasks wait for, and the threads that trigger them.

use std::future::Future;
use std::hint;
use std::mem;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::thread::{self, JoinHandle};

use futures::task::AtomicWaker;

use crate::random::Random;

/// The steps that have been made and not been dropped.
pub(crate) static LIVE_STEPS: AtomicUsize = AtomicUsize::new(0);

/// Something that happens once.
#[derive(Debug, Default)]
struct Event {
    has_happened: AtomicBool,
    waker: AtomicWaker,
    ledger: Arc<Ledger>,
}

/// How many events of a graph were asked for, have happened, and were seen by the task that waited. In a graph that
/// hangs, those that have happened and were not seen are the lost wakes, unless its tasks were dropped.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    asked: AtomicUsize,
    happened: AtomicUsize,
    seen: AtomicUsize,
}

impl Event {
    fn happen(&self) {
        self.ledger.happened.fetch_add(1, Ordering::Relaxed);
        self.has_happened.store(true, Ordering::Release);
        self.waker.wake();
    }
}

/// Makes the steps of one graph.
#[derive(Clone)]
pub(crate) struct Steps {
    bringers: Vec<Sender<Order>>,
    random: Arc<Mutex<Random>>,
    ledger: Arc<Ledger>,
}

impl Steps {
    pub(crate) fn new(bringers: &Bringers, random: &mut Random) -> Self {
        let random = Arc::new(Mutex::new(Random::new(random.below(usize::MAX) as u64)));
        Steps {
            bringers: bringers.senders.clone(),
            random,
            ledger: Arc::default(),
        }
    }

    pub(crate) fn ledger(&self) -> Arc<Ledger> {
        Arc::clone(&self.ledger)
    }

    /// A future that waits for up to six events in sequence.
    pub(crate) fn step(&self) -> Step {
        LIVE_STEPS.fetch_add(1, Ordering::SeqCst);
        let left = self.random.lock().expect("the numbers").below(7);
        Step {
            steps: self.clone(),
            left,
            waits_for: None,
        }
    }

    fn draw(&self, bound: usize) -> usize {
        self.random.lock().expect("the numbers").below(bound)
    }
}

pub(crate) struct Step {
    steps: Steps,
    left: usize,
    waits_for: Option<Arc<Event>>,
}

impl Future for Step {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            if let Some(event) = &self.waits_for {
                event.waker.register(cx.waker());
                if !event.has_happened.load(Ordering::Acquire) {
                    return Poll::Pending;
                }
                event.ledger.seen.fetch_add(1, Ordering::Relaxed);
                self.waits_for = None;
            }
            if self.left == 0 {
                return Poll::Ready(());
            }
            self.left -= 1;
            let event = Arc::new(Event {
                ledger: self.steps.ledger(),
                ..Event::default()
            });
            event.ledger.asked.fetch_add(1, Ordering::Relaxed);
            self.waits_for = Some(Arc::clone(&event));
            match self.steps.draw(8) {
                // Within the poll, by the waker that was lent for it.
                0 => {
                    event.happen();
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
                // By one that was cloned.
                1 => {
                    event.waker.register(cx.waker());
                    event.happen();
                    return Poll::Pending;
                }
                kind => {
                    // For nothing, at some time, perhaps when the graph is gone.
                    let spurious = (kind == 2).then(|| cx.waker().clone());
                    let bringer = self.steps.draw(self.steps.bringers.len());
                    let order = Order { event, spurious };
                    self.steps.bringers[bringer]
                        .send(order)
                        .expect("a thread that brings events about");
                }
            }
        }
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        LIVE_STEPS.fetch_sub(1, Ordering::SeqCst);
    }
}

struct Order {
    event: Arc<Event>,
    spurious: Option<Waker>,
}

/// Threads that trigger events.
pub(crate) struct Bringers {
    senders: Vec<Sender<Order>>,
    threads: Vec<JoinHandle<()>>,
}

impl Bringers {
    pub(crate) fn start(random: &mut Random) -> Self {
        let start = |_| {
            let (sender, orders) = channel();
            let random = Random::new(random.below(usize::MAX) as u64);
            (sender, thread::spawn(move || bring(&orders, random)))
        };
        let (senders, threads) = (0..3).map(start).unzip();
        Bringers { senders, threads }
    }

    /// Waits until all requested events have been triggered.
    pub(crate) fn stop(self) {
        drop(self.senders);
        self.threads
            .into_iter()
            .for_each(|thread| thread.join().expect("a thread that brings events about"));
    }
}

/// Some at once, some after others, some after a moment.
fn bring(orders: &Receiver<Order>, mut random: Random) {
    let mut held: Vec<Order> = Vec::new();
    let mut stale: Vec<Waker> = Vec::new();
    loop {
        match orders.try_recv() {
            Ok(order) => held.push(order),
            Err(TryRecvError::Empty) if held.is_empty() => match orders.recv() {
                Ok(order) => held.push(order),
                Err(_) => break,
            },
            Err(TryRecvError::Disconnected) if held.is_empty() => break,
            Err(_) => {}
        }
        if held.len() > random.below(24) {
            let Order { event, spurious } = held.swap_remove(random.below(held.len()));
            if random.chance(30) {
                (0..random.below(300)).for_each(|_| hint::spin_loop());
            }
            event.happen();
            stale.extend(spurious);
        }
        if stale.len() > random.below(64) {
            mem::take(&mut stale).into_iter().for_each(Waker::wake);
        }
    }
    stale.into_iter().for_each(Waker::wake);
}

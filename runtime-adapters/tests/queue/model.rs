//! Tests random calls against a simple model of a queue.

use std::collections::BTreeMap;
use std::env;
use std::mem;
use std::sync::{Arc, Mutex};

use conjoin_adapters::queue::{JobHandle, PriorityQueue, PushError, Queue, QueueError};
use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::sync::oneshot;

use super::{Outcome, settle, soon};

/// The running items, which the test ends.
type Begun = Arc<Mutex<BTreeMap<u32, oneshot::Sender<Result<u32, &'static str>>>>>;

fn worker(
    begun: &Begun,
) -> impl Fn(u32) -> BoxFuture<'static, Result<u32, &'static str>> + Send + Sync + 'static {
    let begun = Arc::clone(begun);
    move |item| {
        let (ends, end) = oneshot::channel();
        begun.lock().unwrap().insert(item, ends);
        async move { end.await.expect("the worker is asked to panic") }.boxed()
    }
}

/// A queue of either kind.
enum Either {
    Fifo(Queue<u32, u32, &'static str>),
    Priority(PriorityQueue<u32, u32, &'static str>),
}

macro_rules! either {
    ($either:expr, $queue:ident => $call:expr) => {
        match &$either {
            Either::Fifo($queue) => $call,
            Either::Priority($queue) => $call,
        }
    };
}

#[derive(Default)]
struct Model {
    /// Items and priorities, in the order of their starts.
    waiting: Vec<(u32, i64)>,
    working: Vec<u32>,
    ended: BTreeMap<u32, Outcome>,
    concurrency: usize,
    capacity: usize,
    is_paused: bool,
    is_closed: bool,
}

impl Model {
    fn refusal(&self) -> Option<QueueError<&'static str>> {
        if self.is_closed {
            Some(QueueError::Closed)
        } else {
            (self.waiting.len() == self.capacity).then_some(QueueError::Full)
        }
    }

    fn push(&mut self, item: u32, priority: i64, is_front: bool) {
        let at = if is_front {
            0
        } else {
            self.waiting
                .partition_point(|(_, other)| *other <= priority)
        };
        self.waiting.insert(at, (item, priority));
    }

    fn start(&mut self) {
        while !self.is_paused && self.working.len() < self.concurrency && !self.waiting.is_empty() {
            self.working.push(self.waiting.remove(0).0);
        }
    }
}

/// A queue and its model.
struct Run {
    queue: Either,
    model: Model,
    begun: Begun,
    handles: BTreeMap<u32, JobHandle<u32, &'static str>>,
    state: u64,
}

impl Run {
    fn random(&mut self, below: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        usize::try_from(self.state % below as u64).unwrap()
    }

    fn new(state: u64, is_fifo: bool) -> Self {
        let begun = Begun::default();
        let queue = Either::Fifo(Queue::new(1, worker(&begun)));
        let mut run = Run {
            queue,
            model: Model::default(),
            begun,
            handles: BTreeMap::new(),
            state,
        };
        let (concurrency, capacity) = (1 + run.random(4), 1 + run.random(12));
        let worker = worker(&run.begun);
        run.queue = if is_fifo {
            Either::Fifo(
                Queue::builder(worker)
                    .concurrency(concurrency)
                    .capacity(capacity)
                    .build(),
            )
        } else {
            Either::Priority(
                PriorityQueue::builder(worker)
                    .concurrency(concurrency)
                    .capacity(capacity)
                    .build(),
            )
        };
        run.model = Model {
            concurrency,
            capacity,
            ..Model::default()
        };
        run
    }

    async fn push(&mut self, item: u32) {
        let (is_front, priority) = (self.random(4) == 0, i64::try_from(self.random(3)).unwrap());
        let (pushed, priority) = match &self.queue {
            Either::Fifo(queue) if is_front => (Ok(queue.push_front(item)), 0),
            Either::Fifo(queue) => (queue.try_push(item), 0),
            Either::Priority(queue) => (queue.try_push(item, priority), priority),
        };
        let is_front = pushed.is_ok() && is_front && matches!(self.queue, Either::Fifo(_));
        match (pushed, self.model.refusal()) {
            (Ok(pushed), None) => {
                self.model.push(item, priority, is_front);
                self.handles.insert(item, pushed);
            }
            (Ok(pushed), Some(error)) if is_front => assert_eq!(soon(pushed).await, Err(error)),
            (Err(error), Some(QueueError::Full)) => assert_eq!(error, PushError::Full(item)),
            (Err(error), Some(QueueError::Closed)) => assert_eq!(error, PushError::Closed(item)),
            (pushed, refusal) => panic!("{pushed:?}, but the model says {refusal:?}"),
        }
    }

    /// Ends a running item.
    fn end_one(&mut self) {
        let working = self.model.working.len();
        if working == 0 {
            return;
        }
        let at = self.random(working);
        let item = self.model.working.remove(at);
        let ends = self
            .begun
            .lock()
            .unwrap()
            .remove(&item)
            .expect("it is worked on");
        let outcome = match self.random(4) {
            0 => {
                ends.send(Err("no")).unwrap();
                Err(QueueError::Failed("no"))
            }
            1 => {
                drop(ends);
                Err(QueueError::Panicked(
                    "the worker is asked to panic: RecvError(())".into(),
                ))
            }
            _ => {
                ends.send(Ok(item)).unwrap();
                Ok(item)
            }
        };
        self.model.ended.insert(item, outcome);
    }

    fn remove(&mut self) {
        let divisor = 2 + u32::try_from(self.random(3)).unwrap();
        let removed = either!(self.queue, queue => queue.remove(|item| item % divisor == 0));
        let waiting = mem::take(&mut self.model.waiting);
        let (unwanted, waiting): (Vec<_>, _) = waiting
            .into_iter()
            .partition(|(item, _)| item % divisor == 0);
        self.model.waiting = waiting;
        let unwanted: Vec<_> = unwanted.into_iter().map(|(item, _)| item).collect();
        assert_eq!(removed, unwanted);
        self.model.ended.extend(
            removed
                .into_iter()
                .map(|item| (item, Err(QueueError::Removed))),
        );
    }

    fn kill(&mut self) {
        either!(self.queue, queue => queue.kill());
        self.model.is_closed = true;
        let killed = self
            .model
            .waiting
            .drain(..)
            .map(|(item, _)| (item, Err(QueueError::Killed)));
        self.model.ended.extend(killed);
    }

    async fn step(&mut self, item: u32) {
        match self.random(100) {
            0..45 => self.push(item).await,
            45..80 => self.end_one(),
            80..86 => {
                self.model.is_paused ^= true;
                either!(self.queue, queue => if self.model.is_paused { queue.pause() } else { queue.resume() });
            }
            86..93 => {
                self.model.concurrency = 1 + self.random(5);
                either!(self.queue, queue => queue.set_concurrency(self.model.concurrency));
            }
            93..98 => self.remove(),
            98 if item > 60 => self.kill(),
            99 if item > 60 => {
                drop(either!(self.queue, queue => queue.close()));
                (self.model.is_closed, self.model.is_paused) = (true, false);
            }
            _ => {}
        }
        assert_eq!(
            either!(self.queue, queue => queue.len()),
            self.model.waiting.len()
        );
    }

    /// Lets the queue and the model start items, and compares them.
    async fn compare(&mut self) {
        settle().await;
        self.model.start();
        let begun: Vec<_> = self.begun.lock().unwrap().keys().copied().collect();
        let mut working = self.model.working.clone();
        working.sort_unstable();
        assert_eq!(begun, working);
        for (item, outcome) in mem::take(&mut self.model.ended) {
            assert_eq!(
                self.handles.remove(&item).unwrap().now_or_never(),
                Some(outcome)
            );
        }
        let is_idle = self.model.waiting.is_empty() && working.is_empty();
        assert_eq!(
            either!(self.queue, queue => queue.len()),
            self.model.waiting.len()
        );
        assert_eq!(either!(self.queue, queue => queue.running()), working.len());
        assert_eq!(either!(self.queue, queue => queue.is_idle()), is_idle);
        assert_eq!(
            either!(self.queue, queue => queue.drained())
                .now_or_never()
                .is_some(),
            is_idle
        );
    }

    /// Drops the queue, and ends its running items.
    async fn end(self) -> u64 {
        let Run {
            queue,
            model,
            begun,
            mut handles,
            state,
        } = self;
        drop(queue);
        // A closed queue finishes its items.
        if !model.is_closed || model.is_paused {
            for (item, _) in &model.waiting {
                assert_eq!(
                    handles.remove(item).unwrap().now_or_never(),
                    Some(Err(QueueError::Closed))
                );
            }
        }
        while !handles.is_empty() {
            for (item, ends) in mem::take(&mut *begun.lock().unwrap()) {
                ends.send(Ok(item)).unwrap();
            }
            settle().await;
            let before = handles.len();
            handles.retain(|item, pushed| match pushed.now_or_never() {
                Some(outcome) => {
                    assert_eq!(outcome, Ok(*item));
                    false
                }
                None => true,
            });
            assert!(handles.len() < before, "{handles:?} are pending for ever");
        }
        state
    }
}

#[tokio::test(start_paused = true)]
async fn a_queue_does_what_its_model_does() {
    let seed = env::var("CONJOIN_SEED").map_or(20_140, |seed| seed.parse().unwrap());
    println!("CONJOIN_SEED={seed}");
    let mut state: u64 = seed | 1;
    for round in 0..200 {
        let mut run = Run::new(state, round % 2 == 0);
        for item in 0..120 {
            run.step(item).await;
            // Otherwise several calls happen before anything starts.
            if run.random(3) > 0 {
                run.compare().await;
            }
        }
        run.compare().await;
        state = run.end().await;
    }
}

//! The threads that poll graphs, with wakers that are as strict as a runtime may be.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::task::{Context, Wake, Waker};
use std::thread::{self, JoinHandle};

use crate::events::{Ledger, Steps};
use crate::random::Random;

/// The wakers that have been made and not been dropped.
pub(crate) static LIVE_WAKERS: AtomicUsize = AtomicUsize::new(0);

pub(crate) type Boxed = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A graph that runs, or has.
pub(crate) struct Graph {
    number: usize,
    name: &'static str,
    ledger: Arc<Ledger>,
    polls: AtomicUsize,
    is_queued: AtomicBool,
    /// The number of the waker that it was polled with last.
    newest: AtomicUsize,
    running: Mutex<Option<Running>>,
    queue: Sender<Option<Arc<Graph>>>,
}

struct Running {
    future: Boxed,
    waker: Waker,
    random: Random,
    /// So many polls, and it is dropped.
    polls_left: usize,
}

struct GraphWaker {
    graph: Arc<Graph>,
    number: usize,
}

impl GraphWaker {
    fn of(graph: &Arc<Graph>) -> Waker {
        LIVE_WAKERS.fetch_add(1, Ordering::SeqCst);
        let number = graph.newest.fetch_add(1, Ordering::SeqCst) + 1;
        Waker::from(Arc::new(GraphWaker {
            graph: Arc::clone(graph),
            number,
        }))
    }
}

impl Wake for GraphWaker {
    fn wake(self: Arc<Self>) {
        if self.graph.newest.load(Ordering::SeqCst) == self.number {
            self.graph.enqueue();
        }
    }
}

impl Drop for GraphWaker {
    fn drop(&mut self) {
        LIVE_WAKERS.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Graph {
    fn enqueue(self: &Arc<Self>) {
        if !self.is_queued.swap(true, Ordering::SeqCst) {
            // Nobody runs any more when a waker is used after the end.
            _ = self.queue.send(Some(Arc::clone(self)));
        }
    }

    /// Whether it is over, by its end or by ours.
    fn poll(self: &Arc<Self>) -> bool {
        let mut running = self.running.lock().expect("a graph that does not panic");
        let Some(Running {
            future,
            waker,
            random,
            polls_left,
        }) = &mut *running
        else {
            return false;
        };
        self.is_queued.swap(false, Ordering::SeqCst);
        self.polls.fetch_add(1, Ordering::SeqCst);
        if random.chance(10) {
            *waker = GraphWaker::of(self);
        }
        *polls_left -= 1;
        let is_over = future
            .as_mut()
            .poll(&mut Context::from_waker(waker))
            .is_ready()
            || *polls_left == 0;
        if is_over {
            *running = None;
        }
        is_over
    }
}

impl fmt::Debug for Graph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(self.name)
            .field("number", &self.number)
            .field("polls", &self.polls)
            .field("is_queued", &self.is_queued)
            .field("events", &self.ledger)
            .finish_non_exhaustive()
    }
}

/// Threads that poll graphs.
pub(crate) struct Runners {
    /// `None` ends a thread.
    queue: Sender<Option<Arc<Graph>>>,
    threads: Vec<JoinHandle<()>>,
}

impl Runners {
    /// They tell `over` the numbers of the graphs that are.
    pub(crate) fn start(over: Sender<usize>) -> Self {
        let (queue, graphs) = channel();
        let graphs = Arc::new(Mutex::new(graphs));
        let start = |over| {
            let graphs = Arc::clone(&graphs);
            thread::spawn(move || run(&graphs, &over))
        };
        Runners {
            queue,
            threads: [over.clone(), over].map(start).into(),
        }
    }

    pub(crate) fn stop(self) {
        self.threads
            .iter()
            .for_each(|_| self.queue.send(None).expect("a thread that polls"));
        self.threads
            .into_iter()
            .for_each(|thread| thread.join().expect("a thread that polls"));
    }

    pub(crate) fn run(
        &self,
        number: usize,
        name: &'static str,
        future: Boxed,
        steps: &Steps,
        random: &mut Random,
    ) -> Arc<Graph> {
        let graph = Arc::new(Graph {
            number,
            name,
            ledger: steps.ledger(),
            polls: AtomicUsize::new(0),
            is_queued: AtomicBool::new(false),
            newest: AtomicUsize::new(0),
            running: Mutex::new(None),
            queue: self.queue.clone(),
        });
        let polls_left = if random.chance(25) {
            1 + random.below(40)
        } else {
            usize::MAX
        };
        let random = Random::new(random.below(usize::MAX) as u64);
        let running = Running {
            future,
            waker: GraphWaker::of(&graph),
            random,
            polls_left,
        };
        *graph.running.lock().expect("a new graph") = Some(running);
        graph.enqueue();
        graph
    }
}

fn run(graphs: &Mutex<Receiver<Option<Arc<Graph>>>>, over: &Sender<usize>) {
    let next = || {
        graphs
            .lock()
            .expect("the queue")
            .recv()
            .expect("a graph, or the end")
    };
    while let Some(graph) = next() {
        if graph.poll() {
            over.send(graph.number).expect("who started it");
        }
    }
}

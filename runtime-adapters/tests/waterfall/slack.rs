//! Tests the critical path and the slack against the effect of real delays, in random graphs.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Instant;

use conjoin_adapters::Waterfalls;
use tracing::Span;

use super::{ms, only, span, watch};

const TASKS: usize = 8;

/// Pseudorandom numbers, by xorshift.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

struct Plan {
    takes: [u64; TASKS],
    dependencies: [Vec<usize>; TASKS],
}

impl Plan {
    fn random(numbers: &mut Numbers) -> Self {
        Plan {
            takes: std::array::from_fn(|_| 1 + numbers.below(9)),
            dependencies: std::array::from_fn(|task| {
                (0..task).filter(|_| numbers.below(3) == 0).collect()
            }),
        }
    }

    /// When each task ends.
    fn ends(&self) -> [u64; TASKS] {
        let mut ends = [0; TASKS];
        for task in 0..TASKS {
            let start = self.dependencies[task]
                .iter()
                .map(|&dependency| ends[dependency])
                .max();
            ends[task] = start.unwrap_or(0) + self.takes[task];
        }
        ends
    }

    fn takes_in_all(&self) -> u64 {
        self.ends().into_iter().max().unwrap()
    }

    fn delayed(&self, task: usize, by: u64) -> u64 {
        let mut takes = self.takes;
        takes[task] += by;
        Plan {
            takes,
            dependencies: self.dependencies.clone(),
        }
        .takes_in_all()
    }

    fn run(&self, time: &AtomicU64) {
        let base = time.load(Relaxed);
        let graph = span!(TASKS as u64);
        let ends = self.ends();
        let mut spans: [Option<Span>; TASKS] = Default::default();
        for now in 0..=self.takes_in_all() {
            time.store(base + now, Relaxed);
            for (task, span) in spans.iter_mut().enumerate() {
                if ends[task] == now {
                    span.take().unwrap().record("outcome", "done");
                }
            }
            for (task, span) in spans
                .iter_mut()
                .enumerate()
                .filter(|(task, _)| ends[*task] - self.takes[*task] == now)
            {
                let dependencies: Vec<_> = self.dependencies[task]
                    .iter()
                    .map(|&task| name(task))
                    .collect();
                *span = Some(start(&graph, task, &dependencies.join(", ")));
            }
        }
        graph.record("outcome", "done");
    }
}

fn name(task: usize) -> &'static str {
    ["a", "b", "c", "d", "e", "f", "g", "h"][task]
}

/// Names of spans must be static.
fn start(graph: &Span, task: usize, dependencies: &str) -> Span {
    match task {
        0 => span!(graph, "a", dependencies),
        1 => span!(graph, "b", dependencies),
        2 => span!(graph, "c", dependencies),
        3 => span!(graph, "d", dependencies),
        4 => span!(graph, "e", dependencies),
        5 => span!(graph, "f", dependencies),
        6 => span!(graph, "g", dependencies),
        _ => span!(graph, "h", dependencies),
    }
}

#[test]
fn a_task_may_take_so_much_longer_and_no_more() {
    let (start, time) = (Instant::now(), Arc::new(AtomicU64::new(0)));
    let own = Arc::clone(&time);
    let waterfalls = Waterfalls::builder()
        .clock(move || start + ms(own.load(Relaxed)))
        .build();
    let _guard = watch(&waterfalls);
    let mut numbers = Numbers(0x5EED);
    for _ in 0..300 {
        let plan = Plan::random(&mut numbers);
        plan.run(&time);
        let run = only(&waterfalls);
        waterfalls.clear();
        let total = plan.takes_in_all();
        assert_eq!(run.duration, ms(total));
        for task in &run.tasks {
            let index = (0..TASKS).find(|&index| name(index) == task.name).unwrap();
            let slack = u64::try_from(task.slack.unwrap().as_millis()).unwrap();
            assert_eq!(
                (plan.delayed(index, slack), plan.delayed(index, slack + 1)),
                (total, total + 1)
            );
        }
        // The path is a chain of dependencies without gaps, from the start to the end.
        let path: Vec<_> = run.critical_path().collect();
        assert!(path.iter().all(|task| task.slack == Some(ms(0))));
        assert_eq!(
            (path[0].waited, path.last().unwrap().end),
            (ms(0), run.duration)
        );
        for pair in path.windows(2) {
            assert!(pair[1].dependencies.contains(&pair[0].name) && pair[0].end == pair[1].waited);
        }
    }
}

#[test]
fn a_thousand_tasks_are_drawn() {
    let waterfalls = Waterfalls::new();
    let _guard = watch(&waterfalls);
    let graph = span!(1_000);
    for _ in 0..1_000 {
        span!(&graph, "again", "again").record("outcome", "done");
    }
    drop(graph);
    let run = only(&waterfalls);
    // Each depends on the one before, because a name stands for the last task that had it.
    assert_eq!(
        (run.tasks.len(), run.critical_path().count()),
        (1_000, 1_000)
    );
    assert_eq!(run.to_string().lines().count(), 2 + 1_000 + 2);
    assert!(run.to_string().contains("again -> … 991 more … -> again"));
    assert!(roxmltree::Document::parse(&run.svg()).is_ok());
}

//! All combinations of failing tasks, compared with a hand-written rule.

#![allow(
    clippy::many_single_char_names,
    reason = "the shapes matter, not the names"
)]

use std::collections::BTreeMap;

use conjoin::{Settled, auto};
use futures::executor::block_on;
use tokio::task::yield_now;

/// How the tasks of one run end, as bits: which fail, and which wait first.
struct Run {
    failing: u32,
    waiting: u32,
}

impl Run {
    async fn task(&self, task: u32) -> Result<Vec<u32>, u32> {
        if self.waiting & 1 << task != 0 {
            yield_now().await;
        }
        if self.failing & 1 << task == 0 {
            Ok(vec![task])
        } else {
            Err(task)
        }
    }

    /// The first entry of a skipped task that is not done decides the name of the failed task.
    fn expected(
        &self,
        tasks: &[(&'static str, &[&'static str])],
    ) -> BTreeMap<&'static str, Settled<(), u32>> {
        let mut ended = BTreeMap::new();
        for (task, (name, entries)) in (0..).zip(tasks) {
            let blocked = entries.iter().find_map(|entry| match ended[entry] {
                Settled::Done(()) => None,
                Settled::Failed(_) => Some(*entry),
                Settled::Skipped(failed) => Some(failed),
            });
            let settled = match blocked {
                Some(failed) => Settled::Skipped(failed),
                None if self.failing & 1 << task != 0 => Settled::Failed(task),
                None => Settled::Done(()),
            };
            ended.insert(*name, settled);
        }
        ended
    }
}

/// A test of one graph. The tasks are numbered in declaration order, which is topological.
macro_rules! settles {
    ($test:ident: $(#![$($option:tt)*])* $($name:ident [$($access:ident $entry:ident),*] $number:literal)*) => {
        #[test]
        #[allow(unused_must_use, reason = "no task uses what it reads")]
        fn $test() {
            let tasks: &[(&str, &[&str])] = &[$((stringify!($name), &[$(stringify!($entry)),*])),*];
            for failing in 0..1 << tasks.len() {
                // Several orders of completion. Each task waits in one of them.
                for waiting in [0, u32::MAX, 0b0101_0101, 0b1010_1010, 0b0011_0110] {
                    let run = Run { failing, waiting };
                    let done = block_on(settles!(@graph run [$([$($option)*])*] $($name [$($access $entry),*] $number)*));
                    let settled = BTreeMap::from([$((stringify!($name), done.$name.map(drop))),*]);
                    assert_eq!(settled, run.expected(tasks), "failing: {failing:b}, waiting: {waiting:b}");
                }
            }
        }
    };
    (@graph $run:ident [$([$($option:tt)*])*] $($name:ident [$($access:ident $entry:ident),*] $number:literal)*) => {
        settles!(@entries $run [$([$($option)*])*] [] $($name [$($access $entry),*] $number)*)
    };
    (@entries $run:ident [$([$($option:tt)*])*] [$($done:tt)*]) => {
        auto! { #![settle] $(#![$($option)*])* $($done)* }
    };
    (@entries $run:ident $options:tt [$($done:tt)*] $name:ident [$($access:ident $entry:ident),*] $number:literal
        $($rest:tt)*) => {
        settles!(@one $run $options [$($done)*] $name [] [$($access $entry,)*] $number $($rest)*)
    };
    (@one $run:ident $options:tt [$($done:tt)*] $name:ident [$($out:tt)*] [] $number:literal $($rest:tt)*) => {
        settles!(@entries $run $options [$($done)* $name: [$($out)*] => $run.task($number).await?,] $($rest)*)
    };
    (@one $run:ident $options:tt $done:tt $name:ident [$($out:tt)*] [after $entry:ident, $($in:tt)*] $($rest:tt)*) => {
        settles!(@one $run $options $done $name [$($out)* $entry as _,] [$($in)*] $($rest)*)
    };
    (@one $run:ident $options:tt $done:tt $name:ident [$($out:tt)*] [read $entry:ident, $($in:tt)*] $($rest:tt)*) => {
        settles!(@one $run $options $done $name [$($out)* $entry,] [$($in)*] $($rest)*)
    };
    (@one $run:ident $options:tt $done:tt $name:ident [$($out:tt)*] [change $entry:ident, $($in:tt)*] $($rest:tt)*) => {
        settles!(@one $run $options $done $name [$($out)* mut $entry,] [$($in)*] $($rest)*)
    };
    (@one $run:ident $options:tt $done:tt $name:ident [$($out:tt)*] [take $entry:ident, $($in:tt)*] $($rest:tt)*) => {
        settles!(@one $run $options $done $name [$($out)* move $entry,] [$($in)*] $($rest)*)
    };
}

settles! { a_series:
    a [] 0
    b [read a] 1
    c [change a, read b] 2
    d [read b, read c, take a] 3
    e [after a, read d] 4
}

settles! { a_parallel_part:
    a [] 0
    b [] 1
    c [read b, read a] 2
    d [after a, change b, read c] 3
    e [read c, take a] 4
    f [read e, read d] 5
    g [read d, read e, take b] 6
}

settles! { an_n:
    a [] 0
    b [] 1
    c [take a] 2
    d [after a, change b] 3
    e [] 4
    f [read d, read c, after e] 5
    g [read e, after c, read d] 6
}

settles! { a_gated_part:
    a [] 0
    b [] 1
    c [change a] 2
    d [change b] 3
    e [read d, read a, after c] 4
    f [take a, read e, read d] 5
    g [read b, after d] 6
    h [take b, after g, read f] 7
}

settles! { a_gated_part_with_values_from_before_it:
    o [] 0
    p [after o] 1
    a [after p] 2
    b [after p] 3
    c [read a, change o] 4
    d [read b, change p] 5
    e [read d, read c, change o] 6
    f [take p, read d] 7
}

settles! { a_limited_graph:
    #![limit(2)]
    a [] 0
    b [] 1
    c [change a] 2
    d [change b] 3
    e [read d, read a, after c] 4
    f [take a, read e] 5
    g [read b, after d] 6
}

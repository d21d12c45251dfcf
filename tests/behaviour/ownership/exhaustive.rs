//! Every value drops exactly once. Each test covers one shape under some options: any task fails or panics, or none
//! does, and the graph is dropped after any number of polls.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::pin;

use conjoin::auto;
use conjoin_tests::{Flag, poll};
use tokio::task::yield_now;

/// What happens to one of the tasks.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Blow {
    Error,
    Panic,
}

/// The script of one run, and the fate of its values.
#[derive(Debug)]
struct Run {
    blow: Option<(&'static str, Blow)>,
    /// Whether it happens after the task has waited.
    late: bool,
    /// For each value, how often it was dropped.
    drops: RefCell<BTreeMap<&'static str, u32>>,
    struck: Cell<bool>,
}

#[derive(Debug)]
struct Value<'r> {
    name: &'static str,
    run: &'r Run,
}

impl Drop for Value<'_> {
    fn drop(&mut self) {
        *self
            .run
            .drops
            .borrow_mut()
            .get_mut(self.name)
            .expect("it was made") += 1;
    }
}

impl Value<'_> {
    /// Checks that the value has not been dropped.
    fn look(&self) {
        assert_eq!(
            self.run.drops.borrow()[self.name],
            0,
            "{} was dropped",
            self.name
        );
    }
}

impl Run {
    fn make(&self, name: &'static str) -> Value<'_> {
        assert_eq!(
            self.drops.borrow_mut().insert(name, 0),
            None,
            "{name} is made once"
        );
        Value { name, run: self }
    }

    /// The body of each task: it creates a value and waits. It may fail or panic before or after that.
    async fn task(&self, name: &'static str) -> Result<Value<'_>, &'static str> {
        let value = self.make(name);
        if !self.late {
            self.strike(name)?;
        }
        yield_now().await;
        self.strike(name)?;
        Ok(value)
    }

    fn strike(&self, name: &'static str) -> Result<(), &'static str> {
        let Some((_, blow)) = self.blow.filter(|(struck, _)| *struck == name) else {
            return Ok(());
        };
        self.struck.set(true);
        match blow {
            Blow::Error => Err(name),
            // Without the panic hook, which would print the panic.
            Blow::Panic => resume_unwind(Box::new(name)),
        }
    }
}

/// A runner for one graph.
macro_rules! checks {
    ($graph:ident, [$($task:literal)*]) => {
        let blows = [$(($task, Blow::Error), ($task, Blow::Panic)),*].map(Some);
        for (blow, late) in [None].into_iter().chain(blows).flat_map(|blow| [(blow, false), (blow, true)]) {
            // The graph takes no more polls than there are tasks that wait once.
            for most in 0..=blows.len() / 2 + 2 {
                let run = Run { blow, late, drops: RefCell::default(), struck: Cell::new(false) };
                let ended = catch_unwind(AssertUnwindSafe(|| {
                    let flag = Flag::new();
                    let mut graph = pin!($graph(&run));
                    (0..most).any(|_| poll(graph.as_mut(), &flag).is_ready())
                }));
                let drops = run.drops.borrow();
                assert!(drops.values().all(|drops| *drops == 1), "{run:?} for {most} polls");
                assert!(!matches!(ended, Ok(false)) || most < blows.len() / 2 + 2, "{run:?} never ends");
                let panics = run.struck.get() && matches!(blow, Some((_, Blow::Panic)));
                assert_eq!(ended.is_err(), panics, "{run:?} for {most} polls");
            }
        }
    };
}

/// The tests of all shapes, under some options.
macro_rules! under {
    ($name:ident: $(#![$($option:tt)*])*) => {
        mod $name {
            use super::*;

            async fn series(run: &Run) {
                _ = auto! {
                    $(#![$($option)*])*
                    a => run.task("a").await?,
                    b: [mut a] => { a.look(); run.task("b").await.inspect(|_| a.look())? },
                    c: [a, move b] => { a.look(); run.task("c").await.inspect(|_| b.look())? },
                    d: [move a, c] => { c.look(); run.task("d").await.inspect(|_| a.look())? },
                    e: [move c as _, d] => { d.look(); run.task("e").await? },
                }
                .await;
            }

            async fn parallel(run: &Run) {
                _ = auto! {
                    $(#![$($option)*])*
                    a => run.task("a").await?,
                    b: [a as _] => run.task("b").await?,
                    c: [mut a, b as _] => run.task("c").await.inspect(|_| a.look())?,
                    d: [a as _, move b] => run.task("d").await.inspect(|_| drop(b))?,
                    e: [d as _, b as _] => run.task("e").await?,
                    f: [mut e] if { e.look(); true } => run.task("f").await.inspect(|_| e.look())?,
                    g: [move f, c as _] if let Some(f) = f => { f.look(); run.task("g").await? },
                    h: [move e, f as _] if { run.task("h").await?; e.look(); false } => run.task("h").await?,
                }
                .await;
            }

            async fn n(run: &Run) {
                _ = auto! {
                    $(#![$($option)*])*
                    o => run.task("o").await?,
                    p => run.task("p").await?,
                    a: [o as _, p as _] => run.task("a").await?,
                    b: [o as _, p as _] => run.task("b").await?,
                    c: [move a, mut o] => run.task("c").await.inspect(|_| { a.look(); o.look() })?,
                    d: [a as _, move b, p] => run.task("d").await.inspect(|_| { b.look(); p.look() })?,
                    e: [c, d, move o] => { c.look(); d.look(); o.look(); run.task("e").await? },
                }
                .await;
            }

            async fn gated(run: &Run) {
                _ = auto! {
                    $(#![$($option)*])*
                    o => run.task("o").await?,
                    p => run.task("p").await?,
                    q: [o as _, p as _] => run.task("q").await?,
                    a: [q as _] => run.task("a").await?,
                    b: [q as _] => run.task("b").await?,
                    c: [mut a, mut o] => run.task("c").await.inspect(|_| { a.look(); o.look() })?,
                    d: [mut b, mut p] => run.task("d").await.inspect(|_| { b.look(); p.look() })?,
                    e: [a, c as _, d as _] => run.task("e").await.inspect(|_| a.look())?,
                    f: [move a, c, e as _] => run.task("f").await.inspect(|_| { a.look(); c.look() })?,
                    g: [b, d, p] => run.task("g").await.inspect(|_| { b.look(); d.look(); p.look() })?,
                    h: [move p, g as _, mut o, f as _] => run.task("h").await.inspect(|_| { p.look(); o.look() })?,
                    i: [mut b, g as _] => run.task("i").await.inspect(|_| b.look())?,
                }
                .await;
            }

            #[test]
            fn series_drops_each_value_once() {
                checks!(series, ["a" "b" "c" "d" "e"]);
            }

            #[test]
            fn parallel_part_drops_each_value_once() {
                checks!(parallel, ["a" "b" "c" "d" "e" "f" "g" "h"]);
            }

            #[test]
            fn n_drops_each_value_once() {
                checks!(n, ["o" "p" "a" "b" "c" "d" "e"]);
            }

            #[test]
            fn gated_part_drops_each_value_once() {
                checks!(gated, ["o" "p" "q" "a" "b" "c" "d" "e" "f" "g" "h" "i"]);
            }
        }
    };
}

under!(no_option:);
under!(limit_1: #![limit(1)]);
under!(limit_2: #![limit(2)]);
under!(settle: #![settle]);
under!(name_errors: #![name_errors]);
under!(settle_limit_1: #![settle] #![limit(1)]);
under!(settle_name_errors: #![settle] #![name_errors]);
under!(all: #![settle] #![limit(2)] #![name_errors] #![error(&'static str)]);

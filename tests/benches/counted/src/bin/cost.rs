//! Instructions for a run of a graph whose tasks all have one type: `count.sh cost`. With `--features tracing`, the graphs
//! are spans, without a subscriber.
//!
//! The tasks do almost nothing, so the joins dominate. `hand` joins bare `async fn` calls with `futures::try_join!`, in
//! layers if the graph is not made of series and parallel parts. `blocks` does the same with the bodies of `auto!`, each in
//! an `async` block of its own.

#![allow(missing_docs)]

mod task;

use std::hint::black_box;

use conjoin::auto;
use counted::{Counts, Kind, run};
use futures::try_join;

use task::{Error, task};

/// A value that passes from task to task.
#[derive(Debug)]
struct Transaction(u64);

impl Transaction {
    async fn begin(yields: bool) -> Result<Self, Error> {
        task(1, yields).await.map(Transaction)
    }

    async fn add(&mut self, input: u64, yields: bool) -> Result<u64, Error> {
        self.0 += task(input, yields).await?;
        Ok(self.0)
    }

    async fn commit(self, yields: bool) -> Result<u64, Error> {
        task(self.0, yields).await
    }
}

/// `cases` has a run of each graph.
macro_rules! cases {
    ($yields:ident; $($name:ident => $graph:expr,)*) => {
        fn cases(counts: &mut Counts<(String, Kind)>) {
            $(
                counts.add_kinds(stringify!($name), |kind| {
                    let $yields = black_box(kind.yields());
                    let result: Result<_, Error> = run($graph);
                    assert!(black_box(result).is_ok());
                });
            )*
        }
    };
}

cases! { y;
    page_hand => async {
        let first = task(1, y).await?;
        let (second, third) = try_join!(task(first, y), task(first, y))?;
        Ok((first, second, third))
    },
    page_blocks => async {
        let first = async { task(1, y).await }.await?;
        let (second, third) = try_join!(async { task(first, y).await }, async { task(first, y).await })?;
        Ok((first, second, third))
    },
    page_auto => auto! {
        first => task(1, y).await?,
        second: [first] => task(*first, y).await?,
        third: [first] => task(*first, y).await?,
        => (first, second, third)
    },
    diamond_hand => async {
        let first = task(1, y).await?;
        let (second, third) = try_join!(task(first, y), task(first, y))?;
        let fourth = task(second + third, y).await?;
        Ok((first, second, third, fourth))
    },
    diamond_blocks => async {
        let first = async { task(1, y).await }.await?;
        let (second, third) = try_join!(async { task(first, y).await }, async { task(first, y).await })?;
        let fourth = async { task(second + third, y).await }.await?;
        Ok((first, second, third, fourth))
    },
    diamond_auto => auto! {
        first => task(1, y).await?,
        second: [first] => task(*first, y).await?,
        third: [first] => task(*first, y).await?,
        fourth: [second, third] => task(second + third, y).await?,
        => (first, second, third, fourth)
    },
    n_hand => async {
        let (first, second) = try_join!(task(1, y), task(2, y))?;
        let (third, fourth) = try_join!(task(first, y), task(first + second, y))?;
        Ok((first, second, third, fourth))
    },
    n_blocks => async {
        let (first, second) = try_join!(async { task(1, y).await }, async { task(2, y).await })?;
        let (third, fourth) = try_join!(async { task(first, y).await }, async { task(first + second, y).await })?;
        Ok((first, second, third, fourth))
    },
    n_auto => auto! {
        first => task(1, y).await?,
        second => task(2, y).await?,
        third: [first] => task(*first, y).await?,
        fourth: [first, second] => task(first + second, y).await?,
        => (first, second, third, fourth)
    },
    crossing_hand => async {
        let (first, second) = try_join!(task(1, y), task(2, y))?;
        let (third, fourth) = try_join!(task(first, y), task(second, y))?;
        let (fifth, sixth) = try_join!(task(third + fourth, y), task(fourth, y))?;
        Ok((first, second, third, fourth, fifth, sixth))
    },
    crossing_blocks => async {
        let (first, second) = try_join!(async { task(1, y).await }, async { task(2, y).await })?;
        let (third, fourth) = try_join!(async { task(first, y).await }, async { task(second, y).await })?;
        let (fifth, sixth) = try_join!(async { task(third + fourth, y).await }, async { task(fourth, y).await })?;
        Ok((first, second, third, fourth, fifth, sixth))
    },
    crossing_auto => auto! {
        first => task(1, y).await?,
        second => task(2, y).await?,
        third: [first] => task(*first, y).await?,
        fourth: [second] => task(*second, y).await?,
        fifth: [third, fourth] => task(third + fourth, y).await?,
        sixth: [fourth] => task(*fourth, y).await?,
        => (first, second, third, fourth, fifth, sixth)
    },
    threaded_hand => async {
        let mut tx = Transaction::begin(y).await?;
        let first = tx.add(1, y).await?;
        let second = tx.add(first, y).await?;
        let third = tx.add(second, y).await?;
        let fourth = tx.add(first, y).await?;
        let last = tx.commit(y).await?;
        Ok((first, second, third, fourth, last))
    },
    threaded_blocks => async {
        let mut tx = async { Transaction::begin(y).await }.await?;
        let first = async { tx.add(1, y).await }.await?;
        let second = async { tx.add(first, y).await }.await?;
        let third = async { tx.add(second, y).await }.await?;
        let fourth = async { tx.add(first, y).await }.await?;
        let last = async { tx.commit(y).await }.await?;
        Ok((first, second, third, fourth, last))
    },
    threaded_auto => auto! {
        tx => Transaction::begin(y).await?,
        first: [mut tx] => tx.add(1, y).await?,
        second: [mut tx, first] => tx.add(*first, y).await?,
        third: [mut tx, second] => tx.add(*second, y).await?,
        fourth: [mut tx, first, third as _] => tx.add(*first, y).await?,
        last: [move tx, fourth as _] => tx.commit(y).await?,
        => (first, second, third, fourth, last)
    },
    beside_hand => async {
        let threaded = async {
            let mut tx = Transaction::begin(y).await?;
            let first = tx.add(1, y).await?;
            let second = tx.add(first, y).await?;
            let third = tx.add(second, y).await?;
            let last = tx.commit(y).await?;
            Ok((first, second, third, last))
        };
        let ((first, second, third, last), one, other) = try_join!(threaded, task(1, y), task(2, y))?;
        Ok((first, second, third, last, one, other))
    },
    beside_blocks => async {
        let threaded = async {
            let mut tx = async { Transaction::begin(y).await }.await?;
            let first = async { tx.add(1, y).await }.await?;
            let second = async { tx.add(first, y).await }.await?;
            let third = async { tx.add(second, y).await }.await?;
            let last = async { tx.commit(y).await }.await?;
            Ok((first, second, third, last))
        };
        let ((first, second, third, last), one, other) =
            try_join!(threaded, async { task(1, y).await }, async { task(2, y).await })?;
        Ok((first, second, third, last, one, other))
    },
    beside_auto => auto! {
        tx => Transaction::begin(y).await?,
        first: [mut tx] => tx.add(1, y).await?,
        second: [mut tx, first] => tx.add(*first, y).await?,
        third: [mut tx, second] => tx.add(*second, y).await?,
        last: [move tx, third as _] => tx.commit(y).await?,
        one => task(1, y).await?,
        other => task(2, y).await?,
        => (first, second, third, last, one, other)
    },
    wide_hand => async {
        let (first, second, third, fourth, fifth, sixth, seventh, eighth) =
            try_join!(task(1, y), task(2, y), task(3, y), task(4, y), task(5, y), task(6, y), task(7, y), task(8, y))?;
        Ok((first, second, third, fourth, fifth, sixth, seventh, eighth))
    },
    wide_blocks => async {
        let (first, second, third, fourth, fifth, sixth, seventh, eighth) = try_join!(
            async { task(1, y).await }, async { task(2, y).await }, async { task(3, y).await },
            async { task(4, y).await }, async { task(5, y).await }, async { task(6, y).await },
            async { task(7, y).await }, async { task(8, y).await },
        )?;
        Ok((first, second, third, fourth, fifth, sixth, seventh, eighth))
    },
    wide_auto => auto! {
        first => task(1, y).await?,
        second => task(2, y).await?,
        third => task(3, y).await?,
        fourth => task(4, y).await?,
        fifth => task(5, y).await?,
        sixth => task(6, y).await?,
        seventh => task(7, y).await?,
        eighth => task(8, y).await?,
        => (first, second, third, fourth, fifth, sixth, seventh, eighth)
    },
}

fn main() {
    let mut counts = Counts::default();
    cases(&mut counts);
    let counts = counts.count();
    println!("| graph | tasks | by hand | in blocks | `auto!` | to hand | to blocks |");
    println!("| --- | --- | --: | --: | --: | --: | --: |");
    for graph in [
        "page", "diamond", "n", "crossing", "wide", "threaded", "beside",
    ] {
        for kind in Kind::ALL {
            let of = |way| counts[&(format!("{graph}_{way}"), kind)];
            let (hand, blocks, auto) = (of("hand"), of("blocks"), of("auto"));
            let (to_hand, to_blocks) = (auto / hand, auto / blocks);
            println!(
                "| {graph} | {kind} | {hand:.0} | {blocks:.0} | {auto:.0} | {to_hand:.2} | {to_blocks:.2} |"
            );
        }
    }
}

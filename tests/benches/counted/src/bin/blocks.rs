//! Instructions for a run of a graph as a block of `concurrent!` and as a graph of `auto!`, and the sizes of the futures:
//! `count.sh blocks`.

#![allow(missing_docs)]

mod task;

use std::hint::black_box;

use conjoin::{auto, concurrent};
use counted::{Counts, Kind, run, yield_once};

use task::{Error, task, work};

/// Its methods have a type of their own for each task, like real tasks.
struct Db;

impl Db {
    async fn get<const N: usize>(&self, input: u64, yields: bool) -> Result<u64, Error> {
        let held = [input; N];
        if yields {
            yield_once().await;
        }
        work(held[N - 1] + N as u64)
    }
}

/// `cases` has a run of each graph, `sizes` the size of each future.
macro_rules! cases {
    ($yields:ident, $db:ident; $($name:ident => $graph:expr,)*) => {
        fn cases(counts: &mut Counts<(String, Kind)>) {
            $(
                #[allow(unused_variables, reason = "some cases have no methods")]
                counts.add_kinds(stringify!($name), |kind| {
                    let ($yields, $db) = (black_box(kind.yields()), &Db);
                    let result: Result<_, Error> = run($graph);
                    assert!(black_box(result).is_ok());
                });
            )*
        }

        fn size(name: &str) -> usize {
            let ($yields, $db) = (black_box(true), &Db);
            match name {
                $(stringify!($name) => {
                    let future = $graph;
                    let size = size_of_val(&future);
                    let _: Result<_, Error> = run(future);
                    size
                })*
                _ => unreachable!("a case"),
            }
        }
    };
}

cases! { y, db;
    page_auto => auto! {
        first => task(1, y).await?,
        second: [first] => task(*first, y).await?,
        third: [first] => task(*first, y).await?,
        => (first, second, third)
    },
    page_block => concurrent!({
        let first = task(1, y).await?;
        let second = task(first, y).await?;
        let third = task(first, y).await?;
        Ok((first, second, third))
    }),
    methods_auto => auto! {
        first => db.get::<16>(1, y).await?,
        second: [first] => db.get::<32>(*first, y).await?,
        third: [first] => db.get::<24>(*first, y).await?,
        => (first, second, third)
    },
    methods_block => concurrent!({
        let first = db.get::<16>(1, y).await?;
        let second = db.get::<32>(first, y).await?;
        let third = db.get::<24>(first, y).await?;
        Ok((first, second, third))
    }),
    twice_auto => auto! {
        first => db.get::<16>(db.get::<8>(1, y).await?, y).await?,
        second => db.get::<32>(db.get::<9>(1, y).await?, y).await?,
        => (first, second)
    },
    twice_block => concurrent!({
        let first = db.get::<16>(db.get::<8>(1, y).await?, y).await?;
        let second = db.get::<32>(db.get::<9>(1, y).await?, y).await?;
        Ok((first, second))
    }),
    diamond_auto => auto! {
        first => task(1, y).await?,
        second: [first] => task(*first, y).await?,
        third: [first] => task(*first, y).await?,
        fourth: [second, third] => task(second + third, y).await?,
        => (first, second, third, fourth)
    },
    diamond_block => concurrent!({
        let first = task(1, y).await?;
        let second = task(first, y).await?;
        let third = task(first, y).await?;
        let fourth = task(second + third, y).await?;
        Ok((first, second, third, fourth))
    }),
    n_auto => auto! {
        first => task(1, y).await?,
        second => task(2, y).await?,
        third: [first] => task(*first, y).await?,
        fourth: [first, second] => task(first + second, y).await?,
        => (first, second, third, fourth)
    },
    n_block => concurrent!({
        let first = task(1, y).await?;
        let second = task(2, y).await?;
        let third = task(first, y).await?;
        let fourth = task(first + second, y).await?;
        Ok((first, second, third, fourth))
    }),
    chains_auto => auto! {
        first => db.get::<16>(1, y).await?,
        second: [first] => db.get::<32>(*first, y).await?,
        third => db.get::<24>(2, y).await?,
        fourth: [third] => db.get::<40>(*third, y).await?,
        => (first, second, third, fourth)
    },
    chains_block => concurrent!({
        let first = db.get::<16>(1, y).await?;
        let second = db.get::<32>(first, y).await?;
        let third = db.get::<24>(2, y).await?;
        let fourth = db.get::<40>(third, y).await?;
        Ok((first, second, third, fourth))
    }),
    woven_auto => auto! {
        first => db.get::<16>(1, y).await?,
        third => db.get::<24>(2, y).await?,
        second: [first] => db.get::<32>(*first, y).await?,
        fourth: [third] => db.get::<40>(*third, y).await?,
        => (first, second, third, fourth)
    },
    woven_block => concurrent!({
        let first = db.get::<16>(1, y).await?;
        let third = db.get::<24>(2, y).await?;
        let second = db.get::<32>(first, y).await?;
        let fourth = db.get::<40>(third, y).await?;
        Ok((first, second, third, fourth))
    }),
    crossing_auto => auto! {
        first => task(1, y).await?,
        second => task(2, y).await?,
        third: [first] => task(*first, y).await?,
        fourth: [second] => task(*second, y).await?,
        fifth: [third, fourth] => task(third + fourth, y).await?,
        sixth: [fourth] => task(*fourth, y).await?,
        => (first, second, third, fourth, fifth, sixth)
    },
    crossing_block => concurrent!({
        let first = task(1, y).await?;
        let second = task(2, y).await?;
        let third = task(first, y).await?;
        let fourth = task(second, y).await?;
        let fifth = task(third + fourth, y).await?;
        let sixth = task(fourth, y).await?;
        Ok((first, second, third, fourth, fifth, sixth))
    }),
    chain_auto => auto! {
        first => task(1, y).await?,
        second: [first] => task(*first, y).await?,
        third: [second] => task(*second, y).await?,
        fourth: [third] => task(*third, y).await?,
        => (first, second, third, fourth)
    },
    chain_block => async {
        let first = task(1, y).await?;
        let second = task(first, y).await?;
        let third = task(second, y).await?;
        let fourth = task(third, y).await?;
        Ok((first, second, third, fourth))
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
    wide_block => concurrent!({
        let first = task(1, y).await?;
        let second = task(2, y).await?;
        let third = task(3, y).await?;
        let fourth = task(4, y).await?;
        let fifth = task(5, y).await?;
        let sixth = task(6, y).await?;
        let seventh = task(7, y).await?;
        let eighth = task(8, y).await?;
        Ok((first, second, third, fourth, fifth, sixth, seventh, eighth))
    }),
}

fn main() {
    let mut counts = Counts::default();
    cases(&mut counts);
    let counts = counts.count();
    println!("| graph | tasks | `auto!` | block | ratio | bytes, `auto!` | bytes, block |");
    println!("| --- | --- | --: | --: | --: | --: | --: |");
    let graphs = [
        "page", "methods", "twice", "diamond", "n", "chains", "woven", "crossing", "chain", "wide",
    ];
    for graph in graphs {
        let [auto, block] = ["auto", "block"].map(|way| format!("{graph}_{way}"));
        let sizes = [size(&auto), size(&block)];
        for kind in Kind::ALL {
            let (auto, block) = (
                counts[&(auto.clone(), kind)],
                counts[&(block.clone(), kind)],
            );
            let (ratio, [auto_bytes, block_bytes]) = (block / auto, sizes);
            println!(
                "| {graph} | {kind} | {auto:.0} | {block:.0} | {ratio:.2} | {auto_bytes} | {block_bytes} |"
            );
        }
    }
}

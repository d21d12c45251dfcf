//! Instructions for a run of a graph with and without an object around its tasks that does nothing: `count.sh around`.
//! *In blocks* has the same bodies in `async` blocks without an object.

#![allow(missing_docs)]

mod task;

use std::hint::black_box;

use conjoin::auto;
use counted::{Counts, Kind, run};

use task::{Error, task};

/// Its `task` is the future itself.
struct Itself;

impl Itself {
    #[allow(clippy::unused_self, reason = "as any other object")]
    fn task<T, F: Future<Output = T>>(&self, _: &'static str, body: F) -> F {
        body
    }
}

/// `cases` has a run of each graph: plain, with its bodies in blocks, and with the object.
macro_rules! cases {
    ($yields:ident; $($plain:ident $blocks:ident $around:ident: { $($name:ident: [$($need:ident),*] => $input:expr,)* } => $output:expr;)*) => {
        fn cases(counts: &mut Counts<(String, Kind)>) {
            $(
                counts.add_kinds(stringify!($plain), |kind| {
                    let $yields = black_box(kind.yields());
                    let graph = auto! { $($name: [$($need),*] => task($input, $yields).await?,)* => $output };
                    assert!(black_box(run(graph)).is_ok());
                });
                counts.add_kinds(stringify!($blocks), |kind| {
                    let $yields = black_box(kind.yields());
                    let graph = auto! {
                        $($name: [$($need),*] => async { let value = task($input, $yields).await?; Ok::<_, Error>(value) }.await?,)*
                        => $output
                    };
                    assert!(black_box(run(graph)).is_ok());
                });
                counts.add_kinds(stringify!($around), |kind| {
                    let $yields = black_box(kind.yields());
                    let graph = auto! { #![around(Itself)] $($name: [$($need),*] => task($input, $yields).await?,)* => $output };
                    assert!(black_box(run(graph)).is_ok());
                });
            )*
        }
    };
}

cases! { y;
    page_plain page_blocks page_around: {
        first: [] => 1,
        second: [first] => *first,
        third: [first] => *first,
    } => first + second + third;
    crossing_plain crossing_blocks crossing_around: {
        first: [] => 1,
        second: [] => 2,
        third: [first] => *first,
        fourth: [second] => *second,
        fifth: [third, fourth] => third + fourth,
        sixth: [fourth] => *fourth,
    } => first + second + third + fourth + fifth + sixth;
    wide_plain wide_blocks wide_around: {
        first: [] => 1, second: [] => 2, third: [] => 3, fourth: [] => 4,
        fifth: [] => 5, sixth: [] => 6, seventh: [] => 7, eighth: [] => 8,
    } => first + second + third + fourth + fifth + sixth + seventh + eighth;
}

fn main() {
    let mut counts = Counts::default();
    cases(&mut counts);
    let counts = counts.count();
    println!("| graph | tasks | plain | in blocks | around |");
    println!("| --- | --- | --: | --: | --: |");
    for graph in ["page", "crossing", "wide"] {
        for kind in Kind::ALL {
            let of = |way| counts[&(format!("{graph}_{way}"), kind)];
            let (plain, blocks, around) = (of("plain"), of("blocks"), of("around"));
            println!("| {graph} | {kind} | {plain:.0} | {blocks:.0} | {around:.0} |");
        }
    }
}

//! A scope in which the names of crates are modules of the caller's.

use ::conjoin::auto;
use futures::FutureExt;

pub(crate) mod core {}
pub(crate) mod std {}
pub(crate) mod alloc {}
pub(crate) mod conjoin {}
pub(crate) mod __private {}

#[test]
fn a_graph_of_every_plan_runs() {
    let graph = auto! {
        plain => "1".parse::<u8>()?,
        chained: [plain] => plain + 1,
        user => 1,
        settings => 2,
        posts: [user] => user + 1,
        page: [user, settings] => user + settings,
        north_1 => 1,
        north_2: [north_1] => north_1 + 1,
        north_3: [north_2] => north_2 + 1,
        south_1 => 1,
        south_2: [south_1] => south_1 + 1,
        south_3: [south_2, north_1] => south_2 + north_1,
        => [chained, posts, page, north_3, south_3]
    };
    assert_eq!(graph.now_or_never(), Some(Ok([2, 2, 3, 3, 3])));
}

#[test]
fn a_cfg_and_a_result_struct_need_no_crates() {
    let graph = auto! {
        #![derive(Clone, Debug, PartialEq)]
        #[cfg(test)]
        kept => 1,
        #[cfg(not(test))]
        gone => 2,
    };
    assert_eq!(
        graph.now_or_never().map(|graph| graph.clone().into_tuple()),
        Some((1,))
    );
}

fn north_1_is_there(n: u8) -> bool {
    n == 2
}

#[test]
fn every_option_needs_no_crates() {
    let graph = every_use!()
        .now_or_never()
        .expect("all is ready")
        .expect("all are numbers");
    assert_eq!((graph.north_4, graph.dropped), ((2, 2), Some(3)));
    let graph = every_use!(#![limit(2)] #![name_errors] #![error(crate::NotANumber)]);
    assert_eq!(
        graph
            .now_or_never()
            .expect("all is ready")
            .expect("all are numbers")
            .shared,
        crate::Tx(18)
    );
    let graph = every_use!(#![settle] #![limit(1)] #![name_errors] #![error(crate::NotANumber)] #![derive(Debug)]);
    assert_eq!(
        graph.now_or_never().expect("all is ready").north_4.ok(),
        Some((2, 2))
    );
}

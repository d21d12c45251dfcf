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
    assert_eq!(graph.now_or_never().map(|graph| graph.clone().into_tuple()), Some((1,)));
}

//! Changed and taken values under each option, in an ordinary scope. The other modules use the same graph in scopes
//! with shadowed names.

use conjoin::{Settled, auto};
use futures::FutureExt;

use crate::{NotANumber, Tx};

fn north_1_is_there(n: u8) -> bool {
    n == 2
}

#[test]
fn graph_runs_without_options() {
    let graph = every_use!()
        .now_or_never()
        .expect("all is ready")
        .expect("all are numbers");
    assert_eq!(graph.sent, (Tx(6), 6));
    assert_eq!(
        (graph.right, graph.north_3, graph.north_4, graph.dropped),
        (None, Some(2), (2, 2), Some(3))
    );
    assert_eq!((graph.south_1, graph.shared), (Tx(3), Tx(18)));
}

#[test]
fn graph_runs_under_a_limit() {
    for limit in 1..4 {
        let graph = every_use!(#![limit(limit)])
            .now_or_never()
            .expect("all is ready")
            .expect("all are numbers");
        assert_eq!(
            (graph.sent, graph.north_4, graph.shared),
            ((Tx(6), 6), (2, 2), Tx(18))
        );
    }
}

#[test]
fn graph_settles() {
    let graph = every_use!(#![error(NotANumber)] #![settle])
        .now_or_never()
        .expect("all is ready");
    assert_eq!(graph.sent, Settled::Done((Tx(6), 6)));
    assert_eq!(graph.tx, Settled::Done(()));
    assert!(matches!(graph.north_4, Settled::Done((2, 2))));
    assert_eq!(
        (graph.south_1, graph.shared),
        (Settled::Done(Tx(3)), Settled::Done(Tx(18)))
    );
}

#[test]
fn graph_names_its_errors() {
    let graph = every_use!(#![name_errors])
        .now_or_never()
        .expect("all is ready")
        .expect("all are numbers");
    assert_eq!(
        (graph.sent, graph.north_4, graph.shared),
        ((Tx(6), 6), (2, 2), Tx(18))
    );
}

#[test]
fn graph_runs_with_all_options() {
    let graph =
        every_use!(#![settle] #![limit(2)] #![name_errors] #![error(NotANumber)] #![derive(Debug)]);
    let graph = graph.now_or_never().expect("all is ready");
    assert_eq!(graph.shared, Settled::Done(Tx(18)));
    assert!(format!("{graph:?}").contains("Done"));
}

/// Its `task` is the future itself.
struct Itself;

impl Itself {
    #[allow(clippy::unused_self)]
    fn task<T, F: Future<Output = T>>(&self, _: &'static str, body: F) -> F {
        body
    }
}

#[test]
fn object_around_tasks_goes_with_each_option() {
    let object = Itself;
    let graph = every_use!(#![around(object)]).now_or_never();
    assert!(graph.is_some_and(|done| done.is_ok()));
    let graph = every_use!(#![around(&object)] #![limit(2)] #![name_errors]).now_or_never();
    assert!(graph.is_some_and(|done| done.is_ok()));
    let graph = every_use!(#![around(Itself)] #![settle] #![error(NotANumber)]).now_or_never();
    assert!(graph.is_some());
}

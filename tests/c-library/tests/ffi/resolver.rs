//! With c-ares, whose callbacks are called once, whatever happens.

use std::net::Ipv4Addr;
use std::thread;

use conjoin_adapters::CallbackError;
use conjoin_adapters_c_library::resolver::{AresError, Resolver, serve};

use crate::wait;

const ADDRESS: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 42);

fn resolver() -> Resolver {
    Resolver::new(serve(ADDRESS).unwrap()).unwrap()
}

#[test]
fn names_are_resolved_or_not() {
    let resolver = resolver();
    let (present, absent) = (
        resolver.query(c"present.test"),
        resolver.query(c"absent.test"),
    );
    let driving = thread::spawn(move || resolver.drive());
    assert!(wait(present).unwrap().ends_with(&ADDRESS.octets()));
    assert_eq!(
        wait(absent),
        Err(CallbackError::Rejected(AresError::NOT_FOUND))
    );
    driving.join().unwrap();
}

#[test]
fn dropped_query_is_harmless() {
    let resolver = resolver();
    drop(resolver.query(c"present.test"));
    let kept = resolver.query(c"present.test");
    resolver.drive();
    assert!(wait(kept).unwrap().ends_with(&ADDRESS.octets()));
}

#[test]
fn a_cancelled_query_is_rejected() {
    let resolver = resolver();
    let query = resolver.query(c"silent.test");
    resolver.cancel();
    assert_eq!(
        wait(query),
        Err(CallbackError::Rejected(AresError::CANCELLED))
    );
}

#[test]
fn a_destroyed_channel_rejects_what_is_pending() {
    let resolver = resolver();
    let (query, dropped) = (
        resolver.query(c"silent.test"),
        resolver.query(c"silent.test"),
    );
    drop(dropped);
    drop(resolver);
    assert_eq!(
        wait(query),
        Err(CallbackError::Rejected(AresError::DESTRUCTION))
    );
}

#[test]
fn invalid_name_is_rejected_at_once() {
    let resolver = resolver();
    let query = resolver.query(c"..");
    assert!(matches!(wait(query), Err(CallbackError::Rejected(_))));
}

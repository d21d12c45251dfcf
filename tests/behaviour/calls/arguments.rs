//! Calls whose arguments borrow something that lives no longer than the body.

use std::future::ready;

use conjoin::auto;
use futures::FutureExt;

async fn length(text: &str) -> usize {
    text.len()
}

async fn show(value: &&u32) -> String {
    value.to_string()
}

#[test]
fn calls_may_borrow_temporaries() {
    let graph = auto! {
        a => length(&"a".repeat(3)).await,
        b => length("b".to_owned().as_str()).await,
        c => length(&["c"].concat()).await,
    };
    assert_eq!(
        graph.now_or_never().expect("nothing waits").into_tuple(),
        (3, 1, 1)
    );
}

/// With a destructor, so that a reference to it is to a temporary value.
struct Guard(u32);

impl Drop for Guard {
    fn drop(&mut self) {}
}

impl Guard {
    const NEW: Guard = Guard(4);
}

const GUARD: Guard = Guard::NEW;

impl Guard {
    async fn get(&self) -> u32 {
        self.0
    }
}

async fn read(guard: &Guard) -> u32 {
    guard.0
}

#[test]
fn calls_may_use_constants() {
    let graph = auto! { a => read(&GUARD).await, b => read(&Guard::NEW).await };
    assert_eq!(
        graph.now_or_never().expect("nothing waits").into_tuple(),
        (4, 4)
    );
}

struct Holder {
    guard: Guard,
}

impl Holder {
    const NEW: Holder = Holder { guard: Guard::NEW };
}

struct Unit;

impl Unit {
    async fn change(&mut self) -> u32 {
        5
    }
}

#[test]
fn calls_may_borrow_constants() {
    let graph = auto! {
        a => GUARD.get().await,
        b => Guard::NEW.get().await,
        c => Holder::NEW.guard.get().await,
        d => Unit.change().await,
    };
    assert_eq!(
        graph.now_or_never().expect("nothing waits").into_tuple(),
        (4, 4, 4, 5)
    );
}

#[test]
fn calls_may_use_a_bound_dependency() {
    let graph = auto! {
        root => ready(2).await,
        a: [root] => show(&root).await,
        b: [root as &n] => show(&&n).await,
        c: [root as n] => show(&n).await,
    };
    assert_eq!(
        graph.now_or_never().expect("nothing waits").into_tuple(),
        (2, "2".to_owned(), "2".to_owned(), "2".to_owned())
    );
}

/// Implemented for the reference, so that a method call borrows the reference.
trait Named {
    async fn name(&self) -> &'static str;
}

struct Client;

impl Named for &Client {
    async fn name(&self) -> &'static str {
        "client"
    }
}

#[test]
fn calls_may_use_methods_of_a_reference() {
    let graph = auto! {
        client => Client,
        a: [client] => client.name().await,
        b: [client as it] => it.name().await,
    };
    let result = graph.now_or_never().expect("nothing waits");
    assert_eq!((result.a, result.b), ("client", "client"));
}

struct Connection {
    sent: Vec<u32>,
}

impl Connection {
    async fn send(&mut self, value: u32) -> usize {
        self.sent.push(value);
        self.sent.len()
    }

    async fn close(self) -> Vec<u32> {
        self.sent
    }
}

async fn send(connection: &mut Connection, value: u32) -> usize {
    connection.send(value).await
}

#[test]
fn calls_may_use_mut_and_move_dependencies() {
    let graph = auto! {
        connection => Connection { sent: Vec::new() },
        first: [mut connection] => send(connection, 1).await,
        second: [mut connection, first as _] => connection.send(2).await,
        beside: [first as &n] => ready(n).await,
        sent: [move connection, second as _] => connection.close().await,
    };
    assert_eq!(
        graph.now_or_never().expect("nothing waits").into_tuple(),
        (1, 2, 1, vec![1, 2])
    );
}

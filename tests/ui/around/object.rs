//! Objects that have no such method, or another one.

use conjoin::{Around, auto};

struct Nothing;

struct NoName;

impl NoName {
    async fn task<T>(&self, body: impl Future<Output = T>) -> T {
        body.await
    }
}

struct Exclusive;

impl Exclusive {
    async fn task<T>(&mut self, _: &'static str, body: impl Future<Output = T>) -> T {
        body.await
    }
}

struct OfFallible;

impl<V> Around<Result<V, String>> for OfFallible {
    async fn task(
        &self,
        _: &'static str,
        body: impl Future<Output = Result<V, String>>,
    ) -> Result<V, String> {
        body.await
    }
}

fn main() {
    let _ = auto! { #![around(Nothing)] a => 1, b: [a] => a + 1 };
    let _ = auto! { #![around(NoName)] a => 1 };
    let _ = auto! { #![around(Exclusive)] a => 1 };
    let _ = auto! { #![around((OfFallible, OfFallible))] a => 1 };
    let _ = auto! { #![around(missing)] a => 1 };
}

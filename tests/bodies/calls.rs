//! Bodies that look like bare calls, but borrow something that the body owns.

use std::ops::{Add, Deref, Neg};

use conjoin::auto;
use futures::executor::block_on;
use tokio::task::yield_now;

/// Needs its drop, so each use of a constant of this type is a new temporary value.
#[derive(Clone)]
struct Db(u8);

impl Drop for Db {
    fn drop(&mut self) {}
}

impl Db {
    const MAIN: Db = Db(1);

    async fn get(&self) -> u8 {
        yield_now().await;
        self.0
    }
}

impl Deref for Db {
    type Target = u8;

    fn deref(&self) -> &u8 {
        &self.0
    }
}

mod settings {
    use super::Db;

    pub(super) const MAIN: Db = Db(2);
    #[expect(non_upper_case_globals, reason = "it looks like a variable")]
    pub(super) const main: Db = Db(3);
}

#[expect(non_upper_case_globals, reason = "it looks like a variable")]
const main_db: Db = Db(4);
const _DB: Db = Db(5);

#[expect(non_camel_case_types, reason = "it looks like a variable")]
struct mailer;

impl Drop for mailer {
    fn drop(&mut self) {}
}

impl mailer {
    async fn send(&self) -> u8 {
        yield_now().await;
        6
    }
}

/// Borrows while it waits.
async fn read(value: &u8) -> u8 {
    yield_now().await;
    *value
}

#[test]
fn constant_is_borrowed() {
    assert_eq!(same!(read(&*settings::MAIN).await), 2);
    assert_eq!(same!(read(&*crate::calls::_DB).await), 5);
    assert_eq!(same!(read(&settings::main).await), 3);
    assert_eq!(same!(read(&main_db.0).await), 4);
    assert_eq!(same!(read(&_DB.0).await), 5);
}

#[test]
fn method_borrows_a_constant() {
    assert_eq!(same!(Db::MAIN.get().await), 1);
    assert_eq!(same!(settings::main.get().await), 3);
    assert_eq!(same!(self::settings::MAIN.get().await), 2);
    assert_eq!(same!(main_db.get().await), 4);
    assert_eq!(same!(_DB.get().await), 5);
    assert_eq!(same!(mailer.send().await), 6);
}

#[test]
fn lazy_static_is_borrowed() {
    static LIST: std::sync::LazyLock<Vec<u8>> = std::sync::LazyLock::new(|| vec![1]);
    async fn length(list: &[u8]) -> usize {
        yield_now().await;
        list.len()
    }
    assert_eq!(same!(length(&LIST).await), 1);
    assert_eq!(same!(length(&*LIST).await), 1);
    assert_eq!(same!(length(&LIST[..]).await), 1);
}

#[test]
fn ref_pattern_borrows_the_binding() {
    async fn show(value: &&u8) -> u8 {
        yield_now().await;
        **value
    }
    let graph = block_on(auto! {
        a => 1,
        call: [a as ref y] => show(y).await,
        block: [a as ref y] => { show(y).await },
        beside: [a] => 3,
    });
    assert_eq!((graph.call, graph.block), (1, 1));
}

impl Add<u8> for &Db {
    type Output = Db;

    fn add(self, other: u8) -> Db {
        Db(self.0 + other)
    }
}

impl<'d> Add<&'d Db> for &'d Db {
    type Output = &'d Db;

    fn add(self, other: &'d Db) -> &'d Db {
        if self.0 > 0 { other } else { self }
    }
}

impl Neg for &Db {
    type Output = Db;

    fn neg(self) -> Db {
        Db(self.0 + 1)
    }
}

#[test]
fn operator_makes_a_temporary_value() {
    let pair = (Db(1), Db(2));
    assert_eq!(same!(read(&pair.0 + &pair.1).await), 2);
    assert_eq!(same!(read(&(&pair.0 + 1)).await), 2);
    assert_eq!(same!(read(&(&(&pair.0 + 1) + 1)).await), 3);
    assert_eq!(same!(read(&*-&pair.1).await), 3);
    assert_eq!(same!(read(&*pair.1).await), 2);
}

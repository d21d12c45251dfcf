//! `[move x]` and `[mut x]`, in parts of every shape.

use std::cell::Cell;
use std::sync::atomic::{AtomicU32, Ordering};

use conjoin::auto;
use futures::executor::block_on;
use tokio::task::yield_now;

/// Not `Clone`, not `Copy`, counts its drops.
struct Token<'a>(&'a AtomicU32);

impl Drop for Token<'_> {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn is_send<T: Send>(value: T) -> T {
    value
}

#[test]
fn series_takes_and_changes() {
    let done = block_on(is_send(auto! {
        list => vec![1],
        more: [mut list] => { yield_now().await; list.push(2) },
        most: [mut list as l, more as _] => l.push(3),
        sum: [list, most as _] => list.iter().sum::<i32>(),
        text: [move list, sum] => format!("{list:?} {sum}"),
        free => 1,
    }));
    assert_eq!((done.sum, done.text.as_str(), done.free), (6, "[1, 2, 3] 6", 1));
    assert_eq!(done.into_tuple(), ((), (), 6, "[1, 2, 3] 6".to_owned(), 1));
}

#[test]
fn gated_passes_on() {
    let drops = AtomicU32::new(0);
    let done = block_on(is_send(auto! {
        outside => vec![0],
        start: [outside as _] => (),
        a: [start as _] => (vec![1], Token(&drops)),
        b: [start as _] => Cell::new(1),
        c: [mut a, mut outside] => { yield_now().await; a.0.push(2); outside.push(1); },
        d: [a, c as _] => { yield_now().await; a.0.len() },
        e: [a, c as _] => a.0.iter().sum::<i32>(),
        f: [move a, d, e] => { yield_now().await; a.0.len() + d },
        g: [move b] => { yield_now().await; b.get() },
        h: [c as _, g as _, outside] => outside.len(),
        i: [mut outside, h as _] => outside.push(9),
        j: [e as _, g as _] => (),
    }));
    assert_eq!((done.d, done.e, done.f, done.g, done.h), (2, 3, 4, 1, 2));
    assert_eq!(done.outside, [0, 1, 9]);
    assert_eq!(drops.into_inner(), 1);
}

#[test]
fn settles() {
    let done = block_on(is_send(auto! {
        #![settle]
        x => "1".parse::<i32>().map(|n| vec![n])?,
        bad => "x".parse::<i32>()?,
        m: [mut x] => "2".parse::<i32>().map(|n| x.push(n))?,
        t: [move x, m as _] => x.len(),
        u: [bad as _] if true => 1,
        v: [u, t] if *t == 2 => u.unwrap() + 1,
        w: [t] if *t == 3 => 1,
    }));
    use conjoin::Settled::*;
    assert_eq!(done.x, Done(()));
    assert_eq!(done.t, Done(2));
    assert_eq!(done.u, Skipped("bad"));
    assert_eq!(done.v, Skipped("bad"));
    assert_eq!(done.w, Done(None));
    assert!(done.bad.is_failed());
}

#[test]
fn names() {
    let done = block_on(is_send(auto! {
        #![name_errors]
        #![limit(2)]
        x => "1".parse::<i32>()?,
        y => { yield_now().await; "2".parse::<i32>()? },
        z: [x, y] if let Some(a) = x.checked_add(*y) && a > 2 => (a + *x).to_string().parse::<i32>()?,
        => z.unwrap() + "x".parse::<i32>()?
    }));
    assert_eq!(done.unwrap_err().task(), "=>");
}

//! In a gated graph, too, the place is where the value is held.

use std::cell::Cell;
use std::rc::Rc;

use conjoin::auto;

fn spawn<F: Future + Send>(_: F) {}

async fn tick() {}

fn read() {
    spawn(auto! {
        a => Cell::new(1),
        a_2: [a] => {
            tick().await;
            a.get()
        },
        a_3: [a_2] => *a_2,
        b => 1,
        b_2: [b] => *b,
        b_3: [b_2, a_2] => a_2 + b_2,
    });
}

fn passed_on() {
    spawn(auto! {
        a => Rc::new(1),
        a_2: [mut a] => tick().await,
        a_3: [a_2 as _, move a] => *a,
        b => 1,
        b_2: [b] => *b,
        b_3: [b_2, a_2 as _] => *b_2,
    });
}

fn passed_on_and_read() {
    spawn(auto! {
        a => Cell::new(1),
        a_2: [a] => {
            tick().await;
            a.get()
        },
        a_3: [a_2 as _, mut a] => a.set(1),
        b => 1,
        b_2: [b] => *b,
        b_3: [b_2, a_2 as _] => *b_2,
    });
}

fn taken_in_a_series() {
    spawn(auto! {
        a => Rc::new(1),
        a_2: [move a] => {
            tick().await;
            *a
        },
    });
}

fn main() {}

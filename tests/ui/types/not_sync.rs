use std::cell::Cell;

use conjoin::auto;

fn spawn<F: Future + Send>(_: F) {}

async fn tick() {}

fn main() {
    spawn(auto! {
        cell => Cell::new(1),
        user: [cell] => {
            tick().await;
            cell.get()
        },
    });
}

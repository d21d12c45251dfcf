use std::rc::Rc;

use conjoin::auto;

fn spawn<F: Future + Send>(_: F) {}

async fn tick() {}

fn main() {
    spawn(auto! {
        a => {
            let rc = Rc::new(1);
            tick().await;
            *rc
        },
    });
}

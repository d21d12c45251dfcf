use conjoin::auto;

async fn tick() {}

fn main() {
    let mut log = Vec::new();
    let _ = auto! {
        a => { log.push(1); tick().await },
        b => { log.push(2); tick().await },
    };
}

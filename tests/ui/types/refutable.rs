use conjoin::auto;

fn main() {
    let _ = auto! {
        a => Some(1),
        b: [a as Some(n)] => n + 1,
    };
}

use conjoin::auto;

fn main() {
    let some = Some(1);
    let _ = auto! {
        a => some?,
    };
}

use conjoin::auto;

fn main() {
    let _ = auto! {
        number for x in 7 => x,
    };
}

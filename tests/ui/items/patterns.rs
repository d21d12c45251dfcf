use conjoin::auto;

fn main() {
    let list = [Some(1), None];
    let _ = auto! {
        mismatched for (x, y) in list => x,
    };
}

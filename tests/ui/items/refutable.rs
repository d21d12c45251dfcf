use conjoin::auto;

fn main() {
    let list = [Some(1), None];
    let _ = auto! {
        refutable for Some(x) in list => x,
    };
}

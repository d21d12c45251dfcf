use conjoin::auto;

fn main() {
    let _ = auto! {
        a if => 1,
        b: [a] if => a,
        c if,
        d: [a] if,
        e if x
    };
}

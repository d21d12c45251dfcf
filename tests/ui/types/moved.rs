use conjoin::auto;

fn main() {
    let text = String::new();
    let _ = auto! {
        a => text,
        b => text,
        c: [a] => *a,
    };
}

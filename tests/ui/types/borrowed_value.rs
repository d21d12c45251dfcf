use conjoin::auto;

fn main() {
    let _ = auto! {
        text => String::from("a b"),
        first: [text] => text.split(' ').next(),
    };
}

use conjoin::auto;

fn takes(_: String) {}

fn main() {
    let _ = auto! {
        name => String::new(),
        taken: [name] => takes(name),
        sum: [name] => name + 1,
    };
}

use conjoin::auto;

fn main() {
    let idle = 2;
    let _ = auto! {
        users => vec![1, 2],
        idle => 1,
        items: [users] for user in users => user + idle,
        shadowed: [users] for idle in users => idle,
    };
}

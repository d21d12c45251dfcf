use conjoin::auto;

fn main() {
    let ready = true;
    let _ = auto! {
        list => vec![1, 2],
        before: [list] if ready for x in list => x + 1,
        after: [list] for x in list if ready && *x > 1 => x + 1,
    };
}

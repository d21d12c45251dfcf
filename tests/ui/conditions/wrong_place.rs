use conjoin::auto;

fn main() {
    let ready = true;
    let _ = auto! {
        if ready a => 1,
        b => 2 if ready,
        c when ready => 3,
        d unless ready => 4,
        e: if ready [a] => 5,
        f: [b if ready] => 6,
        g: [b] => if ready => 7,
        h if (ready) if ready => 8,
        i if ready return => 9,
    };
}

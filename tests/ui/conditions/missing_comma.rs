use conjoin::auto;

fn main() {
    let ready = true;
    let _ = auto! {
        a => fetch()
        b if ready => 1,
        c: [b] => { 2 }
        d: [c] if *c > 1 => 3,
        e => 4
        #[doc = "f"] f if ready => 5
        => (a, b, c, d, e, f)
    };
}

fn fetch() -> u32 {
    1
}

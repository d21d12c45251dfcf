use conjoin::auto;

fn main() {
    let _ = auto! {
        a: [c] => c + 1,
        b: [a] => a + 1,
        c: [b] => b + 1,
        x: [y] => y + 1,
        y: [x, a] => x + a,
    };
}

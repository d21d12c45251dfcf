use conjoin::auto;

fn main() {
    let ready = true;
    let _ = auto! {
        a => 1,
        b if ready: [a] => a + 1,
        c if ready [a] => 2,
        d if ready && 1 < 2: [mut a, b as _, c as _] => *a += 1,
    };
}

use conjoin::auto;

fn main() {
    let ready = true;
    let _ = auto! {
        a if ready { 1 },
        b: [a] if a.is_some() { 2 },
        c if ready -> 3,
        d if ready,
        e: [a] if ready && a.is_some() { 2 } else { 3 },
        f if ready { 1 } => 2,
    };
}

use conjoin::auto;

fn main() {
    let ready = true;
    let _ = auto! {
        a if { if ready { return; } true } => 1,
        b: [a] if a.is_some() => return 2,
    };
}

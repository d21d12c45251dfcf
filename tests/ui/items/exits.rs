use conjoin::auto;

fn main() {
    let _ = auto! {
        returned for x in [1] => {
            if x > 1 { return 2; }
            x
        },
        continued for x in [1] => {
            if x > 1 { continue; }
            for y in 0..x { if y > 1 { continue; } }
            x
        },
        in_the_iterable for x in { return [1] } => x,
    };
}

use conjoin::auto;

fn main() {
    let _ = auto! {
        premium => true,
        discount: [premium] if *premium => 5,
        price: [discount as Some(percent)] => 100 - percent,
        full: [discount as None] => 100,
        taken: [move discount as Some(n), price as _, full as _] => n,
    };
    let _ = auto! {
        found => "1".parse::<u32>().ok(),
        next: [found as Some(n)] => n + 1,
        none: [found as std::option::Option::None] => 0,
        other: [found as Ok(n)] => n,
    };
}

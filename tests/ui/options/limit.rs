use conjoin::auto;

fn main() {
    let _ = auto! {
        #![limit(0)]
        a => 1,
    };
    let _ = auto! {
        #![limit]
        a => 1,
    };
    let _ = auto! {
        #![limit = 2]
        a => 1,
    };
    let _ = auto! {
        #![limit()]
        a => 1,
    };
    let _ = auto! {
        #![limit("two")]
        a => 1,
    };
    let _ = auto! {
        #![limit(-1)]
        a => 1,
    };
    let _ = auto! {
        #![limit(1, 2)]
        a => 1,
    };
    let _ = auto! {
        #![limit(1 +)]
        a => 1,
    };
    let _ = auto! {
        #![limit(a)]
        a => 1,
    };
    let _ = auto! {
        #![limit(2_u32)]
        a => 1,
        b => 2,
    };
    let _ = auto! {
        #![limit[2]]
        a => 1,
    };
    let _ = auto! {
        #[limit(2)]
        a => 1,
    };
}

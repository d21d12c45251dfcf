use conjoin::auto;

fn main() {
    let _ = auto! {
        #![settle(true)]
        #![name_errors = false]
        a => 1,
    };
    let _ = auto! {
        #![settle]
        #![settle]
        #![limit(1)]
        #![limit(2)]
        #![name_errors]
        #![name_errors]
        a => 1,
    };
    let _ = auto! {
        #![settled]
        #![named_errors]
        #![limits(2)]
        a => 1,
    };
    let _ = auto! {
        a => 1,
        #![settle]
        b => 2,
    };
    let _ = auto! {
        #[settle]
        a => 1,
    };
    let _ = auto! {
        #![settle, limit(2)]
        a => 1,
    };
    let _ = auto! {
        #![name_error]
        a => 1,
    };
    let _ = auto! {
        #![concurrency(2)]
        a => 1,
    };
}

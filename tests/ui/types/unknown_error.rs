use conjoin::auto;

fn number() -> Result<u32, std::num::ParseIntError> {
    "1".parse()
}

fn main() {
    let _ = auto! {
        a => number()? + 1,
    };
}

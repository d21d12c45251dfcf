use conjoin::auto;

fn number() -> Result<u32, std::num::ParseIntError> {
    "1".parse()
}

fn text() -> Result<String, std::fmt::Error> {
    Ok(String::new())
}

fn main() {
    let _ = auto! {
        a => number()?,
        b => text()?,
    };
    let _ = auto! {
        a => number()?,
        b: [a] => {
            let _ = a;
            text()?
        },
    };
}

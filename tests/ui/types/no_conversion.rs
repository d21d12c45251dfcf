use conjoin::auto;

#[derive(Debug)]
struct AppError;

fn number() -> Result<u32, std::num::ParseIntError> {
    "1".parse()
}

fn main() {
    let _ = auto! {
        #![error(AppError)]
        a => number()?,
        b => {
            let n = number()?;
            n + 1
        },
    };
}

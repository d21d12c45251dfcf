use conjoin::auto;

fn parse(text: &str) -> Result<u32, std::num::ParseIntError> {
    text.parse()
}

async fn of_another_type() -> Result<u32, std::num::ParseIntError> {
    auto! {
        #![name_errors]
        user => parse("7")?,
        => user
    }
    .await
}

async fn mixed() {
    let _ = auto! {
        #![name_errors]
        user => parse("7")?,
        weather => "1.0".parse::<f32>()?,
    };
}

async fn open() {
    let _ = auto! {
        #![name_errors]
        user => parse("7")? + 1,
    };
}

fn main() {}

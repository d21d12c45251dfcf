use conjoin::auto;

fn number() -> Result<u32, std::num::ParseIntError> {
    "1".parse()
}

async fn find() -> Option<u32> {
    Some(1)
}

async fn load() -> Result<u32, std::fmt::Error> {
    Ok(1)
}

struct AppError;

impl From<std::num::ParseIntError> for AppError {
    fn from(_: std::num::ParseIntError) -> Self {
        AppError
    }
}

fn both_kinds() {
    let _ = auto! {
        user => find().await?,
        posts => load().await?,
    };
    let _ = auto! {
        user => { let n = number()?; n + 1 },
        posts: [user] => { let n = find().await?; n + user },
    };
    let _ = auto! {
        user => { let n = find().await?; n + 1 },
        posts => { let n = load().await?; n + 2 },
    };
}

fn options() {
    let _ = auto! {
        #![error(AppError)]
        user => find().await?,
        posts => number()?,
    };
    let _ = auto! {
        #![name_errors]
        user => { let n = find().await?; n + 1 },
    };
    let _ = auto! {
        #![settle]
        user => find().await?,
    };
}

async fn wrong_result() -> Result<u32, AppError> {
    auto! { user => find().await?, => user }.await
}

fn main() {}

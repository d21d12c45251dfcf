//! Nothing but the `?` behind the graph is left to say what it fails with, and that converts.

use conjoin::auto;

struct DbError;

struct HttpError;

enum AppError {
    Db(DbError),
    Http(HttpError),
}

impl From<DbError> for AppError {
    fn from(error: DbError) -> Self {
        AppError::Db(error)
    }
}

impl From<HttpError> for AppError {
    fn from(error: HttpError) -> Self {
        AppError::Http(error)
    }
}

async fn user() -> Result<u32, DbError> {
    Ok(1)
}

async fn weather() -> Result<u32, HttpError> {
    Ok(2)
}

async fn converted_behind() -> Result<u32, AppError> {
    let page = auto! { user => user().await? + 1, weather => weather().await? + 2 }.await?;
    Ok(page.user + page.weather)
}

async fn passed_on_unchanged() -> Result<u32, AppError> {
    let page = auto! { user => user().await?, weather => weather().await? }.await?;
    Ok(page.user + page.weather)
}

async fn returned() -> Result<u32, AppError> {
    auto! { user => user().await?, => user + 1 }.await
}

async fn whole() -> Result<u32, AppError> {
    let page = auto! { user => user().await?, other => user().await? }.await?;
    let open = auto! { user => user().await? + 1, weather => weather().await? + 2, => user + weather };
    let named = auto! { #![error(AppError)] user => user().await?, weather => weather().await? }.await?;
    Ok::<u32, AppError>(open.await? + page.user + page.other + named.user)
}

fn main() {}

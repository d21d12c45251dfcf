//! The words are rustc's.

use std::num::ParseIntError;

use conjoin::auto;

async fn final_arm() -> Option<u32> {
    auto! {
        #![settle]
        user => "7".parse::<u32>()?,
        posts: [user] => user + 1,
        => Some(user + posts)
    }
    .await
}

async fn field() -> u32 {
    let page = auto! {
        #![settle]
        user => "7".parse::<u32>()?,
    }
    .await;
    page.user
}

async fn question_at_the_graph() -> Result<u32, ParseIntError> {
    let page = auto! {
        #![settle]
        user => "7".parse::<u32>()?,
    }
    .await?;
    page.user.ok()
}

async fn question_at_a_field() -> Result<u32, ParseIntError> {
    let page = auto! {
        #![settle]
        user => "7".parse::<u32>()?,
    }
    .await;
    Ok(page.user?)
}

async fn question_in_the_final_arm() -> Result<u32, ParseIntError> {
    auto! {
        #![settle]
        user => "7".parse::<u32>()?,
        => user?
    }
    .await
}

async fn the_error_of_a_skipped_one() -> Result<u32, ParseIntError> {
    let page = auto! {
        #![settle]
        user => "7".parse::<u32>()?,
    }
    .await;
    Ok(page.user.into_result()?)
}

fn main() {}

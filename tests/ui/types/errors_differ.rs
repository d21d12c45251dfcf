//! Errors of several types: once for the graph, where the option is to be written.

use std::fmt;
use std::num::{ParseFloatError, ParseIntError};

use conjoin::auto;

async fn number() -> Result<u32, ParseIntError> {
    "1".parse()
}

async fn text() -> Result<String, fmt::Error> {
    Ok(String::new())
}

async fn behind_gates() -> Result<(), Box<dyn std::error::Error>> {
    let page = auto! {
        #![limit(2)]
        /// The first.
        a => number().await?,
        b => text().await?,
        c: [a] => { let _ = a; text().await? },
        d: [b, a as _] => { let _ = b; number().await? },
        e => text().await?,
    }
    .await?;
    let _ = page.e;
    Ok(())
}

async fn three_types() -> Result<u32, Box<dyn std::error::Error>> {
    auto! {
        a => number().await?,
        b => text().await?,
        c => "1".parse::<f32>().map_err(ParseFloatError::from)?,
        => a + b.len() as u32 + c as u32
    }
    .await
}

fn main() {}

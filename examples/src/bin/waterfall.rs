//! Draws two runs of a graph as waterfalls, one of which fails: in the terminal, as HTML for a browser, and as a trace
//! for <https://ui.perfetto.dev>.
//!
//! ```text
//! cargo run -p conjoin-examples --bin waterfall -- target/waterfall
//! ```

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;
use conjoin::auto;
use conjoin_adapters::waterfall::{Waterfalls, chrome_trace, html};
use tokio::time::sleep;
use tracing_subscriber::prelude::*;

/// Draws how a graph runs
#[derive(Parser)]
struct Options {
    /// Where to write `waterfall.html` and `trace.json`; it is created if it is missing
    #[arg(default_value = "target/waterfall")]
    folder: PathBuf,
}

/// A slow database.
async fn query(what: &str, milliseconds: u64) -> io::Result<String> {
    sleep(Duration::from_millis(milliseconds)).await;
    if what == "missing" {
        Err(io::ErrorKind::NotFound.into())
    } else {
        Ok(format!("the {what}"))
    }
}

/// Two queries that need the rows of a first one, as a graph within the page's graph.
async fn rows(what: &str, milliseconds: u64) -> io::Result<Vec<String>> {
    auto! {
        ids => query(what, milliseconds).await?,
        texts: [ids] => query(ids, milliseconds / 2).await?,
        likes: [ids] => query(ids, milliseconds / 4).await?,
        => vec![texts, likes],
    }
    .await
}

async fn page(advertisement: &str) -> io::Result<usize> {
    auto! {
        user => query("user", 20).await?,
        posts:    [user] => rows(user, 24).await?,
        comments: [user] => query(user, 12).await?,
        teaser => query(advertisement, 30).await?,
        score: [posts, comments] => {
            // A computation on the event loop: nothing else runs meanwhile.
            std::thread::sleep(Duration::from_millis(5));
            posts.len() + comments.len()
        },
        => score + teaser.len(),
    }
    .await
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let Options { folder } = Options::parse();
    let waterfalls = Waterfalls::new();
    tracing_subscriber::registry()
        .with(waterfalls.layer())
        .init();

    page("advertisement").await?;
    page("missing")
        .await
        .expect_err("the advertisement is missing");

    let runs = waterfalls.runs();
    for run in &runs {
        println!("{}", run.terminal());
    }
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join("waterfall.html"), html(&runs))?;
    std::fs::write(folder.join("trace.json"), chrome_trace(&runs))?;
    println!("open {}", folder.join("waterfall.html").display());
    Ok(())
}

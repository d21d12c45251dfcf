//! The effect of rustfmt on graphs, as the documentation of `auto!` describes it.

use std::io::Write;
use std::process::{Command, Stdio};

/// With the settings that rustfmt has of its own, whatever this workspace's are.
fn rustfmt(code: &str) -> String {
    let program = std::env::var_os("RUSTFMT").unwrap_or_else(|| "rustfmt".into());
    let mut process = Command::new(program)
        .args(["--edition", "2024"])
        .args([
            "--config",
            "max_width=100,use_small_heuristics=Default,style_edition=2024",
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("rustfmt is there");
    let mut input = process.stdin.take().expect("stdin is a pipe");
    input.write_all(code.as_bytes()).expect("rustfmt reads");
    drop(input);
    let output = process.wait_with_output().expect("rustfmt ends");
    assert!(output.status.success(), "{}", output.status);
    String::from_utf8(output.stdout).expect("it is text")
}

#[test]
fn rustfmt_indents_graphs_and_formats_around() {
    assert_eq!(
        rustfmt(include_str!("written.rs")),
        include_str!("formatted.rs")
    );
}

#[test]
fn formatted_code_stays_unchanged() {
    assert_eq!(
        rustfmt(include_str!("formatted.rs")),
        include_str!("formatted.rs")
    );
}

#[test]
fn inside_of_a_block_is_formatted() {
    let written = "async fn page() -> Result<Page, Error> {
    concurrent!({
          let user=db.user( id ).await?;
        let posts = db.posts(user.id)
            .await?;
        #[sequential]
        let tags=db.tags(&mut   tx).await?;
        for post in &posts { let first=db.first(post).await?; let last = db.last(post).await?; both(first,last) }
        Ok(Page{user,posts})
    }).await
}
";
    let formatted = "async fn page() -> Result<Page, Error> {
    concurrent!({
        let user = db.user(id).await?;
        let posts = db.posts(user.id).await?;
        #[sequential]
        let tags = db.tags(&mut tx).await?;
        for post in &posts {
            let first = db.first(post).await?;
            let last = db.last(post).await?;
            both(first, last)
        }
        Ok(Page { user, posts })
    })
    .await
}
";
    assert_eq!(rustfmt(written), formatted);
    assert_eq!(rustfmt(formatted), formatted);
}

use tokio::io::{AsyncRead, AsyncWriteExt, duplex};

use crate::process::output::{LONGEST_LINE, each_line};

async fn lines(reader: impl AsyncRead + Unpin) -> Vec<String> {
    let mut lines = Vec::new();
    each_line(reader, |line| lines.push(line)).await;
    lines
}

#[tokio::test]
async fn line_ends_are_stripped() {
    assert_eq!(
        lines(&b"one\n\ntwo\r\nthree"[..]).await,
        ["one", "", "two", "three"]
    );
    assert_eq!(lines(&b"one\n"[..]).await, ["one"]);
    assert!(lines(&b""[..]).await.is_empty());
}

#[tokio::test]
async fn invalid_utf8_is_replaced() {
    assert_eq!(lines(&b"a\xffb\n"[..]).await, ["a\u{fffd}b"]);
}

#[tokio::test]
async fn a_long_line_comes_in_pieces() {
    let long = "x".repeat(2 * LONGEST_LINE + 1);
    assert_eq!(
        lines(format!("{long}\nnext\n").as_bytes()).await.concat(),
        format!("{long}next")
    );
    let lengths: Vec<_> = lines(long.as_bytes())
        .await
        .iter()
        .map(String::len)
        .collect();
    assert_eq!(lengths, [LONGEST_LINE, LONGEST_LINE, 1]);
    let exact = format!("{}\n\nnext\n", "x".repeat(LONGEST_LINE));
    let lengths: Vec<_> = lines(exact.as_bytes())
        .await
        .iter()
        .map(String::len)
        .collect();
    assert_eq!(
        lengths,
        [LONGEST_LINE, 0, 4],
        "the end of the first line is no line"
    );
}

#[tokio::test]
async fn a_line_may_come_bit_by_bit() {
    let (mut writer, reader) = duplex(3);
    let write = async {
        writer.write_all(b"bit by bit\nnext").await.unwrap();
        drop(writer);
    };
    assert_eq!(tokio::join!(lines(reader), write).0, ["bit by bit", "next"]);
}

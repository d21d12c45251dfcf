//! New posts.

use serde_json::{Value, json};
use sqlx::{Connection, SqliteConnection};

use crate::answers::json;
use crate::service::{Process, Service, events, new_database};

const JSON: &str = "application/json";

const DRAFT: &str = r#"{"user_id": 1, "title": "Hello", "comment": "first!"}"#;

/// The log of a post up to its commit, without the end of the commit.
const WRITTEN: [&str; 12] = [
    "begin start",
    "begin end",
    "user start",
    "user end",
    "post start",
    "post end",
    "comment start",
    "comment end",
    "count start",
    "count end",
    "news start",
    "news end",
];

#[test]
fn new_post_is_on_its_authors_page_in_all_modes() {
    let (_directory, database) = new_database();
    let service = Service::start(&database, "0s");
    let response = service.post("/posts", "application/json; charset=utf-8", DRAFT);
    assert_eq!(response.status(), 201);
    assert_eq!(response.headers()["x-request-id"].len(), 36);
    let location = response.headers()["location"].to_str().expect("text");
    assert_eq!(location, "/auto/1");
    let published = json(&response);
    let comment = json!({"id": 30_001, "post_id": 10_001, "body": "first!"});
    let user = json!({"id": 1, "name": "User 1"});
    assert_eq!(
        published,
        json!({"user": user, "post": {"id": 10_001, "title": "Hello"}, "comment": comment})
    );

    for path in [location, "/sync/1", "/auto/1"] {
        let page = json(&service.get(path, None));
        for (rows, row) in [("posts", "post"), ("comments", "comment")] {
            let last = page[rows].as_array().expect("rows").last().expect("a row");
            assert_eq!(last, &published[row], "{path}");
        }
    }
}

#[test]
fn rejected_posts_say_why() {
    let (_directory, database) = new_database();
    let service = Service::start(&database, "0s");
    let not_json = "Expected request with `Content-Type: application/json`";
    let of_title = |title: &str| json!({"user_id": 1, "title": title}).to_string();
    let of_comment =
        |comment: &str| json!({"user_id": 1, "title": "Hello", "comment": comment}).to_string();
    for (content_type, draft, status, error) in [
        (
            JSON,
            r#"{"user_id": 1001, "title": "Hello"}"#.to_owned(),
            404,
            "there is no user 1001",
        ),
        (
            JSON,
            r#"{"user_id": 0, "title": "Hello"}"#.to_owned(),
            404,
            "there is no user 0",
        ),
        (JSON, String::new(), 400, "EOF while parsing"),
        (
            JSON,
            r#"{"user_id": 1"#.to_owned(),
            400,
            "EOF while parsing",
        ),
        (JSON, "hello".to_owned(), 400, "expected value"),
        ("text/plain", DRAFT.to_owned(), 415, not_json),
        (
            "application/x-www-form-urlencoded",
            "user_id=1".to_owned(),
            415,
            not_json,
        ),
        (JSON, "{}".to_owned(), 422, "missing field `user_id`"),
        (
            JSON,
            r#"{"user_id": 1}"#.to_owned(),
            422,
            "missing field `title`",
        ),
        (
            JSON,
            r#"{"user_id": "1", "title": "Hello"}"#.to_owned(),
            422,
            "user_id: invalid type",
        ),
        (
            JSON,
            r#"{"user_id": 9223372036854775808, "title": "Hello"}"#.to_owned(),
            422,
            "user_id: invalid value",
        ),
        (
            JSON,
            r#"{"user_id": 1, "title": "Hello", "coment": ""}"#.to_owned(),
            422,
            "unknown field `coment`",
        ),
        (JSON, of_title(""), 422, "title: it is blank"),
        (JSON, of_title(" \n"), 422, "title: it is blank"),
        (
            JSON,
            of_title("a\0b"),
            422,
            "title: it contains the character U+0000",
        ),
        (
            JSON,
            of_title(&"ä".repeat(201)),
            422,
            "title: it is longer than 200 characters",
        ),
        (JSON, of_comment(""), 422, "comment: it is blank"),
        (
            JSON,
            of_comment(&"x".repeat(2001)),
            422,
            "comment: it is longer than 2000 characters",
        ),
        (
            JSON,
            of_title("Free MONEY"),
            422,
            "the moderator rejected this text",
        ),
        (
            JSON,
            of_comment("a casino"),
            422,
            "the moderator rejected this text",
        ),
    ] {
        let response = service.post("/posts", content_type, &draft);
        assert_eq!(response.status().as_u16(), status, "{error}");
        let answer = json(&response);
        let said = answer["error"].as_str().expect("an error");
        assert!(said.contains(error), "`{error}` is not in `{said}`");
        assert_eq!(answer, json!({ "error": said }));
    }
}

#[test]
fn other_methods_are_405() {
    let (_directory, database) = new_database();
    let service = Service::start(&database, "0s");
    assert_eq!(service.get("/posts", None).status(), 405);
    assert_eq!(service.post("/auto/1", JSON, DRAFT).status(), 405);
}

#[test]
fn longest_title_is_published() {
    let (_directory, database) = new_database();
    let service = Service::start(&database, "0s");
    let longest = json!({"user_id": 1, "title": "ä".repeat(200), "comment": null}).to_string();
    let response = json(&service.post("/posts", JSON, &longest));
    assert_eq!(
        (&response["post"]["id"], &response["comment"]),
        (&json!(10_001), &Value::Null)
    );
}

#[test]
fn fifty_concurrent_posts_are_published() {
    let (_directory, database) = new_database();
    let service = Service::start(&database, "1ms");
    let posts: Vec<_> = (0..50)
        .map(|number| service.send_post(DRAFT, &format!("post-{number}")))
        .collect();
    let answers = posts.into_iter().map(|post| {
        let answer = post.answer();
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
        assert!(head.starts_with("HTTP/1.1 201 Created\r\n"), "{answer}");
        serde_json::from_str(body).expect("JSON")
    });
    let mut ids: Vec<_> = answers
        .map(|answer: Value| answer["post"]["id"].as_i64().expect("an id"))
        .collect();
    ids.sort_unstable();
    assert!(ids.into_iter().eq(10_001..=10_050));
}

#[test]
fn transaction_moves_from_task_to_task() {
    let (_directory, database) = new_database();
    let service = Service::start(&database, "20ms");
    let answer = service.send_post(DRAFT, "whole").answer();
    assert!(answer.starts_with("HTTP/1.1 201 Created\r\n"), "{answer}");
    let without = service
        .send_post(r#"{"user_id": 1, "title": "Hello"}"#, "without")
        .answer();
    assert!(without.starts_with("HTTP/1.1 201 Created\r\n"), "{without}");

    let log = service.terminate().end().log;
    let whole = events(&log, "whole");
    assert_eq!(whole[..12], WRITTEN);
    assert_eq!(whole[12..], ["commit start", "commit end"]);
    let without = events(&log, "without");
    assert!(
        without
            .iter()
            .eq(whole.iter().filter(|event| !event.starts_with("comment"))),
        "{without:?}"
    );
}

#[tokio::test]
async fn disconnect_rolls_back() {
    let (directory, database) = new_database();
    let mut service = Process::start_held(&database).listening();
    let request = service.send_post(DRAFT, "gone");
    service.wait_for("gone", "news end");

    let mut other = SqliteConnection::connect(&database)
        .await
        .expect("a connection");
    sqlx::query("PRAGMA busy_timeout = 0")
        .execute(&mut other)
        .await
        .expect("no patience");
    assert!(
        other.begin_with("BEGIN IMMEDIATE").await.is_err(),
        "the transaction is still open"
    );
    drop(request);
    sqlx::query("PRAGMA busy_timeout = 60000")
        .execute(&mut other)
        .await
        .expect("patience");
    let mut outside = other
        .begin_with("BEGIN IMMEDIATE")
        .await
        .expect("the end of the transaction");
    let ids = "SELECT max(conjoin_blog_posts.id), (SELECT count(*) FROM conjoin_blog_news) FROM conjoin_blog_posts";
    let (id, news): (i64, i64) = sqlx::query_as(ids)
        .fetch_one(&mut *outside)
        .await
        .expect("numbers");
    assert_eq!((id, news), (10_000, 0));
    outside.rollback().await.expect("a connection");
    other.close().await.expect("a connection");

    let end = service.terminate().end();
    assert_eq!(end.code, Some(0), "{:#?}", end.log);
    assert_eq!(events(&end.log, "gone"), WRITTEN);
    drop(directory);
}

#[tokio::test]
async fn file_locked_by_another_program_is_503() {
    let (_directory, database) = new_database();
    let service = Service::start(&database, "0s");
    let mut other = SqliteConnection::connect(&database)
        .await
        .expect("a connection");
    let lock = other.begin_with("BEGIN IMMEDIATE").await.expect("a lock");
    let response = service.post("/posts", JSON, DRAFT);
    assert_eq!(response.status(), 503);
    assert_eq!(response.headers()["retry-after"], "5");
    assert_eq!(
        response.body(),
        r#"{"error":"the database is unavailable; please try again later"}"#
    );
    assert_eq!(service.get("/auto/1", None).status(), 200);

    lock.rollback().await.expect("a connection");
    assert_eq!(service.post("/posts", JSON, DRAFT).status(), 201);
}

//! A post is published completely or not at all, on SQLite and, with the feature `postgres-tests`, on PostgreSQL.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{Response, StatusCode, header};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time;
use tower::ServiceExt;

use crate::blog::app::App;
use crate::blog::moderator::Moderator;
use crate::blog::routes::router;
use crate::blog::testing::{NEVER, Store, app, logged, text};

const HOUR: Duration = Duration::from_hours(1);

/// Makes a test of each function for each database, which is new.
macro_rules! on_each_database {
    ($($test:ident)*) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $test() {
                super::$test(crate::blog::testing::Store::sqlite().await).await;
            })*
        }

        #[cfg(feature = "postgres-tests")]
        mod postgres {
            $(#[tokio::test]
            async fn $test() {
                super::$test(crate::blog::testing::Store::postgres(stringify!($test)).await).await;
            })*
        }
    };
}

on_each_database! {
    post_is_published_with_all_its_rows
    post_without_comment_is_published
    post_of_unknown_user_is_404
    failure_in_the_transaction_rolls_back
    failure_beside_the_transaction_rolls_back
    panic_rolls_back
    timeout_rolls_back
    disconnect_rolls_back
    concurrent_posts_have_distinct_ids
    unavailable_database_is_503
}

/// The answer to a first post of user 1000, with a comment.
async fn send(router: Router, request_id: &str) -> Response<Body> {
    let draft = json!({"user_id": 1000, "title": "Hello", "comment": "first!"});
    send_draft(router, &draft, request_id).await
}

async fn send_draft(router: Router, draft: &Value, request_id: &str) -> Response<Body> {
    let request = Request::post("/posts")
        .header(header::CONTENT_TYPE, "application/json")
        .header("x-request-id", request_id)
        .body(Body::from(draft.to_string()))
        .expect("a request");
    router.oneshot(request).await.expect("a response")
}

async fn json(response: Response<Body>) -> Value {
    serde_json::from_str(&text(response).await).expect("JSON")
}

/// Polls a request until everything is written and only the moderator's answer is missing.
async fn until_written(mut request: Pin<&mut impl Future>, request_id: &str) {
    let line = |query: &str, event: &str| {
        let request = format!("request{{id={request_id} method=POST path=\"/posts\"}}");
        format!("{request}:query{{name={query}}}: examples::blog::database: query {event}")
    };
    let (written, committing) = (line("news", "end"), line("commit", "start"));
    poll_fn(|cx| {
        assert!(
            request.as_mut().poll(cx).is_pending(),
            "the moderator takes an hour"
        );
        let log = logged();
        assert!(!log.contains(&committing), "{log}");
        if log.contains(&written) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}

/// A service whose moderator takes an hour.
fn held(store: &Store, is_fit: fn(&str) -> bool, time_limit: Duration) -> Router {
    router(
        App {
            moderator: Moderator::judging(HOUR, is_fit),
            ..app(store.database.clone())
        },
        time_limit,
    )
}

/// Lets an hour pass at once.
async fn advance_one_hour() {
    time::pause();
    time::advance(HOUR).await;
    time::resume();
}

/// Asserts that nothing was written, that the next post is published, and that all connections are back.
async fn assert_rolled_back(store: Store) {
    assert_eq!(store.written().await, [0; 4]);
    assert_eq!(
        send(router(app(store.database.clone()), NEVER), "next")
            .await
            .status(),
        StatusCode::CREATED
    );
    assert_eq!(store.written().await, [1; 4]);
    time::timeout(Duration::from_mins(1), store.database.close())
        .await
        .expect("every connection back");
}

async fn post_is_published_with_all_its_rows(store: Store) {
    let router = router(app(store.database.clone()), NEVER);
    let response = send(router.clone(), "published").await;
    assert_eq!(response.status(), StatusCode::CREATED);
    assert_eq!(response.headers()[header::LOCATION], "/auto/1000");
    let published = json!({
        "user": {"id": 1000, "name": "User 1000"},
        "post": {"id": 10_001, "title": "Hello"},
        "comment": {"id": 30_001, "post_id": 10_001, "body": "first!"},
    });
    assert_eq!(json(response).await, published);
    assert_eq!(store.written().await, [1; 4]);
    assert_eq!(store.headline(10_001).await, "User 1000, post 1: Hello");

    // User 1 has ten posts, and no counter yet.
    for (id, number) in [(10_002, 11), (10_003, 12)] {
        let draft = json!({"user_id": 1, "title": "ä".repeat(200)});
        let response = send_draft(router.clone(), &draft, "counted").await;
        assert_eq!(json(response).await["post"]["id"], id);
        assert_eq!(
            store.headline(id).await,
            format!("User 1, post {number}: {}…", "ä".repeat(40))
        );
    }
}

async fn post_without_comment_is_published(store: Store) {
    let draft = json!({"user_id": 1000, "title": "Hello"});
    let response = send_draft(router(app(store.database.clone()), NEVER), &draft, "silent").await;
    assert_eq!(response.status(), StatusCode::CREATED);
    assert_eq!(json(response).await["comment"], Value::Null);
    assert_eq!(store.written().await, [1, 0, 1, 1]);
}

async fn post_of_unknown_user_is_404(store: Store) {
    let draft = json!({"user_id": 1001, "title": "Hello"});
    let response = send_draft(router(app(store.database.clone()), NEVER), &draft, "nobody").await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    assert_eq!(
        json(response).await,
        json!({"error": "there is no user 1001"})
    );
    assert_rolled_back(store).await;
}

async fn failure_in_the_transaction_rolls_back(store: Store) {
    store
        .execute("ALTER TABLE conjoin_blog_news RENAME TO conjoin_blog_old_news")
        .await;
    let response = send(router(app(store.database.clone()), NEVER), "broken").await;
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    store
        .execute("ALTER TABLE conjoin_blog_old_news RENAME TO conjoin_blog_news")
        .await;
    assert_rolled_back(store).await;
}

async fn failure_beside_the_transaction_rolls_back(store: Store) {
    let id = store.name("refused");
    let mut request = pin!(send(held(&store, |_| false, NEVER), &id));
    until_written(request.as_mut(), &id).await;
    advance_one_hour().await;

    let response = request.await;
    assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        json(response).await,
        json!({"error": "the moderator rejected this text"})
    );
    assert_rolled_back(store).await;
}

async fn panic_rolls_back(store: Store) {
    let id = store.name("panicked");
    let mut request = pin!(send(held(&store, |_| panic!("a bug"), NEVER), &id));
    until_written(request.as_mut(), &id).await;
    advance_one_hour().await;

    let response = request.await;
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(json(response).await, json!({"error": "internal error"}));
    assert_rolled_back(store).await;
}

async fn timeout_rolls_back(store: Store) {
    let id = store.name("late");
    let moderator = Moderator::judging(2 * HOUR, |_| true);
    let mut request = pin!(send(
        router(
            App {
                moderator,
                ..app(store.database.clone())
            },
            HOUR
        ),
        &id
    ));
    until_written(request.as_mut(), &id).await;
    advance_one_hour().await;

    let response = request.await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(response.headers()[header::RETRY_AFTER], "5");
    assert_rolled_back(store).await;
}

async fn disconnect_rolls_back(store: Store) {
    let id = store.name("gone");
    {
        let mut request = pin!(send(held(&store, |_| true, NEVER), &id));
        until_written(request.as_mut(), &id).await;
    }
    assert_rolled_back(store).await;
}

async fn concurrent_posts_have_distinct_ids(store: Store) {
    let router = router(app(store.database.clone()), NEVER);
    let mut requests = JoinSet::new();
    for user in 0..50 {
        let draft = json!({"user_id": 1 + user % 10, "title": "Hello", "comment": "first!"});
        let router = router.clone();
        requests.spawn(async move {
            // On a busy machine a request may wait too long for a connection. It writes nothing then.
            loop {
                let response = send_draft(router.clone(), &draft, "at-once").await;
                if response.status() != StatusCode::SERVICE_UNAVAILABLE {
                    assert_eq!(response.status(), StatusCode::CREATED);
                    return json(response).await;
                }
            }
        });
    }
    let published = time::timeout(Duration::from_mins(2), requests.join_all())
        .await
        .expect("every request is answered in the end");
    for row in ["post", "comment"] {
        let mut ids: Vec<_> = published
            .iter()
            .map(|answer| answer[row]["id"].as_i64().expect("an id"))
            .collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 50, "{row}");
    }
    assert_eq!(store.written().await, [50, 50, 10, 50]);
}

async fn unavailable_database_is_503(store: Store) {
    store.database.close().await;
    let response = send(router(app(store.database.clone()), NEVER), "away").await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(response.headers()[header::RETRY_AFTER], "5");
    assert_eq!(
        json(response).await,
        json!({"error": "the database is unavailable; please try again later"})
    );
    assert_eq!(store.written().await, [0; 4]);
}

/// SQLite itself rolls back on some errors, such as a full disk.
#[tokio::test]
async fn rollback_by_the_database_leaves_nothing() {
    for (table, trigger) in [
        (
            "posts",
            "CREATE TRIGGER broken BEFORE INSERT ON conjoin_blog_posts BEGIN SELECT RAISE(ROLLBACK, ''); END",
        ),
        (
            "comments",
            "CREATE TRIGGER broken BEFORE INSERT ON conjoin_blog_comments BEGIN SELECT RAISE(ROLLBACK, ''); END",
        ),
        (
            "post_counts",
            "CREATE TRIGGER broken BEFORE INSERT ON conjoin_blog_post_counts BEGIN SELECT RAISE(ROLLBACK, ''); END",
        ),
        (
            "news",
            "CREATE TRIGGER broken BEFORE INSERT ON conjoin_blog_news BEGIN SELECT RAISE(ROLLBACK, ''); END",
        ),
    ] {
        let store = Store::sqlite().await;
        store.execute(trigger).await;
        for _ in 0..3 {
            let response = send(router(app(store.database.clone()), NEVER), table).await;
            assert_eq!(
                response.status(),
                StatusCode::INTERNAL_SERVER_ERROR,
                "{table}"
            );
        }
        store.execute("DROP TRIGGER broken").await;
        assert_rolled_back(store).await;
    }
}

#[tokio::test]
async fn oversized_body_is_413() {
    let store = Store::sqlite().await;
    let draft = json!({"user_id": 1000, "title": "x".repeat(3_000_000)});
    let response = send_draft(router(app(store.database.clone()), NEVER), &draft, "large").await;
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert!(json(response).await["error"].is_string());
}

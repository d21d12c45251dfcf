use rusqlite::{Connection, Row};
use tokio::time::Instant;

use super::*;
use crate::page::{Comment, Post, User};

const LATENCY: Duration = Duration::from_millis(20);

/// Edge cases around the page: user 1000 has written nothing.
const SOME_USERS: [i64; 5] = [1, 2, 500, 999, 1000];

fn rows<T>(
    database: &Connection,
    sql: &str,
    id: i64,
    row: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
) -> Vec<T> {
    let mut query = database.prepare(sql).expect("a query");
    let rows = query.query_map([id], |columns| row(columns)).expect("rows");
    rows.collect::<Result<_, _>>().expect("rows")
}

#[tokio::test]
async fn the_rows_are_those_of_the_service() {
    let database = Connection::open_in_memory().expect("a database");
    database
        .execute_batch(include_str!(
            "../../../../examples/src/blog/database/setup.sql"
        ))
        .expect("the service's set-up");
    let user = |row: &Row<'_>| {
        Ok(User {
            id: row.get(0)?,
            name: row.get(1)?,
        })
    };
    let post = |row: &Row<'_>| {
        Ok(Post {
            id: row.get(0)?,
            title: row.get(1)?,
        })
    };
    let comment = |row: &Row<'_>| {
        Ok(Comment {
            id: row.get(0)?,
            post_id: row.get(1)?,
            body: row.get(2)?,
        })
    };

    let queries = Queries::new(Duration::ZERO);
    for id in SOME_USERS {
        let users = rows(
            &database,
            "SELECT id, name FROM conjoin_blog_users WHERE id = ?",
            id,
            user,
        );
        let posts = rows(
            &database,
            "SELECT id, title FROM conjoin_blog_posts WHERE user_id = ? ORDER BY id",
            id,
            post,
        );
        let comments =
            "SELECT id, post_id, body FROM conjoin_blog_comments WHERE user_id = ? ORDER BY id";
        let comments = rows(&database, comments, id, comment);
        let replies = "SELECT id, post_id, body FROM conjoin_blog_comments
                       WHERE post_id IN (SELECT id FROM conjoin_blog_posts WHERE user_id = ?) ORDER BY id";
        let replies = rows(&database, replies, id, comment);
        let threads = "SELECT id, title FROM conjoin_blog_posts WHERE user_id <> ?1
                       AND id IN (SELECT post_id FROM conjoin_blog_comments WHERE user_id = ?1) ORDER BY id";
        let threads = rows(&database, threads, id, post);

        let page = Mode::Auto.page(&queries, id).await.expect("a page");
        assert_eq!(
            (vec![page.user], page.posts, page.comments),
            (users.clone(), posts.clone(), comments.clone())
        );
        let activity = Mode::Auto
            .activity(&queries, id)
            .await
            .expect("an activity");
        assert_eq!(
            (vec![activity.user], activity.posts, activity.comments),
            (users, posts, comments)
        );
        assert_eq!((activity.replies, activity.threads), (replies, threads));
    }
}

#[tokio::test]
async fn all_modes_answer_the_same() {
    let mut router = routes::router(Queries::new(Duration::ZERO));
    for path in SOME_USERS
        .into_iter()
        .chain([1001])
        .flat_map(|id| [format!("{id}"), format!("{id}/activity")])
    {
        let auto = answer(&mut router, &format!("/auto/{path}")).await;
        assert_eq!(auto.0.is_success(), !path.starts_with("1001"), "{path}");
        for mode in ["sync", "layers", "hand"] {
            assert_eq!(
                answer(&mut router, &format!("/{mode}/{path}")).await,
                auto,
                "/{mode}/{path}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn activity_takes_its_longest_path_except_in_layers() {
    let queries = Queries::new(LATENCY);
    for (mode, latencies) in [
        (Mode::Auto, 5),
        (Mode::Hand, 5),
        (Mode::Layers, 7),
        (Mode::Sync, 9),
    ] {
        let start = Instant::now();
        mode.activity(&queries, 1).await.expect("an activity");
        assert_eq!(start.elapsed(), LATENCY * latencies, "{mode:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn page_takes_two_latencies_except_in_sequence() {
    let queries = Queries::new(LATENCY);
    for (mode, latencies) in [
        (Mode::Auto, 2),
        (Mode::Hand, 2),
        (Mode::Layers, 2),
        (Mode::Sync, 3),
    ] {
        let start = Instant::now();
        mode.page(&queries, 1).await.expect("a page");
        assert_eq!(start.elapsed(), LATENCY * latencies, "{mode:?}");
    }
}

#[tokio::test]
async fn invalid_request_is_refused() {
    let mut router = routes::router(Queries::new(Duration::ZERO));
    for (path, status) in [
        ("/else/1", StatusCode::NOT_FOUND),
        ("/auto/0", StatusCode::BAD_REQUEST),
    ] {
        assert_eq!(answer(&mut router, path).await.0, status, "{path}");
    }
}

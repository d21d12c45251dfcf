//! The service on PostgreSQL: it gives the same answers as on SQLite, and recovers when the server was away.
//!
//! `with-postgres.sh` starts a server for these tests. Each test uses a database of its own.

use std::net::SocketAddr;

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::select;
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, JoinSet};

use crate::answers::USERS;
use crate::service::{Process, Service, events, new_database};

/// The URL of the server. Its user may create databases.
fn server() -> String {
    std::env::var("BLOG_TEST_POSTGRES_URL")
        .expect("BLOG_TEST_POSTGRES_URL, as `with-postgres.sh` sets it")
}

async fn connect(url: &str) -> PgConnection {
    PgConnection::connect(url)
        .await
        .expect("a connection to PostgreSQL")
}

async fn execute(connection: &mut PgConnection, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(connection)
        .await
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// The URL of a new, empty database. Drops one of the same name from an earlier run.
async fn empty_database(name: &str) -> String {
    let server = server();
    let mut connection = connect(&server).await;
    execute(
        &mut connection,
        &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
    )
    .await;
    execute(&mut connection, &format!("CREATE DATABASE {name}")).await;
    let (server, _) = server
        .rsplit_once('/')
        .expect("a URL that ends in a database");
    format!("{server}/{name}")
}

#[tokio::test]
async fn answers_equal_those_of_sqlite() {
    let (_directory, database) = new_database();
    let sqlite = Service::start(&database, "0s");
    let postgres = Service::start(&empty_database("blog_test_answers").await, "0s");
    for user in USERS {
        let [sync, auto] = ["sync", "auto"].map(|mode| format!("/{mode}/{user}"));
        let page = sqlite.get(&sync, None).into_body();
        assert!(page.contains("User"), "{page}");
        assert_eq!(postgres.get(&sync, None).into_body(), page);
        assert_eq!(postgres.get(&auto, None).into_body(), page);
    }
    assert_eq!(postgres.get("/auto/1001", None).status(), 404);
}

#[tokio::test]
async fn concurrent_starts_fill_the_database_once() {
    let database = empty_database("blog_test_at_once").await;
    let starting = [(); 3].map(|()| Process::start(&database, "0s"));
    let pages = starting.map(|service| service.listening().get("/sync/1", None).into_body());
    assert!(pages[0].contains("Comment"), "{}", pages[0]);
    assert_eq!(pages[0], pages[1]);
    assert_eq!(pages[0], pages[2]);
}

#[tokio::test]
async fn sigterm_waits_for_running_queries() {
    let database = empty_database("blog_test_sigterm").await;
    let mut service = Service::start(&database, "0s");
    let mut lock = connect(&database).await;
    execute(
        &mut lock,
        "BEGIN; LOCK TABLE conjoin_blog_posts, conjoin_blog_comments",
    )
    .await;

    let request = service.send("/auto/1", "last");
    service.wait_for("last", "comments start");
    let mut stopping = service.terminate();
    stopping.wait_until("stopping", |log| {
        log.iter().any(|line| line.ends_with(": stopping"))
    });
    execute(&mut lock, "COMMIT").await;

    let answer = request.answer();
    assert!(
        answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.contains("User 1"),
        "{answer}"
    );
    let end = stopping.end();
    assert_eq!(end.code, Some(0), "{:#?}", end.log);
}

#[tokio::test]
async fn disconnect_cancels_all_running_queries() {
    let database = empty_database("blog_test_cancel").await;
    let mut service = Service::start(&database, "0s");
    let mut lock = connect(&database).await;
    execute(
        &mut lock,
        "BEGIN; LOCK TABLE conjoin_blog_posts, conjoin_blog_comments",
    )
    .await;

    let request = service.send("/auto/1", "gone");
    service.wait_for("gone", "comments start");
    drop(request);
    service.wait_for("gone", "posts cancelled");
    service.wait_for("gone", "comments cancelled");
    execute(&mut lock, "COMMIT").await;

    // The connections still work.
    assert_eq!(service.get("/auto/1", None).status(), 200);
    let end = service.terminate().end();
    assert_eq!(end.code, Some(0), "{:#?}", end.log);
    let mut events = events(&end.log, "gone");
    events[4..].sort_unstable();
    assert_eq!(
        events,
        [
            "user start",
            "user end",
            "posts start",
            "comments start",
            "comments cancelled",
            "posts cancelled"
        ],
    );
}

#[tokio::test]
async fn locked_table_holds_no_request_or_connection() {
    let database = empty_database("blog_test_locked").await;
    let service = Process::start_within("500ms", "127.0.0.1:0", &database, "0s").listening();
    let mut lock = connect(&database).await;
    execute(&mut lock, "BEGIN; LOCK TABLE conjoin_blog_comments").await;

    for pending in ["/sync/1", "/auto/1"].map(|path| service.send(path, "locked")) {
        let answer = pending.answer();
        assert!(
            answer.starts_with("HTTP/1.1 503 Service Unavailable\r\n"),
            "{answer}"
        );
    }
    // Closing needs all connections back, although the lock is still held.
    let end = service.terminate().end();
    assert_eq!(end.code, Some(0), "{:#?}", end.log);
}

#[tokio::test]
async fn disconnect_during_a_write_rolls_back() {
    let database = empty_database("blog_test_publish").await;
    let mut service = Service::start(&database, "0s");
    let mut lock = connect(&database).await;
    execute(&mut lock, "BEGIN; LOCK TABLE conjoin_blog_news").await;

    let draft = r#"{"user_id": 1, "title": "Hello", "comment": "first!"}"#;
    let request = service.send_post(draft, "gone");
    service.wait_for("gone", "news start");
    drop(request);
    service.wait_for("gone", "news cancelled");
    execute(&mut lock, "COMMIT").await;

    // A rolled-back transaction leaves nothing but used ids of a sequence.
    let answer = service.post("/posts", "application/json", draft);
    assert_eq!(answer.status(), 201, "{}", answer.body());
    assert!(
        answer.body().contains(r#""post":{"id":10002,"#),
        "{}",
        answer.body()
    );
    let end = service.terminate().end();
    assert_eq!(end.code, Some(0), "{:#?}", end.log);
    let ids = "SELECT array_agg(id) FROM conjoin_blog_posts WHERE id > 10000";
    let ids: Vec<i64> = sqlx::query_scalar(ids)
        .fetch_one(&mut lock)
        .await
        .expect("ids");
    assert_eq!(ids, [10_002]);
}

#[tokio::test]
async fn ids_continue_after_a_restart() {
    let database = empty_database("blog_test_ids").await;
    for id in [10_001, 10_002] {
        let service = Service::start(&database, "0s");
        let answer = service.post(
            "/posts",
            "application/json",
            r#"{"user_id": 1, "title": "Hello"}"#,
        );
        assert!(
            answer.body().contains(&format!(r#""post":{{"id":{id},"#)),
            "{}",
            answer.body()
        );
        assert_eq!(service.terminate().end().code, Some(0));
    }
}

#[tokio::test]
async fn query_ended_by_the_server_is_503() {
    let database = empty_database("blog_test_ended").await;
    let mut service = Service::start(&database, "0s");
    let mut lock = connect(&database).await;
    execute(&mut lock, "BEGIN; LOCK TABLE conjoin_blog_comments").await;

    let request = service.send("/sync/1", "ended");
    service.wait_for("ended", "comments start");
    let mut administrator = connect(&database).await;
    let end = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
               WHERE datname = current_database() AND wait_event_type = 'Lock'";
    // The log shows that the query has started, not that it has reached the server.
    while sqlx::query_scalar::<_, i64>(end)
        .fetch_one(&mut administrator)
        .await
        .expect("a number")
        == 0
    {}

    let answer = request.answer();
    assert!(
        answer.starts_with("HTTP/1.1 503 Service Unavailable\r\n"),
        "{answer}"
    );
    execute(&mut lock, "COMMIT").await;
    assert_eq!(service.get("/sync/1", None).status(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn service_works_once_the_server_is_back() {
    let url = empty_database("blog_test_away").await;
    let options: PgConnectOptions = url.parse().expect("a URL");
    let server = format!("{}:{}", options.get_host(), options.get_port());
    let any_port = SocketAddr::from(([127, 0, 0, 1], 0));
    let link = Link::new(any_port, server.clone()).await;
    let address = link.address;
    let url = url.replace(&server, &address.to_string());

    let service = Service::start(&url, "0s");
    let page = service.get("/auto/1", None).into_body();
    assert!(page.contains("User 1"), "{page}");

    link.cut().await;
    let response = service.get("/auto/1", Some("away"));
    assert_eq!(response.status(), 503);
    assert_eq!(response.headers()["retry-after"], "5");
    assert_eq!(response.headers()["x-request-id"], "away");
    assert_eq!(
        response.body(),
        r#"{"error":"the database is unavailable; please try again later"}"#
    );

    let link = Link::new(address, server).await;
    assert_eq!(service.get("/auto/1", None).into_body(), page);
    link.cut().await;

    let end = Process::start(&url, "0s").end();
    assert_eq!((end.code, end.log.len()), (Some(1), 1), "{:#?}", end.log);
    assert!(
        end.log[0].starts_with(&format!("blog: cannot open the database: {address}: ")),
        "{:#?}",
        end.log
    );
}

/// A proxy to the server that can be cut.
struct Link {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Link {
    async fn new(address: SocketAddr, server: String) -> Self {
        let listener = TcpListener::bind(address).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (stop, mut stopped) = oneshot::channel();
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Some(accepted) =
                select! { it = listener.accept() => Some(it), _ = &mut stopped => None }
            {
                let (mut client, _) = accepted.expect("a connection");
                let mut upstream = TcpStream::connect(&server)
                    .await
                    .expect("a connection to PostgreSQL");
                connections
                    .spawn(async move { copy_bidirectional(&mut client, &mut upstream).await });
            }
            connections.shutdown().await;
        });
        Self {
            address,
            stop,
            task,
        }
    }

    /// Refuses new connections and closes the existing ones.
    async fn cut(self) {
        drop(self.stop);
        self.task.await.expect("a link that nothing else breaks");
    }
}

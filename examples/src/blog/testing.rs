//! Helpers of the unit tests.

use std::io::{self, Write};
use std::sync::{Mutex, Once};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::Response;
use conjoin_adapters::Waterfalls;
use tempfile::TempDir;
use tower::ServiceExt;

use crate::blog::app::App;
use crate::blog::database::{Database, IfMissing};
use crate::blog::moderator::Moderator;
use crate::blog::queries::Queries;
use crate::blog::telemetry::Telemetry;

/// A time limit that is never reached.
pub(crate) const NEVER: Duration = Duration::MAX;

/// The log of all tests, which use different request ids. A log for each thread would miss lines, because `tracing` may
/// ask only the first thread at a line whether to log it.
static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Log;

impl Write for Log {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        LOG.lock().expect("a log").write(line)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub(crate) fn logged() -> String {
    String::from_utf8(LOG.lock().expect("a log").clone()).expect("UTF-8")
}

fn start_log() {
    static START_LOG: Once = Once::new();
    START_LOG.call_once(|| {
        // Like the service's default: without the spans of graphs, which would be on every line.
        tracing_subscriber::fmt()
            .with_env_filter("debug,conjoin=off")
            .with_ansi(false)
            .with_writer(|| Log)
            .init();
    });
}

/// A database in a temporary directory, and its URL.
pub(crate) async fn new_database(latency: Duration) -> (TempDir, String, Database) {
    start_log();
    let directory = tempfile::tempdir().expect("a directory");
    let url = format!("sqlite://{}", directory.path().join("blog.db").display());
    let database = Database::open(&url, IfMissing::Create, latency, NEVER)
        .await
        .expect("a database");
    (directory, url, database)
}

/// The service's state, with a moderator that answers at once.
pub(crate) fn app(database: Database) -> App {
    App {
        queries: Queries::in_process(&database),
        database,
        moderator: Moderator::new(Duration::ZERO),
        waterfalls: Waterfalls::new(),
        telemetry: Telemetry::new().expect("instruments"),
    }
}

pub(crate) async fn get(router: Router, path: &str, id: &str) -> Response<Body> {
    let request = Request::get(path)
        .header("x-request-id", id)
        .body(Body::empty())
        .expect("a request");
    router.oneshot(request).await.expect("a response")
}

pub(crate) async fn text(response: Response<Body>) -> String {
    let body = to_bytes(response.into_body(), usize::MAX)
        .await
        .expect("a body");
    String::from_utf8(body.into()).expect("UTF-8")
}

/// A new database, and a second connection to look at it.
pub(crate) struct Store {
    pub(crate) database: Database,
    outside: Database,
    /// The temporary directory of SQLite.
    directory: Option<TempDir>,
}

impl Store {
    pub(crate) async fn sqlite() -> Self {
        let (directory, url, database) = new_database(Duration::ZERO).await;
        let outside = Database::open(&url, IfMissing::Create, Duration::ZERO, NEVER)
            .await
            .expect("a database");
        Self {
            database,
            outside,
            directory: Some(directory),
        }
    }

    /// In the server that `with-postgres.sh` starts.
    #[cfg(feature = "postgres-tests")]
    pub(crate) async fn postgres(test: &str) -> Self {
        use sqlx::{AssertSqlSafe, Connection, PgConnection};

        start_log();
        let server = std::env::var("BLOG_TEST_POSTGRES_URL").expect("BLOG_TEST_POSTGRES_URL");
        let mut connection = PgConnection::connect(&server)
            .await
            .expect("a connection to PostgreSQL");
        // PostgreSQL truncates longer names.
        let name: String = format!("blog_publish_{test}").chars().take(63).collect();
        for sql in [
            format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
            format!("CREATE DATABASE {name}"),
        ] {
            sqlx::raw_sql(AssertSqlSafe(sql))
                .execute(&mut connection)
                .await
                .expect("a database");
        }
        let (server, _) = server
            .rsplit_once('/')
            .expect("a URL that ends in a database");
        let url = format!("{server}/{name}");
        let database = Database::open(&url, IfMissing::Create, Duration::ZERO, NEVER)
            .await
            .expect("a database");
        let outside = Database::open(&url, IfMissing::Create, Duration::ZERO, NEVER)
            .await
            .expect("a database");
        Self {
            database,
            outside,
            directory: None,
        }
    }

    /// A request id for this database alone, because all tests share one log.
    pub(crate) fn name(&self, id: &str) -> String {
        let database = if self.directory.is_some() {
            "sqlite"
        } else {
            "postgres"
        };
        format!("{id}-on-{database}")
    }

    /// How many posts, comments, counters and headlines were committed since the setup.
    pub(crate) async fn written(&self) -> [i64; 4] {
        let numbers = "SELECT (SELECT count(*) FROM conjoin_blog_posts WHERE id > 10000),
                              (SELECT count(*) FROM conjoin_blog_comments WHERE id > 30000),
                              (SELECT count(*) FROM conjoin_blog_post_counts),
                              (SELECT count(*) FROM conjoin_blog_news WHERE post_id > $1)";
        self.outside
            .look_up::<(i64, i64, i64, i64)>(numbers, 0)
            .await[0]
            .into()
    }

    pub(crate) async fn headline(&self, post_id: i64) -> String {
        let headline = "SELECT headline FROM conjoin_blog_news WHERE post_id = $1";
        let [(headline,)] = self
            .outside
            .look_up(headline, post_id)
            .await
            .try_into()
            .expect("one row");
        headline
    }

    pub(crate) async fn execute(&self, sql: &'static str) {
        self.outside.execute(sql).await;
    }
}

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::*;

const ADD_USER: &str = "INSERT INTO conjoin_blog_users (id, name) VALUES (2000, 'User 2000')";

/// A database, and the directory with its files.
struct Store {
    sqlite: Arc<Sqlite>,
    directory: TempDir,
}

impl Sqlite {
    pub(in crate::blog::database) async fn execute(&self, sql: &'static str) -> sqlx::Result<()> {
        let connections = self.connections().await?;
        sqlx::raw_sql(sql)
            .execute(&connections.readers)
            .await
            .map(drop)
    }

    async fn users(&self) -> sqlx::Result<i64> {
        let users = "SELECT count(*) FROM conjoin_blog_users WHERE id > $1";
        Ok(self.rows::<(i64,)>(users, 0).await?[0].0)
    }

    async fn add_user(&self) -> sqlx::Result<()> {
        let mut transaction = self.begin().await?;
        sqlx::query(ADD_USER)
            .execute(transaction.connection())
            .await?;
        transaction.commit().await
    }
}

impl Store {
    async fn create() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let sqlite = at(&directory.path().join("blog.db"));
        sqlite.create().await.expect("a database");
        Self {
            sqlite: Arc::new(sqlite),
            directory,
        }
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.directory.path().join(name)
    }

    /// Moves a file, which must exist.
    fn rename(&self, from: &str, to: &str) {
        fs::rename(self.path(from), self.path(to)).expect("a file");
    }

    /// Moves the database with its log and the log's index.
    fn move_all(&self, from: &str, to: &str) {
        for suffix in ["", "-wal", "-shm"] {
            self.rename(&format!("{from}{suffix}"), &format!("{to}{suffix}"));
        }
    }

    /// Copies the database, without its mode for a write-ahead log.
    async fn back_up(&self, to: &str) {
        let connections = self.sqlite.connections().await.expect("connections");
        sqlx::query("VACUUM INTO $1")
            .bind(self.path(to).display().to_string())
            .execute(&connections.writer)
            .await
            .expect("a backup");
    }

    /// Asserts that reads and writes fail, and that no file appears.
    async fn is_away(&self) {
        let files = |path: &Path| fs::read_dir(path).expect("a directory").count();
        let before = files(self.directory.path());
        for _ in 0..2 {
            let error = self.sqlite.users().await.expect_err("no database");
            assert!(matches!(error, sqlx::Error::Io(_)), "{error:?}");
            let error = self.sqlite.begin().await.expect_err("no database");
            assert!(matches!(error, sqlx::Error::Io(_)), "{error:?}");
        }
        assert_eq!(files(self.directory.path()), before);
    }
}

fn at(path: &Path) -> Sqlite {
    Sqlite::new(SqliteConnectOptions::new().filename(path))
}

#[tokio::test]
async fn request_waits_less_for_a_lock_than_setup() {
    let store = Store::create().await;
    let timeout = "SELECT timeout FROM pragma_busy_timeout WHERE $1 = 1";
    let timeout: Vec<(i64,)> = store.sqlite.rows(timeout, 1).await.expect("milliseconds");
    assert_eq!(timeout[0].0, 3000);
    assert_eq!(PATIENCE.as_millis(), 3000);
}

#[tokio::test]
async fn database_in_memory_outlives_its_setup() {
    for create in [true, false] {
        let sqlite = Sqlite::new("sqlite::memory:".parse().expect("a URL"));
        if create {
            sqlite.create().await.expect("a database");
        }
        assert_eq!(sqlite.users().await.expect("a number"), 1000);
        sqlite.add_user().await.expect("a user");
        assert_eq!(sqlite.users().await.expect("a number"), 1001);
    }
}

#[tokio::test]
async fn tables_of_another_application_stay_empty() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("other.db");
    let options = SqliteConnectOptions::new()
        .filename(&path)
        .create_if_missing(true);
    let mut other = options.connect().await.expect("a connection");
    sqlx::raw_sql("CREATE TABLE users (id, name); CREATE TABLE blog_users (id, name);")
        .execute(&mut other)
        .await
        .expect("two tables");

    at(&path).create().await.expect("a database");
    let rows = "SELECT (SELECT count(*) FROM users) + (SELECT count(*) FROM blog_users)";
    let rows: i64 = sqlx::query_scalar(rows)
        .fetch_one(&mut other)
        .await
        .expect("a number");
    assert_eq!(rows, 0);
}

#[tokio::test]
async fn full_disk_fails_only_one_transaction() {
    let store = Store::create().await;
    let connections = store.sqlite.connections().await.expect("connections");
    // Limits the file to its current number of pages. More would be like a full disk.
    sqlx::query("PRAGMA max_page_count = 1")
        .execute(&connections.writer)
        .await
        .expect("a limit of this connection");
    let mut transaction = store.sqlite.begin().await.expect("a transaction");
    sqlx::query(ADD_USER)
        .execute(transaction.connection())
        .await
        .expect("room for a small row");
    let large = "UPDATE conjoin_blog_users SET name = hex(zeroblob(1000000)) WHERE id = 1";
    let error = sqlx::query(large)
        .execute(transaction.connection())
        .await
        .expect_err("no room");
    let code = error.as_database_error().and_then(DatabaseError::code);
    assert_eq!(code.as_deref(), Some("13"), "{error}");
    drop(transaction);

    assert_eq!(store.sqlite.users().await.expect("a number"), 1000);
    store.sqlite.add_user().await.expect("a user");
    assert_eq!(store.sqlite.users().await.expect("a number"), 1001);
}

#[tokio::test]
async fn moved_database_is_unavailable_until_it_is_back() {
    let store = Store::create().await;
    assert_eq!(store.sqlite.users().await.expect("a number"), 1000);
    store.sqlite.add_user().await.expect("a user");

    store.move_all("blog.db", "old.db");
    store.is_away().await;
    store.move_all("old.db", "blog.db");
    assert_eq!(store.sqlite.users().await.expect("a number"), 1001);

    // One file after the other, with requests between them.
    for suffix in ["-shm", "", "-wal"] {
        store.rename(&format!("blog.db{suffix}"), &format!("old.db{suffix}"));
        let _ = store.sqlite.users().await;
    }
    store.is_away().await;
    for suffix in ["", "-shm"] {
        store.rename(&format!("old.db{suffix}"), &format!("blog.db{suffix}"));
        store.is_away().await;
    }
    store.rename("old.db-wal", "blog.db-wal");
    assert_eq!(store.sqlite.users().await.expect("a number"), 1001);
}

#[tokio::test]
async fn commit_to_moved_file_fails() {
    let store = Store::create().await;
    for (to, is_replaced) in [("old.db", false), ("older.db", true)] {
        let mut transaction = store.sqlite.begin().await.expect("a transaction");
        sqlx::query("DELETE FROM conjoin_blog_news")
            .execute(transaction.connection())
            .await
            .expect("no rows");
        store.move_all("blog.db", to);
        if is_replaced {
            fs::write(store.path("blog.db"), "").expect("a file");
        }
        let error = transaction.commit().await.expect_err("no file");
        assert!(matches!(error, sqlx::Error::Io(_)), "{error:?}");
        store.move_all(to, "blog.db");
        store.sqlite.users().await.expect("a number");
    }
}

#[tokio::test]
async fn backup_in_place_of_the_file_is_served() {
    let store = Store::create().await;
    store.back_up("backup.db").await;
    store.sqlite.add_user().await.expect("a user");
    assert_eq!(store.sqlite.users().await.expect("a number"), 1001);

    for suffix in ["", "-wal", "-shm"] {
        fs::remove_file(store.path(&format!("blog.db{suffix}"))).expect("a file");
    }
    store.is_away().await;
    store.rename("backup.db", "blog.db");
    assert_eq!(store.sqlite.users().await.expect("a number"), 1000);
    store.sqlite.add_user().await.expect("a user");

    store.sqlite.close().await;
    let again = at(&store.path("blog.db"));
    assert_eq!(again.users().await.expect("a number"), 1001);
}

#[tokio::test]
async fn transaction_ends_before_another_file_opens() {
    let store = Store::create().await;
    store.back_up("backup.db").await;
    let transaction = store.sqlite.begin().await.expect("a transaction");
    store.move_all("blog.db", "old.db");
    store.rename("backup.db", "blog.db");

    let sqlite = Arc::clone(&store.sqlite);
    let reader = tokio::spawn(async move { sqlite.users().await });
    while !transaction.connections.keeper.is_closed() {
        tokio::task::yield_now().await;
    }
    assert!(!reader.is_finished());
    transaction.commit().await.expect_err("another file");
    assert_eq!(reader.await.expect("a task").expect("a number"), 1000);
}

#[tokio::test]
async fn files_without_the_tables_stay_unchanged() {
    for content in ["", "hello"] {
        let store = Store::create().await;
        store.move_all("blog.db", "old.db");
        fs::write(store.path("blog.db"), content).expect("a file");
        store.sqlite.users().await.expect_err("no table");
        store.sqlite.begin().await.expect_err("no table");
        assert_eq!(
            fs::read_to_string(store.path("blog.db")).expect("text"),
            content
        );

        store.move_all("old.db", "blog.db");
        assert_eq!(store.sqlite.users().await.expect("a number"), 1000);
    }
}

#[tokio::test]
async fn queries_work_once_missing_file_appears() {
    let store = Store::create().await;
    store.sqlite.close().await;
    store.rename("blog.db", "old.db");

    let later = at(&store.path("blog.db"));
    later.users().await.expect_err("no file");
    later.begin().await.expect_err("no file");
    assert!(!store.path("blog.db").exists());
    store.rename("old.db", "blog.db");
    assert_eq!(later.users().await.expect("a number"), 1000);
}

#[cfg(unix)]
#[tokio::test]
async fn link_finds_the_log_of_its_file() {
    let store = Store::create().await;
    let link = store.path("link.db");
    std::os::unix::fs::symlink(store.path("blog.db"), &link).expect("a link");
    let linked = at(&link);
    assert_eq!(linked.users().await.expect("a number"), 1000);
    store.rename("blog.db-wal", "old.db-wal");
    linked.users().await.expect_err("no log");
    store.rename("old.db-wal", "blog.db-wal");
    linked.users().await.expect("a number");
}

#[tokio::test]
async fn closed_database_stays_closed() {
    let store = Store::create().await;
    store.sqlite.close().await;
    let error = store.sqlite.users().await.expect_err("closed");
    assert!(matches!(error, sqlx::Error::PoolClosed), "{error:?}");
    let error = store.sqlite.begin().await.expect_err("closed");
    assert!(matches!(error, sqlx::Error::PoolClosed), "{error:?}");
    assert!(!store.path("blog.db-wal").exists());
}

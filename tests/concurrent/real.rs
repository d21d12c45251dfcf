//! Functions of public repositories, with the block around their lines.

use std::cell::Cell;
use std::fmt;
use std::time::Duration;

use conjoin::concurrent;
use tokio::time::{Instant, sleep};

/// The error of the functions, as web handlers have it.
#[derive(Debug, PartialEq, Eq)]
enum ApiError {
    Database(DatabaseError),
    NotFound,
    Dns(String),
}

#[derive(Debug, PartialEq, Eq)]
struct DatabaseError(&'static str);

impl fmt::Display for DatabaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is down", self.0)
    }
}

impl From<DatabaseError> for ApiError {
    fn from(error: DatabaseError) -> Self {
        Self::Database(error)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Id(u64);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Row {
    id: Id,
    text: String,
}

/// A database whose queries take a millisecond each.
#[derive(Default)]
struct Pool {
    queries: Cell<usize>,
    failing: Option<&'static str>,
}

impl Pool {
    async fn ids(&self, table: &'static str, user: Id) -> Result<Vec<Id>, DatabaseError> {
        self.query(table).await?;
        Ok(vec![Id(user.0 * 10), Id(user.0 * 10 + 1)])
    }

    async fn rows(&self, table: &'static str, ids: &[Id]) -> Result<Vec<Row>, DatabaseError> {
        self.query(table).await?;
        Ok(ids
            .iter()
            .map(|&id| Row {
                id,
                text: format!("{table} {}", id.0),
            })
            .collect())
    }

    async fn one(&self, table: &'static str, id: Id) -> Result<Option<Row>, DatabaseError> {
        let rows = self.rows(table, &[id]).await?;
        Ok(rows.into_iter().next())
    }

    async fn count(&self, table: &'static str) -> Result<usize, DatabaseError> {
        self.query(table).await?;
        Ok(table.len())
    }

    async fn query(&self, table: &'static str) -> Result<(), DatabaseError> {
        self.queries.set(self.queries.get() + 1);
        sleep(Duration::from_millis(1)).await;
        if self.failing == Some(table) {
            return Err(DatabaseError(table));
        }
        Ok(())
    }
}

/// Everything that a mod portal knows of a user: twenty lines.
async fn gdpr_export(pool: &Pool, user: Id) -> Result<Vec<(&'static str, usize)>, ApiError> {
    concurrent!({
        let profile = pool.one("users", user).await?.ok_or(ApiError::NotFound)?;
        let collection_ids = pool.ids("collections", user).await?;
        let collections = pool
            .rows("collections", &collection_ids)
            .await?
            .into_iter()
            .map(|row| row.text)
            .collect::<Vec<_>>();
        let follows = pool.ids("follows", user).await?;
        let project_ids = pool.ids("projects", user).await?;
        let projects = pool.rows("projects", &project_ids).await?;
        let organization_ids = pool.ids("organizations", user).await?;
        let organizations = pool.rows("organizations", &organization_ids).await?;
        let notification_ids = pool.ids("notifications", user).await?;
        let notifications: Vec<Row> = pool.rows("notifications", &notification_ids).await?;
        let oauth_clients = pool.ids("clients", user).await?;
        let oauth_authorizations = pool.ids("authorizations", user).await?;
        let thread_ids = pool.ids("threads", user).await?;
        let messages = pool.rows("threads", &thread_ids).await?;
        let image_ids = pool.ids("images", user).await?;
        let images = pool.rows("images", &image_ids).await?.len();
        let payouts = pool.ids("payouts", user).await?;
        let report_ids = pool.ids("reports", user).await?;
        let reports = pool.rows("reports", &report_ids).await?;
        let tokens = pool.ids("tokens", user).await?;
        Ok(vec![
            ("profile", profile.text.len()),
            ("collections", collections.len()),
            ("follows", follows.len()),
            ("projects", projects.len()),
            ("organizations", organizations.len()),
            ("notifications", notifications.len()),
            ("clients", oauth_clients.len() + oauth_authorizations.len()),
            ("messages", messages.len()),
            ("images", images),
            ("payouts", payouts.len()),
            ("reports", reports.len()),
            ("tokens", tokens.len()),
        ])
    })
    .await
}

#[tokio::test(start_paused = true)]
async fn gdpr_export_takes_two_latencies() {
    let (pool, start) = (Pool::default(), Instant::now());
    let export = gdpr_export(&pool, Id(7)).await;
    assert_eq!(export.map(|it| it.len()), Ok(12));
    assert_eq!(pool.queries.get(), 20);
    assert_eq!(start.elapsed(), Duration::from_millis(2));
}

#[tokio::test(start_paused = true)]
async fn gdpr_export_fails_with_its_first_error() {
    let pool = Pool {
        failing: Some("projects"),
        ..Pool::default()
    };
    let failed = gdpr_export(&pool, Id(7)).await;
    assert_eq!(failed, Err(ApiError::Database(DatabaseError("projects"))));
}

/// What a visitor of a forum sees first: seven lines.
async fn home(pool: &Pool, viewer: Option<Id>) -> Result<String, ApiError> {
    concurrent!({
        let site = pool
            .one("site", Id(1))
            .await?
            .ok_or(ApiError::NotFound)?
            .text;
        let communities = pool.ids("communities", Id(1)).await?;
        let posts = pool.rows("posts", &communities).await?;
        let members = pool.count("members").await?;
        let user = match viewer {
            Some(id) => pool.one("users", id).await?,
            None => None,
        };
        let unread = if let Some(user) = &user {
            pool.ids("unread", user.id).await?.len()
        } else {
            0
        };
        let banner = pool.one("banners", Id(3)).await?.map(|row| row.text);
        Ok(format!(
            "{site}: {} posts, {members} members, {unread} unread, {}",
            posts.len(),
            banner.as_deref().unwrap_or("no banner")
        ))
    })
    .await
}

#[tokio::test(start_paused = true)]
async fn home_takes_two_latencies() {
    let (pool, start) = (Pool::default(), Instant::now());
    assert_eq!(
        home(&pool, Some(Id(4))).await,
        Ok("site 1: 2 posts, 7 members, 2 unread, banners 3".to_owned())
    );
    assert_eq!(start.elapsed(), Duration::from_millis(2));
    assert_eq!(pool.queries.get(), 7);
}

struct Resolver;

impl Resolver {
    async fn txt(&self, name: &str) -> Result<Vec<String>, String> {
        sleep(Duration::from_millis(5)).await;
        match name {
            "_dmarc.example.org" => Err(format!("no record for {name}")),
            name => Ok(vec![format!("v=1 {name}")]),
        }
    }

    async fn mx(&self, name: &str) -> Result<Vec<String>, String> {
        sleep(Duration::from_millis(8)).await;
        Ok(vec![format!("mail.{name}")])
    }
}

/// What a mail server looks up of a sender: three lines.
async fn look_up(dns: &Resolver, domain: &str) -> Result<(usize, bool, usize), ApiError> {
    concurrent!({
        let spf = dns.txt(domain).await.map_err(ApiError::Dns)?;
        let dmarc = dns.txt(&format!("_dmarc.{domain}")).await.ok();
        let mx = dns.mx(domain).await.map_err(ApiError::Dns)?;
        Ok((spf.len(), dmarc.is_some(), mx.len()))
    })
    .await
}

#[tokio::test(start_paused = true)]
async fn dns_look_ups_take_one_latency() {
    let start = Instant::now();
    assert_eq!(look_up(&Resolver, "example.org").await, Ok((1, false, 1)));
    assert_eq!(start.elapsed(), Duration::from_millis(8));
}

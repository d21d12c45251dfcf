//! The code that the README shows. The book's tests compare the two.

use std::time::Duration;

use tokio::time::{Instant, sleep};

const LATENCY: Duration = Duration::from_millis(20);

#[derive(Debug, PartialEq)]
struct Page(User, Vec<u32>, Vec<u32>);

#[derive(Debug, PartialEq)]
struct User {
    id: u32,
}

#[derive(Debug, PartialEq)]
struct DbError;

struct Db;

impl Db {
    async fn user(&self, id: u32) -> Result<User, DbError> {
        sleep(LATENCY).await;
        if id == 7 {
            Ok(User { id })
        } else {
            Err(DbError)
        }
    }

    async fn posts(&self, user: u32) -> Result<Vec<u32>, DbError> {
        sleep(LATENCY).await;
        Ok(vec![user + 1, user + 2])
    }

    async fn comments(&self, user: u32) -> Result<Vec<u32>, DbError> {
        sleep(LATENCY).await;
        Ok(vec![user + 3])
    }
}

mod block {
    use super::{Db, DbError, Page};
    use conjoin::concurrent;

    pub(super) async fn page(db: &Db, id: u32) -> Result<Page, DbError> {
        concurrent!({
            let user = db.user(id).await?;
            let posts = db.posts(user.id).await?;
            let comments = db.comments(user.id).await?;
            Ok(Page(user, posts, comments))
        })
        .await
    }
}

mod graph {
    use super::{Db, DbError, Page};
    use conjoin::auto;

    pub(super) async fn page(db: &Db, id: u32) -> Result<Page, DbError> {
        auto! {
            user => db.user(id).await?,
            posts:    [user] => db.posts(user.id).await?,
            comments: [user] => db.comments(user.id).await?,
            => Page(user, posts, comments),
        }
        .await
    }
}

#[tokio::test(start_paused = true)]
async fn both_pages_take_two_latencies() {
    let expected = Page(User { id: 7 }, vec![8, 9], vec![10]);
    let start = Instant::now();
    assert_eq!(block::page(&Db, 7).await.as_ref(), Ok(&expected));
    assert_eq!(start.elapsed(), 2 * LATENCY);
    let start = Instant::now();
    assert_eq!(graph::page(&Db, 7).await.as_ref(), Ok(&expected));
    assert_eq!(start.elapsed(), 2 * LATENCY);
}

#[tokio::test(start_paused = true)]
async fn both_pages_fail_with_their_first_error() {
    assert_eq!(block::page(&Db, 8).await, Err(DbError));
    assert_eq!(graph::page(&Db, 8).await, Err(DbError));
}

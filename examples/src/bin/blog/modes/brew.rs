//! Two latencies, by callbacks that are counted by hand: how such handlers were written before there was anything else.
//!
//! It answers the same. What is wrong with it, none of which a compiler sees:
//!
//! - Each path must call back, once. The one that forgets leaves the client waiting; of two errors the second one must
//!   find that the first has called.
//! - How many calls are to come is a number that somebody keeps in step with the code.
//! - Everything is cloned, boxed or shared behind a lock, as a callback outlives whoever passed it.
//! - Nothing is cancelled: the queries run on for a client that went away long ago, and after another query has failed.
//! - The order in which things happen is not the order in which they stand here.

use std::sync::{Arc, Mutex, PoisonError};

use conjoin_adapters::{Aborted, IntoCallback, from_callback};
use tracing::Instrument;

use crate::error::AppError;
use crate::page::{Comment, Page, Post, User};
use crate::queries::Queries;

pub(super) async fn page(db: &Queries, id: i64) -> Result<Page, AppError> {
    // The one line that is not of its time: axum wants a future.
    Ok(from_callback(|done| brew(db.clone(), id, Box::new(done.callback()))).await?)
}

type Callback<T> = Box<dyn FnOnce(Result<T, AppError>) + Send>;

fn brew(db: Queries, id: i64, done: Callback<Page>) {
    let query = db.clone();
    call_back(async move { query.user(id).await }, move |user| {
        let user = match user {
            Ok(user) => user,
            Err(error) => return done(Err(error)),
        };
        let id = user.id;
        let kettle = Arc::new(Mutex::new(Kettle {
            user: Some(user),
            posts: None,
            comments: None,
            missing: 2,
            done: Some(done),
        }));
        let (query, pours) = (db.clone(), Arc::clone(&kettle));
        call_back(async move { query.posts(id).await }, move |posts| {
            pour(&pours, posts, |kettle, posts| kettle.posts = Some(posts));
        });
        call_back(async move { db.comments(id).await }, move |comments| {
            pour(&kettle, comments, |kettle, comments| {
                kettle.comments = Some(comments);
            });
        });
    });
}

/// What is there so far, and who waits for it.
struct Kettle {
    user: Option<User>,
    posts: Option<Vec<Post>>,
    comments: Option<Vec<Comment>>,
    /// How many callbacks are still to come.
    missing: u32,
    /// There until it is called.
    done: Option<Callback<Page>>,
}

fn pour<T>(kettle: &Mutex<Kettle>, result: Result<T, AppError>, into: impl FnOnce(&mut Kettle, T)) {
    let mut kettle = kettle.lock().unwrap_or_else(PoisonError::into_inner);
    let outcome = match result {
        Ok(value) => {
            into(&mut kettle, value);
            kettle.missing -= 1;
            if kettle.missing > 0 {
                return;
            }
            kettle.page()
        }
        Err(error) => Err(error),
    };
    let done = kettle.done.take();
    drop(kettle);
    if let Some(done) = done {
        done(outcome);
    }
}

impl Kettle {
    fn page(&mut self) -> Result<Page, AppError> {
        match (self.user.take(), self.posts.take(), self.comments.take()) {
            (Some(user), Some(posts), Some(comments)) => Ok(Page {
                user,
                posts,
                comments,
            }),
            _ => Err(AppError::Internal("the callbacks were miscounted".into())),
        }
    }
}

/// A query as a database driver with callbacks has it: it runs somewhere, and calls back at some time.
fn call_back<T: Send + 'static>(
    query: impl Future<Output = Result<T, AppError>> + Send + 'static,
    done: impl FnOnce(Result<T, AppError>) + Send + 'static,
) {
    query
        .in_current_span()
        .into_callback(tokio::spawn, |result: Result<_, Aborted>| {
            done(result.unwrap_or_else(|aborted| Err(AppError::Internal(aborted.into()))));
        });
}

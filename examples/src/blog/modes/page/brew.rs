//! Two latencies, by callbacks that are counted by hand, as handlers were written before promises.
//!
//! It answers the same, with problems that no compiler sees:
//!
//! - Each path must call back exactly once. If one forgets, the client waits forever. If two queries fail, the second
//!   must find that the first has called back.
//! - The number of callbacks to wait for must match the code.
//! - Everything is cloned, boxed or behind a lock, because a callback outlives the function that passes it.
//! - Nothing is cancelled: queries run on after the client has left, and after another query has failed.
//! - The code does not stand in the order in which it runs.

use std::sync::{Arc, Mutex, PoisonError};

use conjoin_adapters::from_callback;

use super::callbacks::{Callback, call_back};
use super::{AppError, Comment, Page, Post, Queries, User};

pub(super) async fn page(db: &Queries, id: i64) -> Result<Page, AppError> {
    // The one modern line: axum needs a future.
    Ok(from_callback(|done| brew(db.clone(), id, Box::new(done.callback()))).await?)
}

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

/// The results so far.
struct Kettle {
    user: Option<User>,
    posts: Option<Vec<Post>>,
    comments: Option<Vec<Comment>>,
    /// How many callbacks have not come yet.
    missing: u32,
    /// `None` once it is called.
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

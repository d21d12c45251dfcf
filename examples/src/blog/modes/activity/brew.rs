//! Five latencies, by callbacks. Each callback checks what else has arrived, and whether it is the last.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use conjoin_adapters::from_callback;

use super::callbacks::{Callback, call_back};
use super::{Activity, AppError, Comment, Post, Queries, User};

pub(super) async fn activity(db: &Queries, id: i64) -> Result<Activity, AppError> {
    // The one modern line: axum needs a future.
    Ok(from_callback(|done| brew(db.clone(), id, Box::new(done.callback()))).await?)
}

fn brew(db: Queries, id: i64, done: Callback<Activity>) {
    let kettle = Arc::new(Mutex::new(Kettle {
        missing: 5,
        done: Some(done),
        ..Kettle::default()
    }));
    let query = db.clone();
    call_back(async move { query.user(id).await }, move |user| {
        if pour(&kettle, user, |kettle, user| kettle.user = Some(user)) {
            ask_for_posts(db.clone(), id, Arc::clone(&kettle));
            ask_for_comments(db, id, kettle);
        }
    });
}

fn ask_for_posts(db: Queries, id: i64, kettle: Arc<Mutex<Kettle>>) {
    let query = db.clone();
    call_back(async move { query.posts(id).await }, move |posts| {
        if pour(&kettle, posts, |kettle, posts| kettle.posts = Some(posts)) {
            ask_for_replies(db.clone(), Arc::clone(&kettle));
            ask_for_threads(db, kettle);
        }
    });
}

fn ask_for_comments(db: Queries, id: i64, kettle: Arc<Mutex<Kettle>>) {
    let query = db.clone();
    call_back(
        async move { query.slow_comments(id).await },
        move |comments| {
            if pour(&kettle, comments, |kettle, comments| {
                kettle.comments = Some(comments);
            }) {
                ask_for_threads(db, kettle);
            }
        },
    );
}

fn ask_for_replies(db: Queries, kettle: Arc<Mutex<Kettle>>) {
    let Some(posts) = lock(&kettle).posts.clone() else {
        return;
    };
    call_back(async move { db.replies(&posts).await }, move |replies| {
        pour(&kettle, replies, |kettle, replies| {
            kettle.replies = Some(replies);
        });
    });
}

/// Called after the posts and after the comments. Both may be there at both calls.
fn ask_for_threads(db: Queries, kettle: Arc<Mutex<Kettle>>) {
    let Some((posts, comments)) = lock(&kettle).needs_of_threads() else {
        return;
    };
    call_back(
        async move { db.threads(&posts, &comments).await },
        move |threads| {
            pour(&kettle, threads, |kettle, threads| {
                kettle.threads = Some(threads);
            });
        },
    );
}

/// The results so far.
#[derive(Default)]
struct Kettle {
    user: Option<User>,
    posts: Option<Vec<Post>>,
    comments: Option<Vec<Comment>>,
    replies: Option<Vec<Comment>>,
    threads: Option<Vec<Post>>,
    /// Whether the query for the threads has started.
    has_threads_query: bool,
    /// How many callbacks have not come yet.
    missing: u32,
    /// `None` once it is called.
    done: Option<Callback<Activity>>,
}

fn lock(kettle: &Mutex<Kettle>) -> MutexGuard<'_, Kettle> {
    kettle.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Stores a result. Returns whether other queries may follow: not after an error.
fn pour<T>(
    kettle: &Mutex<Kettle>,
    result: Result<T, AppError>,
    into: impl FnOnce(&mut Kettle, T),
) -> bool {
    let mut kettle = lock(kettle);
    let outcome = match result {
        Ok(value) => {
            into(&mut kettle, value);
            kettle.missing -= 1;
            if kettle.missing > 0 {
                return kettle.done.is_some();
            }
            kettle.activity()
        }
        Err(error) => Err(error),
    };
    let done = kettle.done.take();
    drop(kettle);
    if let Some(done) = done {
        done(outcome);
    }
    false
}

impl Kettle {
    fn needs_of_threads(&mut self) -> Option<(Vec<Post>, Vec<Comment>)> {
        if self.has_threads_query {
            return None;
        }
        let needs = self.posts.clone().zip(self.comments.clone())?;
        self.has_threads_query = true;
        Some(needs)
    }

    fn activity(&mut self) -> Result<Activity, AppError> {
        let miscounted = || AppError::Internal("the callbacks were miscounted".into());
        Ok(Activity {
            user: self.user.take().ok_or_else(miscounted)?,
            posts: self.posts.take().ok_or_else(miscounted)?,
            comments: self.comments.take().ok_or_else(miscounted)?,
            replies: self.replies.take().ok_or_else(miscounted)?,
            threads: self.threads.take().ok_or_else(miscounted)?,
        })
    }
}

//! Replaces tasks in tests.

use std::any::{Any, type_name};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write as _};
use std::sync::Arc;
use std::thread;

use conjoin::Around;

use crate::sync::{Mutex, lock};

/// Replaces tasks by name: a task that has a fake does not run, and has the fake's value.
///
/// ```
/// use conjoin::{Around, auto};
/// use conjoin_adapters::around::Fakes;
///
/// # #[derive(Debug, PartialEq)] struct DbError;
/// # struct Db;
/// # impl Db {
/// #     async fn user(&self, _: u32) -> Result<String, DbError> { Err(DbError) }
/// #     async fn posts(&self, _: &str) -> Result<Vec<String>, DbError> { Err(DbError) }
/// # }
/// # type Objects<'a> = &'a Fakes;
/// /// The service calls it with its own `around` objects.
/// async fn count(db: &Db, id: u32, around: Objects<'_>) -> Result<usize, DbError> {
///     auto! {
///         #![around(around)]
///         user => db.user(id).await?,
///         posts: [user] => db.posts(user).await?,
///         => user.len() + posts.len(),
///     }
///     .await
/// }
///
/// # futures::executor::block_on(async {
/// let fakes = Fakes::new();
/// fakes.set("user", || "ann".to_owned());
/// fakes.set("posts", || vec![String::new(); 2]);
/// assert_eq!(count(&Db, 7, &fakes).await, Ok(5));
///
/// fakes.set("posts", || Err::<Vec<String>, _>(DbError));
/// assert_eq!(count(&Db, 7, &fakes).await, Err(DbError));
/// # });
/// ```
///
/// A fake returns the task's value, or a `Result` of it. If the task has a condition, the fake replaces the body, and
/// is used if the condition holds.
///
/// # Panics
///
/// A task panics when its fake has another type; the message names both. When a `Fakes` is dropped, or
/// [`finish`](Self::finish)ed, it panics if a fake was never used: no task has its name, or the task did not run.
///
/// The values of the tasks are `'static`, because their types are checked at run time.
#[derive(Default)]
pub struct Fakes {
    state: Mutex<FakesState>,
}

#[derive(Default)]
struct FakesState {
    fakes: BTreeMap<String, Fake>,
    /// The names of the tasks that ran.
    seen: BTreeSet<&'static str>,
}

#[derive(Clone)]
struct Fake {
    make: Arc<dyn Fn() -> Box<dyn Any> + Send + Sync>,
    type_name: &'static str,
    is_used: bool,
}

impl Fakes {
    /// Replaces no tasks yet.
    #[must_use]
    pub fn new() -> Self {
        Fakes::default()
    }

    /// Replaces the task of this name with the return value of `fake`, each time that it runs.
    pub fn set<R: 'static>(
        &self,
        name: impl Into<String>,
        fake: impl Fn() -> R + Send + Sync + 'static,
    ) -> &Self {
        let fake = Fake {
            make: Arc::new(move || Box::new(fake())),
            type_name: type_name::<R>(),
            is_used: false,
        };
        let previous = lock(&self.state).fakes.insert(name.into(), fake);
        drop(previous);
        self
    }

    /// Panics if a fake was never used, as the drop does. Call it after all graphs have run.
    ///
    /// # Panics
    ///
    /// When a fake was never used.
    #[track_caller]
    pub fn finish(self) {
        self.assert_used();
        lock(&self.state).fakes.clear();
    }

    #[track_caller]
    fn assert_used(&self) {
        let state = lock(&self.state);
        let unused = state.fakes.iter().filter(|(_, fake)| !fake.is_used);
        let unused: Vec<_> = unused.map(|(name, _)| format!("`{name}`")).collect();
        if unused.is_empty() {
            return;
        }
        let mut message = format!(
            "no task named {} ran, but it has a fake",
            unused.join(" or ")
        );
        let seen: Vec<_> = state.seen.iter().map(|name| format!("`{name}`")).collect();
        let _ = if seen.is_empty() {
            write!(
                message,
                "\n\nhelp: write `#![around(fakes)]` at the top of the graph"
            )
        } else {
            write!(
                message,
                "\n\nhelp: the tasks that ran are {}",
                seen.join(", ")
            )
        };
        drop(state);
        panic!("{message}");
    }

    /// The fake of a task that runs.
    fn find(&self, name: &'static str) -> Option<Fake> {
        let mut state = lock(&self.state);
        state.seen.insert(name);
        let fake = state.fakes.get_mut(name)?;
        fake.is_used = true;
        Some(fake.clone())
    }
}

impl<V: 'static, E: 'static> Around<Result<V, E>> for Fakes {
    async fn task(
        &self,
        name: &'static str,
        body: impl Future<Output = Result<V, E>>,
    ) -> Result<V, E> {
        match self.find(name) {
            Some(fake) => fake.outcome(name),
            None => body.await,
        }
    }
}

impl Fake {
    #[track_caller]
    fn outcome<V: 'static, E: 'static>(&self, name: &str) -> Result<V, E> {
        let value = match (self.make)().downcast::<V>() {
            Ok(value) => return Ok(*value),
            Err(other) => other,
        };
        *value.downcast::<Result<V, E>>().unwrap_or_else(|_| {
            panic!(
                "the fake of task `{name}` returns `{}`, but the task has `{}`\n\nhelp: return that, or a `{}`",
                self.type_name,
                type_name::<V>(),
                type_name::<Result<V, E>>()
            )
        })
    }
}

impl Drop for Fakes {
    fn drop(&mut self) {
        // A failed test needs no second panic.
        if !thread::panicking() {
            self.assert_used();
        }
    }
}

impl fmt::Debug for Fakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = lock(&self.state);
        f.debug_struct("Fakes")
            .field("fakes", &state.fakes.keys())
            .field("seen", &state.seen)
            .finish()
    }
}

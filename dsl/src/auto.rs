//! The macro's façade, and the reference of its language, which the book includes.

/// Compiles a declared graph of asynchronous tasks to one future.
///
/// Each task lists the tasks whose results it needs, and starts once they complete:
///
/// ```
/// # use conjoin_doc::*; mod conjoin_doc {
/// #     #[derive(Debug)] pub struct Error;
/// #     pub struct User { pub id: u32 }
/// #     pub struct Db;
/// #     impl Db {
/// #         pub async fn user(&self, id: u32) -> Result<User, Error> { Ok(User { id }) }
/// #         pub async fn posts(&self, _: u32) -> Result<Vec<&str>, Error> { Ok(vec!["post"]) }
/// #         pub async fn comments(&self, _: u32) -> Result<Vec<&str>, Error> { Ok(vec![]) }
/// #     }
/// # }
/// use conjoin::auto;
///
/// # async fn handler(db: Db, id: u32) -> Result<(), Error> {
/// let page = auto! {
///     user => db.user(id).await?,
///     posts:    [user] => db.posts(user.id).await?,
///     comments: [user] => db.comments(user.id).await?,
/// }.await?;
///
/// assert_eq!(page.user.id, 7);
/// assert_eq!((page.posts.len(), page.comments.len()), (1, 0));
/// # Ok(()) }
/// # futures::executor::block_on(handler(Db, 7)).unwrap();
/// ```
///
/// `user` runs first, then `posts` and `comments` concurrently. [`explain!`](crate::explain!) draws the graph:
///
#[doc = include_str!("auto/page.svg")]
///
/// `auto!` evaluates to a lazy future, as an `async` block does. It spawns nothing, boxes no future and works with any
/// runtime. It is modelled on JavaScript's [`async.auto`](https://caolan.github.io/async/v3/docs.html#auto).
///
/// # Grammar
///
/// ```text
/// auto  := inner-attribute* (task ",")* (task | final)?
/// task  := outer-attribute* NAME (":" "[" (dep ("," dep)* ","?)? "]")? (if | for)? "=>" BODY
/// if    := "if" CONDITION
/// for   := "for" PATTERN "in" ITERABLE
/// dep   := ("move" | "mut")? NAME ("as" PATTERN)? | ".."
/// final := "=>" EXPRESSION ","?
/// ```
///
/// The macro accepts braces, brackets and parentheses. [rustfmt](#rustfmt) formats the inside of none of them. PATTERN must
/// be irrefutable. The inner attributes `#![error(Type)]`, `#![limit(n)]`, `#![settle]`, `#![name_errors]`, `#![infer]` and
/// `#![around(object)]` are options of the graph. `#[limit(n)]` is an option of a `for` task.
///
/// # Rules
///
#[doc = include_str!("auto/rules.md")]
#[doc = include_str!("auto/ownership.md")]
#[doc = include_str!("auto/items.md")]
#[doc = include_str!("auto/options.md")]
#[doc = include_str!("auto/send.md")]
#[doc = include_str!("auto/cancellation.md")]
#[doc = include_str!("auto/returning.md")]
#[cfg_attr(feature = "tracing", doc = include_str!("auto/tracing.md"))]
#[cfg_attr(
    not(feature = "tracing"),
    doc = "# Tracing

With the feature `tracing`, each graph and each task is a span."
)]
#[doc = include_str!("auto/errors.md")]
#[doc = include_str!("auto/editor.md")]
///
/// [Around]: crate::Around
/// [Never]: crate::Never
/// [Settled]: crate::Settled
/// [TaskError]: crate::TaskError
///
/// # What it compiles to
///
/// The macro decomposes the graph. Tasks in sequence become `let`s in one `async` block. Concurrent tasks become
/// one future, which polls those that have not completed. The page above expands, in essence, to:
///
/// ```
/// # mod conjoin_doc {
/// #     #[derive(Debug)] pub struct Error;
/// #     pub struct User { pub id: u32 }
/// #     pub struct Db;
/// #     impl Db {
/// #         pub async fn user(&self, id: u32) -> Result<User, Error> { Ok(User { id }) }
/// #         pub async fn posts(&self, _: u32) -> Result<Vec<&str>, Error> { Ok(vec!["post"]) }
/// #         pub async fn comments(&self, _: u32) -> Result<Vec<&str>, Error> { Ok(vec![]) }
/// #     }
/// # }
/// # use conjoin_doc::*;
/// use std::future::{Future, poll_fn};
/// use std::pin::pin;
/// use std::task::Poll;
///
/// # struct Page<'db> { user: User, posts: Vec<&'db str>, comments: Vec<&'db str> }
/// # async fn handler(db: &Db, id: u32) -> Result<Page<'_>, Error> {
/// let user = db.user(id).await?;
/// let (posts, comments) = {
///     let mut posts = pin!(async { db.posts(user.id).await });
///     let mut comments = pin!(async { db.comments(user.id).await });
///     let (mut posts_done, mut comments_done) = (None, None);
///     poll_fn(move |cx| {
///         if posts_done.is_none() && let Poll::Ready(result) = posts.as_mut().poll(cx) {
///             posts_done = Some(result?);
///         }
///         if comments_done.is_none() && let Poll::Ready(result) = comments.as_mut().poll(cx) {
///             comments_done = Some(result?);
///         }
///         if posts_done.is_some() && comments_done.is_some() {
///             Poll::Ready(Ok::<_, Error>((posts_done.take().unwrap(), comments_done.take().unwrap())))
///         } else {
///             Poll::Pending
///         }
///     })
///     .await?
/// };
/// Ok(Page { user, posts, comments })
/// # }
/// # let page = futures::executor::block_on(handler(&Db, 7)).unwrap();
/// # assert_eq!((page.user.id, page.posts.len(), page.comments.len()), (7, 1, 0));
/// ```
///
/// The real poll begins with another child each time. A body becomes an `async` block, which borrows the earlier `let`s. If it
/// is a single call of a function with names, fields, literals and arithmetic as arguments, its future is polled without a
/// block; the call is made when the task starts.
///
/// The parts of a graph take one of these forms:
///
/// - **Series and parallel parts**, as above. They delay no task: in a series, every task of a later part depends on every
///   task of an earlier part.
/// - **Gated parts**. A part that is neither contains four tasks in the shape of an N, `c: [a]` and `d: [a, b]`. It runs as
///   few chains, here `a`, then `c`, and `b`, then `d`. Each chain is one block. A value that another chain uses is in a
///   slot, and a task that needs it waits at a gate.
///
/// [`explain!`](crate::explain!) shows which of these a graph becomes, and why.
///
/// A loop polls all its running children at each wake, as `join!` does. If eight or more can run at once, each gets a waker of
/// its own, and the loop polls only the woken ones. Then the first child that clones its waker causes an allocation, one for
/// up to 256 children.
#[macro_export]
macro_rules! auto {
    ($($token:tt)*) => { $crate::__auto! { ($crate) $($token)* } };
}

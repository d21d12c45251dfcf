//! The macro's façade, and the reference of its language, which the book includes.

/// Compiles a declared graph of asynchronous tasks to one future.
///
/// Each task names the tasks whose results it needs; each starts as soon as it can:
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
/// `user` is fetched first, then posts and comments at the same time, as [`explain!`](crate::explain!) draws it:
///
#[doc = include_str!("auto/page.svg")]
///
/// `auto!` evaluates to a future, an `async` block that does nothing until it is polled, spawns nothing, boxes no
/// future and needs no runtime of a certain kind. Its model is JavaScript's
/// [`async.auto`](https://caolan.github.io/async/v3/docs.html#auto).
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
/// The macro takes braces, brackets and parentheses. (rustfmt leaves all three as they are: how to [live with
/// it](#rustfmt).) PATTERN must be irrefutable. Of the inner attributes, `#![error(Type)]`, `#![limit(n)]`,
/// `#![settle]`, `#![name_errors]`, `#![infer]` and `#![around(object)]` are options of the graph; `#[limit(n)]` is one of a
/// task with `for`.
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
/// The order of the tasks is decomposed. Tasks in a row become `let`s in one `async` block; tasks side by side are started
/// and polled one after the other, and then in a loop, until all have ended. The page above is, in essence:
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
/// # use std::future::{Future, poll_fn};
/// use std::pin::{Pin, pin};
/// use std::task::Poll;
///
/// # struct Page<'db> { user: User, posts: Vec<&'db str>, comments: Vec<&'db str> }
/// # /// Polls a future once: what it says of itself is the output.
/// # async fn poll_once<F: Future>(mut child: Pin<&mut F>) -> Poll<F::Output> {
/// #     poll_fn(|cx| Poll::Ready(child.as_mut().poll(cx))).await
/// # }
/// # /// Ends this poll of the graph.
/// # async fn suspend() { futures::pending!() }
/// # async fn handler(db: &Db, id: u32) -> Result<Page<'_>, Error> {
/// let user = db.user(id).await?;
/// let (posts, comments) = {
///     let mut posts = pin!(db.posts(user.id));
///     let mut posts_done = match poll_once(posts.as_mut()).await {
///         Poll::Ready(result) => Some(result?),
///         Poll::Pending => None,
///     };
///     let mut comments = pin!(db.comments(user.id));
///     let mut comments_done = match poll_once(comments.as_mut()).await {
///         Poll::Ready(result) => Some(result?),
///         Poll::Pending => None,
///     };
///     while posts_done.is_none() || comments_done.is_none() {
///         suspend().await;
///         if posts_done.is_none() && let Poll::Ready(result) = poll_once(posts.as_mut()).await {
///             posts_done = Some(result?);
///         }
///         if comments_done.is_none() && let Poll::Ready(result) = poll_once(comments.as_mut()).await {
///             comments_done = Some(result?);
///         }
///     }
///     (posts_done.unwrap(), comments_done.unwrap())
/// };
/// Ok(Page { user, posts, comments })
/// # }
/// # let page = futures::executor::block_on(handler(&Db, 7)).unwrap();
/// # assert_eq!((page.user.id, page.posts.len(), page.comments.len()), (7, 1, 0));
/// ```
///
/// Here `poll_once` polls a child and says what came of it, and `suspend` ends a poll of the graph. A body that is nothing
/// but a call with names, fields, literals and arithmetic as arguments, as these are, is polled as it is; any other is an
/// `async` block, which borrows the `let`s before it.
///
/// (The real loop begins at another child each time.) Series and parallel parts lose nothing against starting each
/// task by itself, as a later part of a series depends on all of an earlier one. What is neither holds four tasks in
/// the shape of an N, `c: [a]` and `d: [a, b]`. When the sets of tasks that the tasks wait for are nested in each
/// other, as here, the loop becomes several, in stages: one until `a` ends, while `b` runs too; one until `b` ends,
/// while `c` runs too; and so on. Only what is left, two chains that cross, needs values in shared slots, and a mask
/// for each task that says when it may start. [`explain!`](crate::explain!) says which of these a graph becomes, and
/// why.
///
/// Such a loop polls all its children that run, whichever of them was woken, as `join!` does. Where eight or more can
/// run at a time, each gets a waker of its own, and only those that were woken are polled: a poll that no task has
/// asked for polls none. The first child that clones its waker costs an allocation then, one for up to 256 of them.
#[macro_export]
macro_rules! auto {
    ($($token:tt)*) => { $crate::__auto! { ($crate) $($token)* } };
}

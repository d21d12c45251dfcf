//! The macro's façade, and the reference of its language.

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
/// task  := outer-attribute* NAME (":" "[" (dep ("," dep)* ","?)? "]")? ("if" CONDITION)? "=>" BODY
/// dep   := ("move" | "mut")? NAME ("as" PATTERN)?
/// final := "=>" EXPRESSION ","?
/// ```
///
/// The macro takes braces, brackets and parentheses. (rustfmt leaves all three as they are: how to [live with
/// it](#rustfmt).) PATTERN must be irrefutable. Of the inner attributes, `#![error(Type)]`, `#![limit(n)]`,
/// `#![settle]` and `#![name_errors]` are options of the graph.
///
/// # Rules
///
/// ## A body is the inside of an `async` block
///
/// It can `.await`, use `?`, be a block with statements, or be plain synchronous code. It may borrow anything around
/// the macro, and nothing needs to be `'static`. What it uses by value is moved into the graph.
///
/// ```
/// # use conjoin::auto;
/// # futures::executor::block_on(async {
/// let names = vec!["ann", "bo"];
/// let mut log = String::new();
/// let done = auto! {
///     longest => names.iter().map(|name| name.len()).max(),
///     logged => {
///         log.push_str("asked");
///         std::future::ready(()).await;
///         log.push_str(", answered");
///     },
/// }.await;
/// assert_eq!(done.longest, Some(3));
/// assert_eq!((names.len(), log.as_str()), (2, "asked, answered"));
/// # });
/// ```
///
/// Bodies share what they borrow: two of them may not borrow the same thing mutably, even when one comes after the
/// other (unless the whole graph is one series). What several tasks change is best made the value of one of them, and
/// changed by `[mut x]`. A `Cell` or `RefCell` around it lets them, too (and keeps the graph from being `Send`), or a
/// `Mutex`.
///
/// `return` in a body is refused: a body ends in its value. To leave one early, put its code in an `async fn`, or in a
/// labelled block that is left with `break 'label value`.
///
/// ## A dependency is in scope under its own name, as `&T`
///
/// Tasks may be declared in any order. (To change or take a value there is [`[mut x]` and `[move
/// x]`](#mut-x-changes-a-value-move-x-takes-it).) `name as PATTERN` binds a pattern against the reference instead of
/// the name; `name as _` binds nothing: it orders. Other tasks' results are not in scope.
///
/// ```
/// # use conjoin::auto;
/// struct User { id: u32, name: String }
///
/// # futures::executor::block_on(async {
/// let page = auto! {
///     title: [user as User { name, .. }, count as &n] => format!("{name} ({n})"),
///     count: [user as User { id, .. }] => id * 10,
///     user: [ready as _] => User { id: 4, name: "ann".to_owned() },
///     ready => (),
/// }.await;
/// assert_eq!(page.title, "ann (40)");
/// # });
/// ```
///
/// ## A task starts in the poll in which its last dependency ends
///
/// Tasks without dependencies start at the first poll: independent parts of the graph one after another, in the order
/// of their first tasks, and within a part as declared. There are no layers: a task waits for its own dependencies and
/// for nothing else. So the graph takes as long as the longest path of tasks that wait for each other, its critical
/// path, and never longer.
///
/// ```
/// # use conjoin::auto;
/// use std::time::Duration;
/// use tokio::time::{Instant, sleep};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// let start = Instant::now();
/// auto! {
///     quick => sleep(Duration::from_millis(10)).await,
///     slow => sleep(Duration::from_millis(50)).await,
///     after_quick: [quick as _] => sleep(Duration::from_millis(45)).await,
///     after_both: [quick as _, slow as _] => sleep(Duration::from_millis(5)).await,
/// }.await;
/// assert_eq!(start.elapsed(), Duration::from_millis(55));
/// # }
/// ```
///
/// ## Fallible means `?`
///
/// A task is fallible when its body has a `?` of its own; one inside a nested closure, `async` block, item or `auto!`
/// is not. When a task is fallible, or the final arm, the graph resolves to a `Result`, else to the plain value. A body
/// without `?` that yields a `Result` keeps it as its value: so one task's failure is made not to be the graph's.
///
/// ```
/// # use conjoin::auto;
/// # futures::executor::block_on(async {
/// let page = auto! {
///     answer => "42".parse::<u32>()?,
///     guess => "?".parse::<u32>(),
/// }.await;
/// let page: Result<_, std::num::ParseIntError> = page;
/// let page = page.unwrap();
/// assert_eq!(page.answer, 42);
/// assert!(page.guess.is_err());
/// # });
/// ```
///
/// A `?` at the end of a body passes its error on unchanged and so fixes the error type of the graph, on which all must
/// agree, as with `try_join!`. The end of a body reaches into parentheses, blocks, `if`/`else` and `match`. Every other
/// `?` converts with [`From`], as usual. `#![error(Type)]` names the type, and then every `?` converts:
///
/// ```
/// # use conjoin::auto;
/// #[derive(Debug)]
/// enum AppError { Number(std::num::ParseIntError), Text(std::str::Utf8Error) }
/// # impl From<std::num::ParseIntError> for AppError { fn from(error: std::num::ParseIntError) -> Self { AppError::Number(error) } }
/// # impl From<std::str::Utf8Error> for AppError { fn from(error: std::str::Utf8Error) -> Self { AppError::Text(error) } }
///
/// # futures::executor::block_on(async {
/// let parsed = auto! {
///     #![error(AppError)]
///     number => "5".parse::<u32>()?,
///     text => std::str::from_utf8(b"\xff")?,
/// }.await;
/// assert!(matches!(parsed.err(), Some(AppError::Text(_))));
/// # });
/// ```
///
/// Whether there is a `?` is read off the tokens; `bail!` and `ensure!` count as one. Macro calls are looked into
/// (`vec![load().await?]` is fallible); of those whose `?` is their own affair, `auto!`, `explain!`, `stream!` and
/// `try_stream!` are known by these names; another one, or `auto!` under another name, goes into an `async` block where
/// it holds a `?`. A `?` that only the expansion of some macro holds is not seen.
///
/// ## The first error wins
///
/// It is returned in the poll in which it appears. Nothing starts after it, and every task that runs is dropped before
/// the caller sees it.
///
/// ```
/// # use conjoin::auto;
/// # futures::executor::block_on(async {
/// let mut reached = false;
/// let failed = auto! {
///     forever => std::future::pending::<()>().await,
///     bad => Err::<(), _>("no")?,
///     after: [bad as _] => reached = true,
/// }.await;
/// assert_eq!(failed.err(), Some("no"));
/// assert!(!reached);
/// # });
/// ```
///
/// ## The result has the shape of the graph
///
/// It is a struct with a field for each task, in the order of their declaration, and a method `into_tuple()`. Inner
/// attributes (`#![…]`) go to the struct, which is named `Output`, outer attributes and doc comments on a task to its
/// field; `#[cfg]` on a task takes it out of the graph (up to about sixty in one: each takes two levels of rustc's
/// `recursion_limit`). Lint levels on a task, such as `#[allow(…)]`, also cover its body.
///
/// ```
/// # use conjoin::auto;
/// # futures::executor::block_on(async {
/// let page = auto! {
///     #![derive(Debug, Clone, serde::Serialize)]
///     #![serde(rename_all = "camelCase")]
///     user_name => "ann",
///     #[serde(rename = "n")]
///     count => 3,
///     #[cfg(any())]
///     never => 1,
/// }.await;
/// assert_eq!(serde_json::to_string(&page).unwrap(), r#"{"userName":"ann","n":3}"#);
/// assert_eq!(page.into_tuple(), ("ann", 3));
/// # });
/// ```
///
/// The struct is generic over the types of its fields, for a macro cannot name them. So an attribute whose code needs a
/// field's very type (serde's `skip_serializing_if = "Option::is_none"`) does not compile; a final arm with a struct of
/// your own takes it.
///
/// As all values leave the graph together, none can borrow from another: `first: [text] => text.split(' ').next()` does
/// not compile. Make an owned value of it (`.map(str::to_owned)`), or use the borrow within one body.
///
/// ## A final arm makes the graph resolve to an expression
///
/// `=> EXPRESSION` at the end sees every result by value under its name. It is a body like the others: it can `.await`
/// and `?`. There is no struct then, hence no place for attributes on it.
///
/// ```
/// # use conjoin::auto;
/// # futures::executor::block_on(async {
/// let sum = auto! {
///     left => vec![1, 2],
///     right: [left] => left.iter().map(|n| n * 10).collect::<Vec<_>>(),
///     => left.into_iter().chain(right).sum::<i32>()
/// }.await;
/// assert_eq!(sum, 33);
/// # });
/// ```
///
#[doc = include_str!("auto/ownership.md")]
#[doc = include_str!("auto/options.md")]
///
/// ## `Send` follows from the bodies
///
/// The future is `Send` when all that its bodies hold across an `.await` is, and so with `Sync`. It is never `Unpin`,
/// as no `async` block is. Values must be `Send` for the graph to be. A value must be `Sync` as well when a task that
/// runs beside others reads it, or when a body holds it across an `.await`, or when it is read far from where it is
/// made: a series of more than 24 tasks is cut into blocks, of which the later ones borrow from the earlier. One that
/// is only changed, taken or waited for (`mut`, `move`, `as _`) need not be.
///
/// ```
/// # use conjoin::auto;
/// use std::cell::Cell;
///
/// fn is_send<T: Send>(value: T) -> T { value }
///
/// let graph = is_send(auto! {
///     leaf => Cell::new(1),
///     other => std::future::ready(2).await,
/// });
/// # futures::executor::block_on(graph);
/// ```
///
/// # Cancellation and panics
///
/// Dropping the future drops every task that runs, at its current `.await`; the others never start. It can be dropped
/// at any time, and nothing of it goes on after that. The graph is as cancel safe as its bodies are; inside `select!`
/// in a loop, a graph that lost is lost with its progress.
///
/// A panic in a body unwinds through the poll, and the other tasks are dropped on the way. A body that blocks the
/// thread blocks the whole graph: everything runs within the one task that polls it, side by side and not in parallel.
/// For work on several threads, spawn inside a body and await the handle.
///
/// Tasks of a graph are polled in turn and each poll begins with another one, so that a task that is always ready
/// cannot use up tokio's cooperative budget for its siblings. (A graph inside another's body does not know of the outer
/// one, and the two turn in step: there, as with a `join!` in a `join!`, busy tasks on both levels can starve a third.)
///
/// # Returning the future
///
/// Like an `async` block without `move`, the graph borrows from the function or closure around it. To return it, or to
/// spawn it, await it in a block that owns what it needs, or in an `async fn` or `async` closure:
///
/// ```
/// # use conjoin::auto;
/// fn later(n: u32) -> impl Future<Output = u32> + 'static {
///     async move { auto! { double => n * 2, => double + 1 }.await }
/// }
/// # assert_eq!(futures::executor::block_on(later(3)), 7);
/// ```
///
#[cfg_attr(feature = "tracing", doc = include_str!("auto/tracing.md"))]
#[cfg_attr(not(feature = "tracing"), doc = "# Tracing\n\nWith the feature `tracing`, graphs and tasks are spans.")]
///
#[doc = include_str!("auto/errors.md")]
///
#[doc = include_str!("auto/editor.md")]
///
/// # What it compiles to
///
/// The order of the tasks is decomposed. Tasks in a row become `let`s in one `async` block; tasks side by side become
/// sibling blocks that borrow those `let`s and are polled in a loop. The page above is, in essence:
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
///             match result {
///                 Ok(value) => posts_done = Some(value),
///                 Err(error) => return Poll::Ready(Err(error)),
///             }
///         }
///         if comments_done.is_none() && let Poll::Ready(result) = comments.as_mut().poll(cx) {
///             match result {
///                 Ok(value) => comments_done = Some(value),
///                 Err(error) => return Poll::Ready(Err(error)),
///             }
///         }
///         match (&posts_done, &comments_done) {
///             (Some(_), Some(_)) => Poll::Ready(Ok((posts_done.take().unwrap(), comments_done.take().unwrap()))),
///             _ => Poll::Pending,
///         }
///     }).await?
/// };
/// Ok(Page { user, posts, comments })
/// # }
/// # let page = futures::executor::block_on(handler(&Db, 7)).unwrap();
/// # assert_eq!((page.user.id, page.posts.len(), page.comments.len()), (7, 1, 0));
/// ```
///
/// (The real loop also begins at another child each time.) Series and parallel parts lose nothing against starting each
/// task by itself, as a later part of a series depends on all of an earlier one. What is neither holds four tasks in
/// the shape of an N, `c: [a]` and `d: [a, b]`. When the sets of tasks that the tasks wait for are nested in each
/// other, as here, the loop becomes several, in stages: one until `a` ends, while `b` runs too; one until `b` ends,
/// while `c` runs too; and so on. Only what is left, two chains that cross, needs values in shared slots, and a mask
/// for each task that says when it may start. [`explain!`](crate::explain!) says which of these a graph becomes, and
/// why.
///
/// Such a loop polls all its children that run, whichever of them was woken, as `join!` does. Where eight or more can
/// run at a time, each gets a waker of its own, and only those that were woken are polled: a poll that no task has
/// asked for polls none. (In stages, of which there are none above sixteen tasks, all are polled.) The first child that
/// clones its waker costs an allocation then, one for up to 256 of them.
#[macro_export]
macro_rules! auto {
    ($($token:tt)*) => { $crate::__private::auto! { ($crate) $($token)* } };
}

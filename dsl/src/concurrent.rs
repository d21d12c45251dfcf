//! The façade of `concurrent!`, and the reference of its language.

/// An `async` block that takes only its critical path.
///
/// Write `concurrent!({ … })` instead of `async { … }`. Then neighbouring `let … .await …;` lines that do not need each other
/// run concurrently:
///
/// ```
/// # use conjoin_doc::*; mod conjoin_doc {
/// #     #[derive(Debug)] pub struct AppError;
/// #     pub struct User { pub id: u32 }
/// #     pub struct Page { pub user: User, pub posts: Vec<&'static str>, pub comments: Vec<&'static str> }
/// #     pub struct Db;
/// #     impl Db {
/// #         pub async fn user(&self, id: u32) -> Result<User, AppError> { Ok(User { id }) }
/// #         pub async fn posts(&self, _: u32) -> Result<Vec<&'static str>, AppError> { Ok(vec!["post"]) }
/// #         pub async fn comments(&self, _: u32) -> Result<Vec<&'static str>, AppError> { Ok(vec![]) }
/// #     }
/// # }
/// use conjoin::concurrent;
///
/// async fn page(db: &Db, id: u32) -> Result<Page, AppError> {
///     concurrent!({
///         let user = db.user(id).await?;
///         let posts = db.posts(user.id).await?;
///         let comments = db.comments(user.id).await?;
///         Ok(Page { user, posts, comments })
///     })
///     .await
/// }
/// # let page = futures::executor::block_on(page(&Db, 7)).unwrap();
/// # assert_eq!((page.user.id, page.posts.len(), page.comments.len()), (7, 1, 0));
/// ```
///
/// `posts` and `comments` both need `user`, but not each other, so the page takes two latencies instead of three. The block
/// returns the value that the `async` block would return, only sooner.
///
/// The inside is plain Rust. rustfmt formats it, and the editor helps in it as in any block. To declare the graph yourself, or
/// to use options such as `#![settle]`, see [`auto!`](crate::auto!).
///
/// # Rules
///
#[doc = include_str!("concurrent/rules.md")]
#[doc = include_str!("concurrent/differences.md")]
#[doc = include_str!("concurrent/messages.md")]
///
/// # Cancel safety, panics
///
/// Dropping the future drops every running line. A panic in a line unwinds through the block and drops the other lines.
/// `#![limit(n)]` panics if `n` is computed and 0.
#[macro_export]
macro_rules! concurrent {
    ($($token:tt)*) => { $crate::__concurrent! { ($crate) $($token)* } };
}

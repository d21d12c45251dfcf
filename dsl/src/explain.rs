//! The graph and plan that [`explain!`](macro@crate::explain) returns, and pictures of them.
//!
//! ```
//! use conjoin::explain;
//!
//! let page = explain! {
//!     user => db.user(id).await?,
//!     posts:    [user] => db.posts(user.id).await?,
//!     comments: [user] => db.comments(user.id).await?,
//! };
//!
//! assert_eq!(page.to_string(), "\
//! 3 tasks, 2 in the longest chain, at most 2 at a time; the first error cancels the rest
//!
//!   task      needs
//!   user             can fail
//!   posts     &user  can fail
//!   comments  &user  can fail
//!
//! plan: in sequence
//! ├─ user
//! └─ concurrently
//!    ├─ posts
//!    └─ comments
//!
//! longest chain: user -> posts
//! ");
//! ```
//!
//! Before a dependency stands how the task uses it: `&` borrows it, `&mut` changes it, `move` takes it, and `after` only
//! waits for it (`user as _`).

#[doc(hidden)]
pub mod construct;
#[cfg(feature = "alloc")]
mod dot;
#[cfg(feature = "alloc")]
mod mermaid;
mod plan;
#[cfg(feature = "svg")]
mod svg;
mod task;
#[cfg(feature = "alloc")]
mod text;

#[cfg(feature = "alloc")]
use alloc::string::String;

pub use self::plan::{Gated, N, Parallel, Plan, Reason, Slot, Storage};
pub use self::task::{Access, Dependency, Task};

/// Explains a graph instead of running it: its tasks, their dependencies, and the plan of [`auto!`], as text, data and
/// pictures.
///
/// It takes the same tokens as [`auto!`], reports the same mistakes, and evaluates to a constant [`Explanation`]. Nothing of
/// the graph runs. Bodies, conditions, and the types and numbers of options are not even compiled. So it works in a `const`, in
/// a test without a database, and next to the graph itself without moving its variables.
///
/// ```
/// use conjoin::explain::{Access, Plan};
///
/// let order = conjoin::explain! {
///     #![error(AppError)]
///     tx => pool.begin().await?,
///     items: [mut tx] => tx.insert(order.items).await?,
///     total: [items] => items.iter().map(|item| item.price).sum::<u64>(),
///     commit: [move tx, total as _] => tx.commit().await?,
/// };
/// println!("{order}");
///
/// assert!(matches!(order.plan(), Some(Plan::Series(parts)) if parts.len() == 4));
/// assert_eq!(order.task("commit").unwrap().dependencies()[0].access(), Access::Take);
/// ```
///
/// It also takes a block of [`concurrent!`](crate::concurrent). The tasks are the statements of the block, named by their first
/// bindings. A barrier depends on all lines before it.
///
/// ```
/// let page = conjoin::explain!({
///     let user = db.user(id).await?;
///     let posts = db.posts(user.id).await?;
///     let comments = db.comments(user.id).await?;
///     Ok(Page { user, posts, comments })
/// });
/// assert_eq!(page.longest_chain(), ["user", "posts"]);
/// ```
///
/// To explain a graph that also runs, without writing it twice, pass its tokens to either macro with a `macro_rules!`:
///
/// ```
/// macro_rules! page {
///     ($macro:path, $db:ident, $id:ident) => {{
///         use $macro as graph;
///         graph! {
///             user => $db.user($id).await?,
///             posts: [user] => $db.posts(user.id).await?,
///         }
///     }};
/// }
///
/// # struct Db; struct User { id: u32 }
/// # impl Db {
/// #     async fn user(&self, id: u32) -> Result<User, ()> { Ok(User { id }) }
/// #     async fn posts(&self, id: u32) -> Result<u32, ()> { Ok(id) }
/// # }
/// async fn handler(db: Db, id: u32) -> Result<u32, ()> {
///     Ok(page!(conjoin::auto, db, id).await?.posts)
/// }
/// # assert_eq!(futures::executor::block_on(handler(Db, 1)), Ok(1));
///
/// assert_eq!(page!(conjoin::explain, db, id).longest_chain(), ["user", "posts"]);
/// ```
///
/// [`auto!`]: crate::auto!
#[macro_export]
macro_rules! explain {
    ($($token:tt)*) => { $crate::__explain! { ($crate) $($token)* } };
}

/// A graph and its plan. `Display` explains it as text.
///
/// Names have no `r#`: the task `r#type` is named `type` here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "an explanation does nothing unless you read it"]
pub struct Explanation {
    tasks: &'static [Task],
    options: Options,
    plan: Option<&'static Plan>,
    longest_chain: &'static [&'static str],
    most_at_once: usize,
}

/// See the methods of [`Explanation`] of these names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "they are independent of each other"
)]
#[doc(hidden)]
pub struct Options {
    error: Option<&'static str>,
    limit: Option<&'static str>,
    settles: bool,
    names_errors: bool,
    has_final_arm: bool,
    is_fallible: bool,
    is_block: bool,
}

impl Explanation {
    /// The tasks in declaration order, without those that a `#[cfg]` removes.
    #[must_use]
    pub const fn tasks(&self) -> &'static [Task] {
        self.tasks
    }

    /// The task of this name.
    #[must_use]
    pub fn task(&self, name: &str) -> Option<&'static Task> {
        self.tasks.iter().find(|task| task.name == name)
    }

    /// The plan of the graph; `None` if there are no tasks.
    #[must_use]
    pub const fn plan(&self) -> Option<&'static Plan> {
        self.plan
    }

    /// The tasks of the longest chain of dependencies. If several are equally long, it is the first in declaration order. If all
    /// tasks take the same time, it is the critical path.
    #[must_use]
    pub const fn longest_chain(&self) -> &'static [&'static str] {
        self.longest_chain
    }

    /// The largest number of tasks that can run at once, if no [`limit`](Self::limit) is lower: none of them depends on another.
    /// A `for` task counts as one, for any number of items.
    #[must_use]
    pub const fn most_at_once(&self) -> usize {
        self.most_at_once
    }

    /// The expression in `#![limit(…)]`.
    #[must_use]
    pub const fn limit(&self) -> Option<&'static str> {
        self.options.limit
    }

    /// The type in `#![error(…)]`.
    #[must_use]
    pub const fn error(&self) -> Option<&'static str> {
        self.options.error
    }

    /// Whether the graph has `#![settle]`: an error ends no other task.
    #[must_use]
    pub const fn settles(&self) -> bool {
        self.options.settles
    }

    /// Whether the graph has `#![name_errors]`: an error knows the task it came from.
    #[must_use]
    pub const fn names_errors(&self) -> bool {
        self.options.names_errors
    }

    /// Whether the graph resolves to an expression, `=> …`, instead of a struct with a field for each task.
    #[must_use]
    pub const fn has_final_arm(&self) -> bool {
        self.options.has_final_arm
    }

    /// Whether the graph resolves to a `Result`.
    #[must_use]
    pub const fn is_fallible(&self) -> bool {
        self.options.is_fallible
    }

    /// Whether this is a block of [`concurrent!`](crate::concurrent). Its tasks are the statements of the block.
    #[must_use]
    pub const fn is_block(&self) -> bool {
        self.options.is_block
    }

    /// The graph as a flowchart for [Mermaid](https://mermaid.js.org). GitHub, GitLab and others draw it in Markdown, in a code
    /// block of the language `mermaid`.
    ///
    /// An arrow leads from a task to a task that needs it. Its label is `mut` or `move` if that task changes or takes the value.
    /// It is dotted if that task only waits. A task with a condition has a dashed border. By default, Mermaid draws at most 500
    /// arrows.
    ///
    /// ```
    /// let graph = conjoin::explain! { tx => begin(), order => 1, end: [move tx, order as _] => tx.commit() };
    /// assert_eq!(graph.mermaid(), "\
    /// flowchart TB
    ///     t0[\"tx\"]
    ///     t1[\"order\"]
    ///     t2[\"end\"]
    ///     t0 -->|move| t2
    ///     t1 -.-> t2
    /// ");
    /// ```
    #[cfg(feature = "alloc")]
    #[must_use]
    pub fn mermaid(&self) -> String {
        mermaid::mermaid(self)
    }

    /// The graph in the [DOT language](https://graphviz.org/doc/info/lang.html), for Graphviz (`dot -Tsvg`) and other programs
    /// that read it.
    ///
    /// It looks like [`mermaid()`](Self::mermaid).
    ///
    /// ```
    /// let graph = conjoin::explain! { tx => begin(), order => 1, end: [move tx, order as _] => tx.commit() };
    /// assert_eq!(graph.dot(), r#"digraph {
    ///     node [shape=box style=rounded]
    ///     "tx"
    ///     "order"
    ///     "end"
    ///     "tx" -> "end" [label="move"]
    ///     "order" -> "end" [style=dotted]
    /// }
    /// "#);
    /// ```
    #[cfg(feature = "alloc")]
    #[must_use]
    pub fn dot(&self) -> String {
        dot::dot(self)
    }

    /// The graph as a self-contained SVG picture, for a file, or for a page of HTML or Markdown. In a page it has the color of the
    /// text around it. In a file it is light or dark, as the reader prefers.
    ///
    /// It looks like [`mermaid()`](Self::mermaid), with thicker arrows for `mut` and `move`. The crate
    /// [`dugong`](https://docs.rs/dugong) lays it out, like Mermaid, by the algorithm of
    /// [dagre](https://github.com/dagrejs/dagre). A thousand tasks with three dependencies each take a few seconds. If many tasks
    /// share many dependencies, the picture is wide, and Graphviz draws a better one from [`dot()`](Self::dot).
    ///
    /// Needs the feature `svg`.
    #[cfg(feature = "svg")]
    #[must_use]
    pub fn svg(&self) -> String {
        svg::svg(self)
    }

    /// All arrows: each dependency with the index of the task that lists it.
    #[cfg(feature = "alloc")]
    fn edges(&self) -> impl Iterator<Item = (&'static Dependency, usize)> {
        let tasks = self.tasks.iter().enumerate();
        tasks.flat_map(|(index, task)| {
            task.dependencies
                .iter()
                .map(move |dependency| (dependency, index))
        })
    }
}

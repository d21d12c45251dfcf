//! The book. Its chapters are in `chapters/`: `mdbook serve book` shows them, `cargo test -p conjoin-book` compiles
//! and runs every snippet. The chapters are not part of `conjoin`, as they need the adapters, a runtime and other crates.

pub mod blog;
pub mod shape;

use tokio::runtime::Builder;

/// Runs a recipe as a server runs a handler: spawned, so it must be `Send` and borrow nothing from outside. The clock is
/// paused.
///
/// # Panics
///
/// The recipe panics.
pub fn handler<T: Send + 'static>(recipe: impl Future<Output = T> + Send + 'static) -> T {
    run(Builder::new_current_thread().start_paused(true), recipe)
}

/// The same on the real clock, for recipes that do I/O.
///
/// # Panics
///
/// The recipe panics.
pub fn handler_with_io<T: Send + 'static>(recipe: impl Future<Output = T> + Send + 'static) -> T {
    run(&mut Builder::new_multi_thread(), recipe)
}

fn run<T: Send + 'static>(
    runtime: &mut Builder,
    recipe: impl Future<Output = T> + Send + 'static,
) -> T {
    let runtime = runtime.enable_all().build().expect("a runtime");
    let ended = runtime.block_on(async { tokio::spawn(recipe).await });
    ended.expect("the recipe does not panic")
}

/// Makes the snippets of each chapter tests. `tests/text` checks that none is missing.
macro_rules! chapters {
    ($($name:ident: $path:literal)*) => {
        $(
            #[cfg(doctest)]
            #[doc = include_str!(concat!("../chapters/", $path))]
            struct $name;
        )*
    };
}

chapters! {
    Index: "index.md"
    TutorialStart: "tutorial/start.md"
    TutorialCallbacks: "tutorial/callbacks.md"
    TutorialGraph: "tutorial/graph.md"
    TutorialErrors: "tutorial/errors.md"
    TutorialTransaction: "tutorial/transaction.md"
    TutorialElsewhere: "tutorial/elsewhere.md"
    Concurrent: "concurrent.md"
    Language: "language.md"
    CookbookTimeouts: "cookbook/timeouts.md"
    CookbookRetries: "cookbook/retries.md"
    CookbookLists: "cookbook/lists.md"
    CookbookBatching: "cookbook/batching.md"
    CookbookCaching: "cookbook/caching.md"
    CookbookAround: "cookbook/around.md"
    CookbookTransactions: "cookbook/transactions.md"
    CookbookOptional: "cookbook/optional.md"
    CookbookCancellation: "cookbook/cancellation.md"
    CookbookTesting: "cookbook/testing.md"
    CookbookAxum: "cookbook/axum.md"
    CookbookSqlx: "cookbook/sqlx.md"
    CookbookReqwest: "cookbook/reqwest.md"
    CookbookErrors: "cookbook/errors.md"
    CookbookCompileErrors: "cookbook/compile_errors.md"
    CookbookLibraries: "cookbook/libraries.md"
    CookbookSend: "cookbook/send.md"
    Compiling: "compiling.md"
    Adapters: "adapters.md"
    Seeing: "seeing.md"
    Comparison: "comparison.md"
    Limits: "limits.md"
    Faq: "faq.md"
}

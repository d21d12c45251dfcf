//! The guide. Its chapters are in `chapters/`: `mdbook serve book` shows them, `cargo test -p conjoin-book` compiles
//! and runs every snippet. They are not part of `conjoin`, as they need the adapters, a runtime and peers.

pub mod blog;
pub mod shape;

/// Makes the snippets of each chapter tests. A test sees to it that none is forgotten.
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
    CookbookLibraries: "cookbook/libraries.md"
    CookbookSend: "cookbook/send.md"
    Compiling: "compiling.md"
    Adapters: "adapters.md"
    Seeing: "seeing.md"
    Comparison: "comparison.md"
    Faq: "faq.md"
}

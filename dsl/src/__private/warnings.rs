//! The warnings for a block in which nothing runs concurrently. They are traits, because rustc then suggests no change
//! of the code. rustc names them with their path, `conjoin::nothing_runs_concurrently::NeedsLineBefore`.

macro_rules! warnings {
    ($($function:ident $name:ident $reason:literal)*) => {
        struct Nothing;
        $(
            /// It exists for its message.
            #[doc(hidden)]
            #[must_use = $reason]
            pub trait $name {}

            impl $name for Nothing {}

            pub fn $function() -> impl $name {
                Nothing
            }
        )*
    };
}

warnings! {
    no_line NoLine
    "nothing in this block runs concurrently: it has no line `let … .await;` that binds a name. Write `async { … }` instead"
    one_line OnlyOneLine
    "nothing in this block runs concurrently: this is its only line `let … .await;`. Write `async { … }` instead"
    needs_line_before NeedsLineBefore
    "nothing in this block runs concurrently: this line needs the one before it. Write `async { … }` instead, or move lines that do not need each other next to each other"
    changes_same_variable ChangesSameVariable
    "nothing in this block runs concurrently: this line and the one before it use the same variable, and one of them borrows it with `&mut`. Write `async { … }` instead, or use two variables"
    statement_between StatementBetween
    "nothing in this block runs concurrently: this statement is not a `let … .await;`, so it waits for all lines before it. Move it before or after them, or write `async { … }` instead"
    line_without_await LineWithoutAwait
    "nothing in this block runs concurrently: this line has no `.await`, so it waits for all lines before it. Move it before or after them, or write `async { … }` instead"
    line_with_attribute LineWithAttribute
    "nothing in this block runs concurrently: a line with this attribute waits for all lines before it. Move it before or after them, or write `async { … }` instead"
    sequential_line SequentialLine
    "nothing in this block runs concurrently: this line is `#[sequential]`. Write `async { … }` instead"
    line_with_else LineWithElse
    "nothing in this block runs concurrently: `let … else` waits for all lines before it. Move it before or after them, or write `async { … }` instead"
    line_with_break LineWithBreak
    "nothing in this block runs concurrently: a line that a `break` or `continue` leaves waits for all lines before it. Write `async { … }` instead"
    line_without_name LineWithoutName
    "nothing in this block runs concurrently: this line binds no name, or only one that begins with `_`, so it waits for all lines before it. Bind a name, or write `async { … }` instead"
    line_with_temporary LineWithTemporary
    "nothing in this block runs concurrently: this line binds a reference to a temporary value, so it waits for all lines before it. Bind the value and borrow it where you use it"
}

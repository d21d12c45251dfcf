//! The hooks of an expansion for tracing. Without the feature `tracing`, the macro prints none.

/// The future of a graph: the number of its tasks, their names, whether its error type is known, and its variable.
#[doc(hidden)]
#[macro_export]
macro_rules! __graph {
    ($tasks:literal, $names:literal, $error:ident, $future:ident) => {{
        let failure = $crate::__graph!(@ $error, $future);
        $crate::__private::trace::Graph::new(
            $future,
            $crate::__site!(graph_metadata, "auto"),
            &($tasks, $names),
            failure,
        )
    }};
    (@ plain, $future:ident) => { $crate::__private::trace::never_fails };
    (@ open, $future:ident) => { $crate::__private::trace::some_failure };
    (@ fixed, $future:ident) => {
        $crate::__private::trace::failure($crate::__message!($crate::__private::trace::Errors::of(&$future)))
    };
    (@ named, $future:ident) => {
        $crate::__private::trace::named_failure(
            $crate::__message!($crate::__private::trace::Errors::of_named(&$future))
        )
    };
}

/// Pins the future of a task that is a bare call: its name, those of its dependencies, whether it resolves to a
/// `Result`, its variable, and the closure that creates it.
#[doc(hidden)]
#[macro_export]
macro_rules! __called {
    ($name:literal, $dependencies:literal, $value:ident, $pinned:ident, $($call:tt)*) => {
        let $pinned = $crate::__private::pin!($crate::__private::None);
        let mut $pinned = $crate::__private::trace::Called::new(
            $pinned,
            $($call)*,
            $crate::__site!(task_metadata, $name),
            $dependencies,
            $crate::__called!(@ $value),
        );
    };
    (@ plain) => { |_| true };
    (@ fallible) => { $crate::__private::trace::is_whole };
}

/// The future of an item: the name of its task, whether it resolves to a `Result`, the variable of the items before it,
/// and the future.
#[doc(hidden)]
#[macro_export]
macro_rules! __item {
    ($name:literal, $kind:ident, $items:ident, $($future:tt)*) => {
        $crate::__private::trace::Item::new(
            $($future)*,
            $crate::__site!(item_metadata, $name),
            $items.count(),
            $crate::__item!(@ $kind),
        )
    };
    (@ plain) => { $crate::__private::trace::never_fails };
    (@ fallible) => { $crate::__private::trace::some_failure };
}

/// All items of a task exist now.
#[doc(hidden)]
#[macro_export]
macro_rules! __items {
    ($items:ident) => {
        $crate::__private::trace::items($items.count())
    };
}

/// A part of a graph that is a future of its own, by the variable in which it is pinned.
#[doc(hidden)]
#[macro_export]
macro_rules! __part {
    ($future:ident) => {
        let mut $future = $crate::__private::trace::Part::new($future.as_mut());
    };
}

/// A task starts: its name, and those of its dependencies.
#[doc(hidden)]
#[macro_export]
macro_rules! __starts {
    ($name:literal, $dependencies:literal) => {
        $crate::__private::trace::starts($crate::__site!(task_metadata, $name), $dependencies)
    };
}

/// The task that runs in this part ends, unless it has ended already.
#[doc(hidden)]
#[macro_export]
macro_rules! __ends {
    ($outcome:literal) => {
        $crate::__private::trace::ends($outcome)
    };
}

/// The task that runs in this part ends with an error that does not end the graph.
#[doc(hidden)]
#[macro_export]
macro_rules! __fails {
    (open, $error:expr) => {
        $crate::__private::trace::fails($error, $crate::__private::trace::no_message)
    };
    (fixed, $error:expr) => {
        $crate::__private::trace::fails(
            $error,
            $crate::__message!($crate::__private::trace::Errors::like($error)),
        )
    };
}

/// A task does not start, because another failed.
#[doc(hidden)]
#[macro_export]
macro_rules! __skips {
    ($name:literal, $dependencies:literal, $failed:expr) => {
        $crate::__private::trace::skips(
            $crate::__site!(task_metadata, $name),
            $dependencies,
            $failed,
        )
    };
}

/// A line of a block may leave the block with a value. If it does, its span records the message.
#[doc(hidden)]
#[macro_export]
macro_rules! __left {
    ($value:ident) => {{
        use $crate::__private::trace::{
            LineExitByDebug as _, LineExitByDisplay as _, LineExitByNothing as _,
        };
        (&&&$crate::__private::trace::LineExit::of(&$value)).tell(&$value)
    }};
}

/// The function that creates an error's message, by the best trait of its type.
#[doc(hidden)]
#[macro_export]
macro_rules! __message {
    ($errors:expr) => {{
        use $crate::__private::trace::{ByDebug as _, ByDisplay as _, ByNothing as _};
        // Method resolution tries three references first, then two, then one.
        (&&&$errors).message()
    }};
}

/// The static data of the spans of a task or a graph. It is in the user's crate, because `tracing` requires it.
#[doc(hidden)]
#[macro_export]
macro_rules! __site {
    ($metadata:ident, $name:literal) => {{
        static METADATA: $crate::__private::trace::Metadata<'static> =
            $crate::__private::trace::$metadata(
                $name,
                ::core::file!(),
                ::core::line!(),
                ::core::module_path!(),
                &SITE,
            );
        static SITE: $crate::__private::trace::Site =
            $crate::__private::trace::Site::new(&METADATA);
        &SITE
    }};
}

pub use crate::{
    __called as called, __ends as ends, __fails as fails, __graph as graph, __item as item,
    __items as items, __left as left, __part as part, __skips as skips, __starts as starts,
};

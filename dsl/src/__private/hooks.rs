//! The hooks of an expansion for tracing. Without the feature `tracing`, the macro prints none. Those within a graph begin
//! with the variable that says whether the graph is recorded.

/// The future of a graph: the number of its tasks, their names, whether its error type is known, and its variable.
#[doc(hidden)]
#[macro_export]
macro_rules! __graph {
    ($tasks:literal, $names:literal, $error:ident, $future:ident) => {{
        let failure = $crate::__graph!(@ $error, $future);
        static METADATA: $crate::__private::trace::Metadata<'static> =
            $crate::__metadata!(graph_metadata, "auto", ABOUT.site());
        static ABOUT: $crate::__private::trace::About =
            $crate::__private::trace::About::new(&METADATA, $tasks, $names);
        $crate::__private::trace::Graph::new($future, || &ABOUT, failure)
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

/// The future of an item: the name of its task, whether it resolves to a `Result`, the variable of the items before it,
/// and the future.
#[doc(hidden)]
#[macro_export]
macro_rules! __item {
    ($is_recorded:ident, $name:literal, $kind:ident, $items:ident, $($future:tt)*) => {
        $crate::__private::trace::Item::new(
            $($future)*,
            $is_recorded,
            {
                static METADATA: $crate::__private::trace::Metadata<'static> =
                    $crate::__metadata!(item_metadata, $name, &SITE);
                static SITE: $crate::__private::trace::Site =
                    $crate::__private::trace::Site::new(&METADATA);
                &SITE
            },
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
    ($is_recorded:ident, $items:ident) => {
        if $is_recorded {
            $crate::__private::trace::items($items.count());
        }
    };
}

/// A part of a graph that is a future of its own, by the variable in which it is pinned. If it is a single task: whether
/// that resolves to a `Result`, its name, and those of its dependencies.
#[doc(hidden)]
#[macro_export]
macro_rules! __part {
    ($is_recorded:ident, $future:ident) => {
        let mut $future = $crate::__private::trace::Part::steps($future.as_mut(), $is_recorded);
    };
    ($is_recorded:ident, $future:ident, $kind:ident, $name:literal, $dependencies:literal) => {
        let mut $future = $crate::__private::trace::Part::single(
            $future.as_mut(),
            $is_recorded,
            || $crate::__task!($name, $dependencies),
            $crate::__part!(@ $kind),
        );
    };
    (@ plain) => { |_| true };
    (@ fallible) => { $crate::__private::trace::is_whole };
}

/// The function that returns the single task that a part is: its name, and those of its dependencies.
#[doc(hidden)]
#[macro_export]
macro_rules! __single {
    ($name:literal, $dependencies:literal) => {
        || $crate::__private::Some($crate::__task!($name, $dependencies))
    };
}

/// A task starts: its name, and those of its dependencies.
#[doc(hidden)]
#[macro_export]
macro_rules! __starts {
    ($is_recorded:ident, $name:literal, $dependencies:literal) => {
        if $is_recorded {
            $crate::__private::trace::starts($crate::__task!($name, $dependencies));
        }
    };
}

/// The task that runs in this part ends, unless it has ended already.
#[doc(hidden)]
#[macro_export]
macro_rules! __ends {
    ($is_recorded:ident, "done") => {
        if $is_recorded {
            $crate::__private::trace::is_done();
        }
    };
    ($is_recorded:ident, $outcome:literal) => {
        if $is_recorded {
            $crate::__private::trace::ends($outcome);
        }
    };
}

/// The task that runs in this part ends with an error that does not end the graph.
#[doc(hidden)]
#[macro_export]
macro_rules! __fails {
    ($is_recorded:ident, open, $error:expr) => {
        if $is_recorded {
            $crate::__private::trace::fails($error, $crate::__private::trace::NoMessage);
        }
    };
    ($is_recorded:ident, fixed, $error:expr) => {
        if $is_recorded {
            $crate::__private::trace::fails(
                $error,
                $crate::__message!($crate::__private::trace::Errors::like($error)),
            );
        }
    };
}

/// A task does not start, because another failed.
#[doc(hidden)]
#[macro_export]
macro_rules! __skips {
    ($is_recorded:ident, $name:literal, $dependencies:literal, $failed:expr) => {
        if $is_recorded {
            $crate::__private::trace::skips($crate::__task!($name, $dependencies), $failed);
        }
    };
}

/// A line of a block may leave the block with a value. If it does, its span records the message.
#[doc(hidden)]
#[macro_export]
macro_rules! __left {
    ($is_recorded:ident, $value:ident) => {
        if $is_recorded {
            use $crate::__private::trace::{
                LineExitByDebug as _, LineExitByDisplay as _, LineExitByNothing as _,
            };
            (&&&$crate::__private::trace::LineExit::of(&$value)).tell(&$value);
        }
    };
}

/// A line of a block leaves the block by a `return` of a value that is no error.
#[doc(hidden)]
#[macro_export]
macro_rules! __returns {
    ($is_recorded:ident) => {
        if $is_recorded {
            $crate::__private::trace::returns();
        }
    };
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

/// The static data of a task: its name, and those of its dependencies.
#[doc(hidden)]
#[macro_export]
macro_rules! __task {
    ($name:literal, $dependencies:literal) => {{
        static METADATA: $crate::__private::trace::Metadata<'static> =
            $crate::__metadata!(task_metadata, $name, TASK.site());
        static TASK: $crate::__private::trace::Task =
            $crate::__private::trace::Task::new(&METADATA, $dependencies);
        &TASK
    }};
}

/// The static data of a span. It is in the user's crate, because `tracing` requires it.
#[doc(hidden)]
#[macro_export]
macro_rules! __metadata {
    ($metadata:ident, $name:literal, $site:expr) => {
        $crate::__private::trace::$metadata(
            $name,
            ::core::file!(),
            ::core::line!(),
            ::core::module_path!(),
            $site,
        )
    };
}

pub use crate::{
    __ends as ends, __fails as fails, __graph as graph, __item as item, __items as items,
    __left as left, __part as part, __returns as returns, __single as single, __skips as skips,
    __starts as starts,
};

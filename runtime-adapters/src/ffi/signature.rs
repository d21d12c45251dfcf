//! The shapes of C callbacks, and the functions that C gets for them.
//!
//! What must not compile:
//!
//! ```compile_fail,E0308
//! // A closure that does not fit the declaration.
//! # use std::ffi::{c_int, c_void};
//! # use conjoin_adapters::ffi::{self, UserData};
//! unsafe fn start(done: unsafe extern "C" fn(c_int, *mut c_void), user: *mut c_void) {}
//! let (call, _future) = ffi::once(|_: UserData, _: c_int| Ok::<(), ()>(()));
//! let (function, user_data) = call.into_raw();
//! unsafe { start(function, user_data) };
//! ```
//!
//! ```compile_fail,E0133
//! // A call from safe code.
//! # use conjoin_adapters::ffi::{self, UserData};
//! let (call, _future) = ffi::once(|_: UserData| Ok::<(), ()>(()));
//! let (function, user_data) = call.into_raw();
//! function(user_data);
//! ```
//!
//! ```compile_fail,E0277
//! // A closure that is bound to its thread.
//! # use std::rc::Rc;
//! # use conjoin_adapters::ffi::{self, UserData};
//! let shared = Rc::new(5);
//! let (_call, _future) = ffi::once(move |_: UserData| Ok::<i32, ()>(*shared));
//! ```
//!
//! ```compile_fail,E0373
//! // A closure that borrows from what may be gone when C calls.
//! # use conjoin_adapters::ffi::{self, UserData};
//! let local = String::new();
//! let (_call, _future) = ffi::once(|_: UserData| Ok::<usize, ()>(local.len()));
//! ```
//!
//! ```compile_fail,E0277
//! // A closure that is called once and does not settle.
//! # use conjoin_adapters::ffi::{self, UserData};
//! let (_call, _future) = ffi::once(|_: UserData| None::<Result<(), ()>>);
//! ```
//!
//! ```compile_fail,E0277
//! // A closure that several threads may call at once, with what but one of them may use.
//! # use std::cell::Cell;
//! # use conjoin_adapters::ffi::{self, UserData};
//! let count = Cell::new(0);
//! let (_call, _future) = ffi::with_destroy(move |_: UserData| Ok::<(), ()>(count.set(1)));
//! ```
//!
//! ```compile_fail,E0277
//! // User data in no place.
//! # use conjoin_adapters::ffi;
//! let (_call, _future) = ffi::once(|_: i32| Ok::<(), ()>(()));
//! ```
//!
//! ```compile_fail,E0277
//! // User data in two places.
//! # use conjoin_adapters::ffi::{self, UserData};
//! let (_call, _future) = ffi::once(|_: UserData, _: UserData| Ok::<(), ()>(()));
//! ```
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::fmt;

use super::answer::Answer;

/// Stands for the `void *` user data in a closure's parameters, and returns a value that was lent to C.
///
/// It is neither `Copy` nor `Clone`, which distinguishes it from the other parameters.
pub struct UserData<L = ()>(pub(super) L);

impl<L> UserData<L> {
    /// What was lent, by [`once_lending`](super::once_lending) or [`keyed_lending`](super::keyed_lending).
    pub fn into_lent(self) -> L {
        self.0
    }
}

impl<L> fmt::Debug for UserData<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserData").finish_non_exhaustive()
    }
}

/// The parameters of a C callback: a tuple of up to six `Copy` types and, anywhere among them, [`UserData`]. It follows
/// from the closure's parameters, and is sealed.
pub trait Signature: Sealed + 'static {
    /// The parameters without the user data.
    type Arguments;
    /// The value that C uses until it calls.
    type Lent: Send + 'static;
    /// The function type for C: `unsafe extern "C" fn(…, *mut c_void, …) -> R`.
    type Function<R>: Copy + Send + Sync + fmt::Debug + 'static
    where
        R: 'static;

    #[doc(hidden)]
    fn function<W: Trampoline<Self::Arguments>>() -> Self::Function<W::Returned>;
}

/// A closure that C calls once, with the parameters `S`: every `FnOnce` with them that returns an [`Answer`].
#[diagnostic::on_unimplemented(
    message = "this is not a closure for a C callback",
    label = "not the parameters of a C callback, or not an answer",
    note = "it has the parameters of the C function, each with its type, and `UserData` in place of the `void *`: at most six \
            others, all `Copy`",
    note = "it returns `Result<T, E>`, or `(Result<T, E>, R)` where the C function returns `R`"
)]
pub trait CallbackFnOnce<S: Signature> {
    /// What it returns.
    type Answer: Answer;

    #[doc(hidden)]
    fn call(self, arguments: S::Arguments, data: UserData<S::Lent>) -> Self::Answer;
}

/// A closure that C calls any number of times, on any threads, with the parameters `S`: every `Fn` with them that
/// returns an [`Answer`].
#[diagnostic::on_unimplemented(
    message = "this is not a closure for a C callback",
    label = "not the parameters of a C callback, or not an answer",
    note = "it has the parameters of the C function, each with its type, and `UserData` in place of the `void *`: at most six \
            others, all `Copy`",
    note = "it returns `Result<T, E>`, or `(Result<T, E>, R)` where the C function returns `R`"
)]
pub trait CallbackFn<S: Signature> {
    /// What it returns.
    type Answer: Answer;

    #[doc(hidden)]
    fn call(&self, arguments: S::Arguments, data: UserData<S::Lent>) -> Self::Answer;
}

pub trait Sealed {}

/// Handles a call from C.
pub trait Trampoline<Arguments> {
    type Returned: 'static;

    /// # Safety
    ///
    /// `user_data` comes from this trampoline, and is in the state that it requires.
    unsafe fn fire(user_data: *mut c_void, arguments: Arguments) -> Self::Returned;
}

/// Implements the traits for the parameters before and after the user data.
macro_rules! signature {
    ($($before:ident)*; $($after:ident)*) => {
        impl<L, $($before: Copy,)* $($after: Copy,)*> Sealed for ($($before,)* UserData<L>, $($after,)*) {}

        impl<L, $($before,)* $($after,)*> Signature for ($($before,)* UserData<L>, $($after,)*)
        where
            L: Send + 'static,
            $($before: Copy + 'static,)*
            $($after: Copy + 'static,)*
        {
            type Arguments = ($($before,)* $($after,)*);
            type Lent = L;
            type Function<R> = unsafe extern "C" fn($($before,)* *mut c_void, $($after,)*) -> R where R: 'static;

            fn function<W: Trampoline<Self::Arguments>>() -> Self::Function<W::Returned> {
                #[allow(non_snake_case)]
                unsafe extern "C" fn called<W, $($before,)* $($after,)*>(
                    $($before: $before,)*
                    user_data: *mut c_void,
                    $($after: $after,)*
                ) -> W::Returned
                where
                    W: Trampoline<($($before,)* $($after,)*)>,
                {
                    // SAFETY: The obligations of a function pointer are those of its trampoline, which documents them
                    // where it hands the pointer out.
                    unsafe { W::fire(user_data, ($($before,)* $($after,)*)) }
                }
                called::<W, $($before,)* $($after,)*>
            }
        }

        #[allow(non_snake_case)]
        impl<Closure, Output, L, $($before,)* $($after,)*> CallbackFnOnce<($($before,)* UserData<L>, $($after,)*)> for Closure
        where
            Closure: FnOnce($($before,)* UserData<L>, $($after,)*) -> Output,
            Output: Answer,
            L: Send + 'static,
            $($before: Copy + 'static,)*
            $($after: Copy + 'static,)*
        {
            type Answer = Output;

            fn call(self, ($($before,)* $($after,)*): ($($before,)* $($after,)*), data: UserData<L>) -> Output {
                self($($before,)* data, $($after,)*)
            }
        }

        #[allow(non_snake_case)]
        impl<Closure, Output, L, $($before,)* $($after,)*> CallbackFn<($($before,)* UserData<L>, $($after,)*)> for Closure
        where
            Closure: Fn($($before,)* UserData<L>, $($after,)*) -> Output,
            Output: Answer,
            L: Send + 'static,
            $($before: Copy + 'static,)*
            $($after: Copy + 'static,)*
        {
            type Answer = Output;

            fn call(&self, ($($before,)* $($after,)*): ($($before,)* $($after,)*), data: UserData<L>) -> Output {
                self($($before,)* data, $($after,)*)
            }
        }
    };
}

/// Every position of the user data among these parameters.
macro_rules! places {
    ($($before:ident)*;) => { signature!($($before)*;); };
    ($($before:ident)*; $next:ident $($after:ident)*) => {
        signature!($($before)*; $next $($after)*);
        places!($($before)* $next; $($after)*);
    };
}

places!(;);
places!(; A);
places!(; A B);
places!(; A B C);
places!(; A B C D);
places!(; A B C D G);
places!(; A B C D G H);

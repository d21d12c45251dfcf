//! User data that a single call frees.
#![allow(unsafe_code)]

use std::any::type_name;
use std::ffi::c_void;
use std::fmt;
use std::marker::PhantomData;

use super::answer::Answer;
use super::lent::LentValue;
use super::options::handle_options;
use super::settler::{AnswerSettler, OnPanic, answer};
use super::signature::{CallbackFnOnce, Signature, Trampoline, UserData};

/// A callback for a library that calls exactly once, before it is handed over. See [`once`](super::once).
///
/// Dropping it fails the future with [`Dropped`](crate::CallbackError::Dropped).
#[must_use = "dropping it fails the future"]
pub struct Once<F: CallbackFnOnce<S>, S: Signature> {
    closure: F,
    settler: AnswerSettler<F::Answer>,
    lent: LentValue<S::Lent>,
}

type OnceFunction<F, S> =
    <S as Signature>::Function<<<F as CallbackFnOnce<S>>::Answer as Answer>::Returned>;

impl<F, S> Once<F, S>
where
    F: CallbackFnOnce<S> + Send + 'static,
    S: Signature,
{
    pub(super) fn new(closure: F, settler: AnswerSettler<F::Answer>, lent: S::Lent) -> Self {
        Once {
            closure,
            settler,
            lent: LentValue::new(lent),
        }
    }

    handle_options!();

    /// The lent value, to take pointers into it for C. It neither moves nor is touched until C calls. Calling this
    /// method again invalidates earlier pointers.
    pub fn lent(&mut self) -> &mut S::Lent {
        self.lent.get_mut()
    }

    /// The function and the user data for C, which owns the user data from now on.
    ///
    /// If C never calls, the user data leaks with the lent value, and the future waits, unless it has a
    /// [`deadline`](super::ForeignFuture::deadline). If the library reports that it will not call, [`abandon`] frees
    /// it.
    ///
    /// # Safety of the function
    ///
    /// It must be called
    ///
    /// - at most once, on any thread, with this user data;
    /// - with arguments that the closure may rely on;
    /// - after C's last access to the lent value.
    pub fn into_raw(self) -> (OnceFunction<F, S>, *mut c_void) {
        let data = OnceUserData::<F, S> {
            header: UserDataHeader {
                abandon: abandon_data::<F, S>,
            },
            call: self,
        };
        (S::function::<OnceTrampoline<F, S>>(), into_user_data(data))
    }

    /// Passes the function and the user data to C by `register`, which is called at once.
    ///
    /// `Err` means that the library refused the callback and will never call it: the future is rejected with the error,
    /// and the lent value returns. After `Ok`, or a panic in `register`, which does not tell what C has, all is as
    /// after [`into_raw`](Self::into_raw). The function may be called before `register` returns.
    ///
    /// # Safety of the function
    ///
    /// As with [`into_raw`](Self::into_raw). It must not be called at all if `register` returns an error.
    ///
    /// # Errors
    ///
    /// The lent value, when `register` fails.
    pub fn register<R>(
        self,
        register: impl FnOnce(
            OnceFunction<F, S>,
            *mut c_void,
        ) -> Result<R, <F::Answer as Answer>::Error>,
    ) -> Result<R, S::Lent> {
        let (function, user_data) = self.into_raw();
        register(function, user_data).map_err(|error| {
            // SAFETY: The user data is that of `into_raw`, and has not been used: `register` says that C refused it.
            let data = unsafe { Box::from_raw(user_data.cast::<OnceUserData<F, S>>()) };
            let Once { settler, lent, .. } = data.call;
            settler.reject(error);
            lent.into_inner()
        })
    }
}

impl<F: CallbackFnOnce<S>, S: Signature> fmt::Debug for Once<F, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Once")
            .field("signature", &type_name::<S>())
            .field("settler", &self.settler)
            .finish_non_exhaustive()
    }
}

/// Frees the user data of a call that will never come, with the lent value, and fails its future with
/// [`Dropped`](crate::CallbackError::Dropped). Use it for libraries that drop pending calls silently when they shut
/// down.
///
/// # Safety
///
/// `user_data` comes from [`Once::into_raw`], or from a [`Once::register`] that does not return an error. The library
/// has not called with it, will not call, and no longer uses the lent value. It has not been abandoned before.
pub unsafe fn abandon(user_data: *mut c_void) {
    // SAFETY: It points to `Data`, which begins with its header, and the caller grants that it is still there.
    let abandon = unsafe { (*user_data.cast::<UserDataHeader>()).abandon };
    // SAFETY: The header is that of this very data, which the caller gives up.
    unsafe { abandon(user_data) }
}

/// The target of the user data.
#[repr(C)]
struct OnceUserData<F: CallbackFnOnce<S>, S: Signature> {
    header: UserDataHeader,
    call: Once<F, S>,
}

/// What is known of user data without the closure's type. It is at the start of each.
struct UserDataHeader {
    abandon: unsafe fn(*mut c_void),
}

/// Checks that the data may move to other threads, which a pointer would not say.
fn into_user_data<T: Send + 'static>(data: T) -> *mut c_void {
    Box::into_raw(Box::new(data)).cast()
}

/// # Safety
///
/// `user_data` is that of a [`Once`] of these types and has not been used.
unsafe fn abandon_data<F: CallbackFnOnce<S>, S: Signature>(user_data: *mut c_void) {
    // SAFETY: By the contract above it is the pointer of `into_raw`, with the types that went into it.
    drop(unsafe { Box::from_raw(user_data.cast::<OnceUserData<F, S>>()) });
}

/// Frees the user data and calls the closure.
pub(super) struct OnceTrampoline<F, S>(PhantomData<(F, S)>);

impl<F, S> Trampoline<S::Arguments> for OnceTrampoline<F, S>
where
    F: CallbackFnOnce<S> + Send + 'static,
    S: Signature,
{
    type Returned = <F::Answer as Answer>::Returned;

    unsafe fn fire(user_data: *mut c_void, arguments: S::Arguments) -> Self::Returned {
        // SAFETY: C was told to call once, with the pointer that it got beside this function: that of a box of this type,
        // which nobody else has. It may be used and freed on any thread, as it is `Send`.
        let data = unsafe { Box::from_raw(user_data.cast::<OnceUserData<F, S>>()) };
        let Once {
            closure,
            settler,
            lent,
        } = data.call;
        let (on_panic, here) = (settler.on_panic, settler.here.clone());
        answer(
            on_panic,
            &here,
            move || closure.call(arguments, UserData(lent.into_inner())),
            || Some(settler),
        )
    }
}

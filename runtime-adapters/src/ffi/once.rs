//! User data that the one call frees.
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

/// A callback for a library that calls it exactly once, before it is handed over. See [`once`](super::once).
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

    /// What is lent, to take pointers into it for C. It neither moves nor is touched until C calls; the next call of this
    /// method ends the validity of the pointers that were taken before.
    pub fn lent(&mut self) -> &mut S::Lent {
        self.lent.get_mut()
    }

    /// The function and the user data for C, which owns the user data from now on.
    ///
    /// If C never calls, the user data leaks, and what was lent with it; the future waits, unless it has a
    /// [`deadline`](super::ForeignFuture::deadline). [`abandon`] frees it where the library says that it will not call.
    ///
    /// # Safety of the function
    ///
    /// It is to be called
    ///
    /// - once at most, on whatever thread, with this user data;
    /// - with arguments that the closure may rely on;
    /// - when C has made its last access to what was lent.
    pub fn into_raw(self) -> (OnceFunction<F, S>, *mut c_void) {
        let data = OnceUserData::<F, S> {
            header: UserDataHeader {
                abandon: abandon_data::<F, S>,
            },
            call: self,
        };
        (S::function::<OnceTrampoline<F, S>>(), into_user_data(data))
    }

    /// Hands the function and the user data to C by `register`, which is called at once.
    ///
    /// With `Err` the library has refused the callback and will never call it: the future is rejected with the error, and
    /// what was lent comes back. With `Ok` all is as after [`into_raw`](Self::into_raw), and so is it after a panic in
    /// `register`, as it does not tell what C has. The function may be called before `register` is over.
    ///
    /// # Safety of the function
    ///
    /// As with [`into_raw`](Self::into_raw); and it must not be called if `register` returns an error, neither before nor
    /// after.
    ///
    /// # Errors
    ///
    /// What was lent, when `register` fails.
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

/// Frees the user data of a call that will never come, with what was lent, and fails its future with
/// [`Dropped`](crate::CallbackError::Dropped): for libraries that drop what is pending without a word when they are shut down.
///
/// # Safety
///
/// `user_data` comes from [`Once::into_raw`], or from [`Once::register`] if that has not returned an error and is not going to. The
/// library has not called with it, is not going to, and does not use what was lent any more. It has not been abandoned
/// before.
pub unsafe fn abandon(user_data: *mut c_void) {
    // SAFETY: It points to `Data`, which begins with its header, and the caller grants that it is still there.
    let abandon = unsafe { (*user_data.cast::<UserDataHeader>()).abandon };
    // SAFETY: The header is that of this very data, which the caller gives up.
    unsafe { abandon(user_data) }
}

/// What the user data points to.
#[repr(C)]
struct OnceUserData<F: CallbackFnOnce<S>, S: Signature> {
    header: UserDataHeader,
    call: Once<F, S>,
}

/// What can be done with user data by those who do not know the closure's type. At the start of all of them.
struct UserDataHeader {
    abandon: unsafe fn(*mut c_void),
}

/// A pointer says nothing about threads, so it is here that what C takes to others is checked.
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

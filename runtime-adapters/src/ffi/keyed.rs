//! User data that is a key, not a pointer: C may use it as often and as late as it likes.
#![allow(unsafe_code)] // For the signature of `fire`; there is no unsafe block.

use std::any::{Any, type_name};
use std::ffi::c_void;
use std::fmt;
use std::marker::PhantomData;

use super::answer::Answer;
use super::lent::LentValue;
use super::options::handle_options;
use super::registry::{Key, registry};
use super::settler::{AnswerSettler, OnPanic, answer};
use super::signature::{CallbackFnOnce, Signature, Trampoline, UserData};

registry!(KEYS, Box<dyn Any + Send>);

/// A callback for a library that may call more than once, before it is handed over. See [`keyed`](super::keyed).
///
/// Dropping it fails the future with [`Dropped`](crate::CallbackError::Dropped).
#[must_use = "dropping it fails the future"]
pub struct Keyed<F: CallbackFnOnce<S>, S: Signature> {
    closure: F,
    settler: AnswerSettler<F::Answer>,
    lent: LentValue<S::Lent>,
    /// Whether C uses a lent value, which then outlives the future.
    is_lending: bool,
}

type KeyedFunction<F, S> =
    <S as Signature>::Function<<<F as CallbackFnOnce<S>>::Answer as Answer>::Returned>;

impl<F, S> Keyed<F, S>
where
    F: CallbackFnOnce<S> + Send + 'static,
    S: Signature,
{
    pub(super) fn new(
        closure: F,
        settler: AnswerSettler<F::Answer>,
        lent: S::Lent,
        is_lending: bool,
    ) -> Self {
        Keyed {
            closure,
            settler,
            lent: LentValue::new(lent),
            is_lending,
        }
    }

    handle_options!();

    /// The lent value, to take pointers into it for C. It neither moves nor is touched until C calls. Calling this
    /// method again invalidates earlier pointers.
    pub fn lent(&mut self) -> &mut S::Lent {
        self.lent.get_mut()
    }

    /// The function and the key for C. The closure is kept until the first call or, if nothing is lent, until the
    /// future is dropped.
    ///
    /// # Safety of the function
    ///
    /// It may be called with any user data, at any time, on any thread. With this key it must be called
    ///
    /// - with arguments that the closure may rely on;
    /// - the first time, after C's last access to the lent value.
    pub fn into_raw(self) -> (KeyedFunction<F, S>, *mut c_void) {
        let (function, key) = self.into_key();
        (function, key.into_user_data())
    }

    /// Passes the function and the key to C by `register`, which is called at once.
    ///
    /// `Err` means that the library refused the callback: the future is rejected with the error, and the lent value
    /// returns, unless the function has been called. After `Ok`, or a panic in `register`, all is as after
    /// [`into_raw`](Self::into_raw).
    ///
    /// # Safety of the function
    ///
    /// As with [`into_raw`](Self::into_raw). If `register` returns an error, C must no longer use the lent value.
    ///
    /// # Errors
    ///
    /// The lent value, when `register` fails. `None` if the closure has it, or the future was dropped.
    pub fn register<R>(
        self,
        register: impl FnOnce(
            KeyedFunction<F, S>,
            *mut c_void,
        ) -> Result<R, <F::Answer as Answer>::Error>,
    ) -> Result<R, Option<S::Lent>> {
        let (function, key) = self.into_key();
        register(function, key.into_user_data()).map_err(|error| {
            let Keyed { settler, lent, .. } = take::<F, S>(key)?;
            settler.reject(error);
            Some(lent.into_inner())
        })
    }

    fn into_key(self) -> (KeyedFunction<F, S>, Key) {
        let key = KEYS.vacant_key();
        let is_lending = self.is_lending;
        if !is_lending {
            self.settler.on_cancel(move || drop(KEYS.remove(key)));
        }
        KEYS.insert(key, Box::new(self));
        if !is_lending {
            // The future may have been dropped before the insert.
            let is_late = |kept: &Box<dyn Any + Send>| {
                kept.downcast_ref::<Self>()
                    .is_some_and(|call| call.settler.is_cancelled())
            };
            drop(KEYS.remove_if(key, is_late));
        }
        (S::function::<KeyedTrampoline<F, S>>(), key)
    }
}

/// Takes the callback of this key, if it has these types and was not called.
fn take<F, S>(key: Key) -> Option<Keyed<F, S>>
where
    F: CallbackFnOnce<S> + Send + 'static,
    S: Signature,
{
    let kept = KEYS.remove_if(key, |kept| kept.is::<Keyed<F, S>>())?;
    kept.downcast().ok().map(|call| *call)
}

impl<F: CallbackFnOnce<S>, S: Signature> fmt::Debug for Keyed<F, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyed")
            .field("signature", &type_name::<S>())
            .field("settler", &self.settler)
            .finish_non_exhaustive()
    }
}

/// Looks the key up, and calls the closure if it is there.
pub(super) struct KeyedTrampoline<F, S>(PhantomData<(F, S)>);

impl<F, S> Trampoline<S::Arguments> for KeyedTrampoline<F, S>
where
    F: CallbackFnOnce<S> + Send + 'static,
    S: Signature,
{
    type Returned = <F::Answer as Answer>::Returned;

    unsafe fn fire(user_data: *mut c_void, arguments: S::Arguments) -> Self::Returned {
        let Some(Keyed {
            closure,
            settler,
            lent,
            ..
        }) = Key::from_user_data(user_data).and_then(take::<F, S>)
        else {
            return F::Answer::fallback();
        };
        let (on_panic, here) = (settler.on_panic, settler.here.clone());
        answer(
            on_panic,
            &here,
            move || closure.call(arguments, UserData(lent.into_inner())),
            || Some(settler),
        )
    }
}

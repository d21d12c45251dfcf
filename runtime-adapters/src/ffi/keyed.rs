//! User data that is no pointer: a key that C may use as often and as late as it likes.
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

/// A callback for a library that is not trusted to call once, before it is handed over. See [`keyed`](super::keyed).
///
/// Dropping it fails the future with [`Dropped`](crate::CallbackError::Dropped).
#[must_use = "dropping it fails the future"]
pub struct Keyed<F: CallbackFnOnce<S>, S: Signature> {
    closure: F,
    settler: AnswerSettler<F::Answer>,
    lent: LentValue<S::Lent>,
    /// Whether C works on what is lent, so that it has to stay when the future is gone.
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

    /// What is lent, to take pointers into it for C. It neither moves nor is touched until C calls; the next call of this
    /// method ends the validity of the pointers that were taken before.
    pub fn lent(&mut self) -> &mut S::Lent {
        self.lent.get_mut()
    }

    /// The function and the key for C. The closure is kept until the first call or, with nothing lent, until the future is
    /// dropped.
    ///
    /// # Safety of the function
    ///
    /// It may be called with any user data, at any time, on any thread. With this key it is to be called
    ///
    /// - with arguments that the closure may rely on;
    /// - the first time, when C has made its last access to what was lent.
    pub fn into_raw(self) -> (KeyedFunction<F, S>, *mut c_void) {
        let (function, key) = self.into_key();
        (function, key.into_user_data())
    }

    /// Hands the function and the key to C by `register`, which is called at once.
    ///
    /// With `Err` the library has refused the callback: the future is rejected with the error and what was lent comes back,
    /// unless the function has been called. With `Ok` all is as after [`into_raw`](Self::into_raw), and so is it after a panic
    /// in `register`.
    ///
    /// # Safety of the function
    ///
    /// As with [`into_raw`](Self::into_raw); and if `register` returns an error, C must not use what was lent any more.
    ///
    /// # Errors
    ///
    /// What was lent, when `register` fails. `None` if it has gone to the closure, or the future was dropped meanwhile.
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
            // The future was dropped before there was something to remove.
            let is_late = |kept: &Box<dyn Any + Send>| {
                kept.downcast_ref::<Self>()
                    .is_some_and(|call| call.settler.is_cancelled())
            };
            drop(KEYS.remove_if(key, is_late));
        }
        (S::function::<KeyedTrampoline<F, S>>(), key)
    }
}

/// What the key stands for, if that is a call of these types which has not been made.
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

/// Looks the key up and calls the closure if it is still there.
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

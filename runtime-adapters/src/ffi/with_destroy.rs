//! User data that C says when it is done with.
//!
//! It is a key, and not a pointer with a count behind it: a thread of C's may have entered the function, and not reached the
//! count yet, when another thread destroys. Nothing that the pointer leads to could tell it that it is late.
#![allow(unsafe_code)] // For the signature of `fire`; there is no unsafe block.

use std::any::{Any, type_name};
use std::convert::Infallible;
use std::ffi::c_void;
use std::fmt;
use std::marker::PhantomData;
// Loom's cannot be made one of a trait object. What is explored is who finds and drops what, not the count.
use std::sync::{Arc, PoisonError};

use super::answer::Answer;
use super::options::handle_options;
use super::registry::{Key, registry};
use super::settler::{AnswerSettler, OnPanic, answer, contain, discard};
use super::signature::{CallbackFn, Signature, Trampoline, UserData};
use crate::callback::Resolver;
use crate::span::CapturedSpan;
use crate::sync::{Mutex, lock};

registry!(CALLS, Arc<dyn DestroyableEntry>);

/// A callback for a library that destroys its user data, before it is handed over. See
/// [`with_destroy`](super::with_destroy).
///
/// Dropping it fails the future with [`Dropped`](crate::CallbackError::Dropped).
#[must_use = "dropping it fails the future"]
pub struct WithDestroy<F: CallbackFn<S>, S: Signature> {
    closure: F,
    settler: AnswerSettler<F::Answer>,
    destroyed: Resolver<Infallible, Infallible>,
    signature: PhantomData<fn() -> S>,
}

type WithDestroyFunction<F, S> =
    <S as Signature>::Function<<<F as CallbackFn<S>>::Answer as Answer>::Returned>;

/// The function that C calls when it is done with its user data. It is safe to call with anything; what is not a key, or not
/// one any more, is ignored.
pub type DestroyFunction = extern "C" fn(*mut c_void);

impl<F, S> WithDestroy<F, S>
where
    F: CallbackFn<S> + Send + Sync + 'static,
    S: Signature<Lent = ()>,
{
    pub(super) fn new(
        closure: F,
        settler: AnswerSettler<F::Answer>,
        destroyed: Resolver<Infallible, Infallible>,
    ) -> Self {
        WithDestroy {
            closure,
            settler,
            destroyed,
            signature: PhantomData,
        }
    }

    handle_options!();

    /// The function, the user data and the destroy function for C. The closure is kept until C destroys the user data.
    ///
    /// # Safety of the function
    ///
    /// It may be called with any user data, at any time, on any threads at once. With this one it is to be called with
    /// arguments that the closure may rely on.
    pub fn into_raw(self) -> (WithDestroyFunction<F, S>, *mut c_void, DestroyFunction) {
        let (function, key, _) = self.into_entry();
        (function, key.into_user_data(), destroy)
    }

    /// Hands the function, the user data and the destroy function to C by `register`, which is called at once.
    ///
    /// With `Err` the library has refused the callback: the user data is destroyed, whether or not the library does it too,
    /// and the future is rejected with the error unless a call has settled it. With `Ok` all is as after
    /// [`into_raw`](Self::into_raw), and so is it after a panic in `register`.
    ///
    /// # Safety of the function
    ///
    /// As with [`into_raw`](Self::into_raw).
    ///
    /// `None` when `register` fails, as its error goes to the future.
    pub fn register<R>(
        self,
        register: impl FnOnce(
            WithDestroyFunction<F, S>,
            *mut c_void,
            DestroyFunction,
        ) -> Result<R, <F::Answer as Answer>::Error>,
    ) -> Option<R> {
        let (function, key, entry) = self.into_entry();
        let registered = register(function, key.into_user_data(), destroy);
        let registered = registered.map_err(|error| {
            let settler = entry.take_settler();
            destroy(key.into_user_data());
            if let Some(settler) = settler {
                settler.reject(error);
            }
        });
        entry.give_up();
        registered.ok()
    }

    fn into_entry(self) -> (WithDestroyFunction<F, S>, Key, Arc<DestroyEntry<F, S>>) {
        let key = CALLS.vacant_key();
        let WithDestroy {
            closure,
            settler,
            destroyed,
            ..
        } = self;
        let (on_panic, here) = (settler.on_panic, settler.here.clone());
        let settler = Mutex::new(Some(settler));
        let entry = Arc::new(DestroyEntry {
            closure,
            on_panic,
            here,
            settler,
            destroyed,
            signature: PhantomData,
        });
        CALLS.insert(key, Arc::clone(&entry) as _);
        (S::function::<DestroyTrampoline<F, S>>(), key, entry)
    }
}

impl<F: CallbackFn<S>, S: Signature> fmt::Debug for WithDestroy<F, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let signature = type_name::<S>();
        f.debug_struct("WithDestroy")
            .field("signature", &signature)
            .field("settler", &self.settler)
            .finish_non_exhaustive()
    }
}

/// What the key stands for. The calls that run hold it too, so that it outlives the last of them.
struct DestroyEntry<F: CallbackFn<S>, S: Signature> {
    closure: F,
    on_panic: OnPanic,
    here: CapturedSpan,
    /// There until the first answer that settles.
    settler: Mutex<Option<AnswerSettler<F::Answer>>>,
    /// Dropped when C is done and no call runs.
    destroyed: Resolver<Infallible, Infallible>,
    signature: PhantomData<fn() -> S>,
}

impl<F: CallbackFn<S>, S: Signature> DestroyEntry<F, S> {
    fn take_settler(&self) -> Option<AnswerSettler<F::Answer>> {
        lock(&self.settler).take()
    }
}

/// An [`DestroyEntry`] of any type.
trait DestroyableEntry: Any + Send + Sync {
    /// Gives up one share of the entry, and drops all that is in it with the last one. Panics do not leave it.
    fn give_up(self: Arc<Self>);
}

impl<F, S> DestroyableEntry for DestroyEntry<F, S>
where
    F: CallbackFn<S> + Send + Sync + 'static,
    S: Signature,
{
    fn give_up(self: Arc<Self>) {
        let Some(entry) = Arc::into_inner(self) else {
            return;
        };
        let DestroyEntry {
            closure,
            on_panic,
            settler,
            destroyed,
            ..
        } = entry;
        let dropped = contain(on_panic, move || drop(closure));
        let settler = settler.into_inner().unwrap_or_else(PoisonError::into_inner);
        match (dropped, settler) {
            (Err(payload), Some(settler)) => settler.fail(payload),
            (Err(payload), None) => discard(payload),
            (Ok(()), settler) => contain(on_panic, move || drop(settler)).unwrap_or_else(discard),
        }
        contain(on_panic, move || drop(destroyed)).unwrap_or_else(discard);
    }
}

fn find<F, S>(key: Key) -> Option<Arc<DestroyEntry<F, S>>>
where
    F: CallbackFn<S> + Send + Sync + 'static,
    S: Signature,
{
    let entry: Arc<dyn Any + Send + Sync> = CALLS.get_if(key, |entry| {
        let entry: &dyn Any = &**entry;
        entry.is::<DestroyEntry<F, S>>()
    })?;
    Arc::downcast(entry).ok()
}

/// What C calls when it is done.
extern "C" fn destroy(user_data: *mut c_void) {
    if let Some(entry) = Key::from_user_data(user_data).and_then(|key| CALLS.remove(key)) {
        entry.give_up();
    }
}

/// Looks the key up and calls the closure if it is still there.
pub(super) struct DestroyTrampoline<F, S>(PhantomData<(F, S)>);

impl<F, S> Trampoline<S::Arguments> for DestroyTrampoline<F, S>
where
    F: CallbackFn<S> + Send + Sync + 'static,
    S: Signature<Lent = ()>,
{
    type Returned = <F::Answer as Answer>::Returned;

    unsafe fn fire(user_data: *mut c_void, arguments: S::Arguments) -> Self::Returned {
        let Some(entry) = Key::from_user_data(user_data).and_then(find::<F, S>) else {
            return F::Answer::fallback();
        };
        let called = || entry.closure.call(arguments, UserData(()));
        let returned = answer(entry.on_panic, &entry.here, called, || entry.take_settler());
        entry.give_up();
        returned
    }
}

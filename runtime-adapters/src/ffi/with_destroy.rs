//! User data that C destroys when it is done.
//!
//! It is a key, not a pointer with a reference count: one thread of C may have entered the function without having
//! reached the count yet when another one destroys. Nothing behind the pointer could tell it so.
#![allow(unsafe_code)] // For the signature of `fire`; there is no unsafe block.

use std::any::{Any, type_name};
use std::convert::Infallible;
use std::ffi::c_void;
use std::fmt;
use std::marker::PhantomData;
// Loom's `Arc` does not coerce to a trait object. Loom explores who finds and drops the entry, not the count.
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

/// The function that C calls when it is done with its user data. It is safe to call with anything: it ignores what is
/// not a valid key.
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
    /// It may be called with any user data, at any time, on any threads at once. With this one it must be called with
    /// arguments that the closure may rely on.
    pub fn into_raw(self) -> (WithDestroyFunction<F, S>, *mut c_void, DestroyFunction) {
        let (function, key, _) = self.into_entry();
        (function, key.into_user_data(), destroy)
    }

    /// Passes the function, the user data and the destroy function to C by `register`, which is called at once.
    ///
    /// `Err` means that the library refused the callback: the user data is destroyed, even if the library does so, too,
    /// and the future is rejected with the error, unless a call has settled it. After `Ok`, or a panic in `register`,
    /// all is as after [`into_raw`](Self::into_raw).
    ///
    /// # Safety of the function
    ///
    /// As with [`into_raw`](Self::into_raw).
    ///
    /// Returns `None` when `register` fails; the error goes to the future.
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

/// The value of the key. Running calls hold it, too, so it outlives the last of them.
struct DestroyEntry<F: CallbackFn<S>, S: Signature> {
    closure: F,
    on_panic: OnPanic,
    here: CapturedSpan,
    /// `None` after the first answer that settles.
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

/// A [`DestroyEntry`] of any type.
trait DestroyableEntry: Any + Send + Sync {
    /// Releases one share of the entry. The last one drops everything in it. It catches panics.
    fn give_up(self: Arc<Self>);

    fn as_any(&self) -> &dyn Any;

    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync>;
}

impl<F, S> DestroyableEntry for DestroyEntry<F, S>
where
    F: CallbackFn<S> + Send + Sync + 'static,
    S: Signature,
{
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn into_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }

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
    let entry = CALLS.get_if(key, |entry| (**entry).as_any().is::<DestroyEntry<F, S>>())?;
    Arc::downcast(entry.into_any()).ok()
}

/// Called by C when it is done.
extern "C" fn destroy(user_data: *mut c_void) {
    if let Some(entry) = Key::from_user_data(user_data).and_then(|key| CALLS.remove(key)) {
        entry.give_up();
    }
}

/// Looks the key up, and calls the closure if it is there.
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

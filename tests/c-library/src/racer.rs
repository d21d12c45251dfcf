//! Two threads and a slot.

use std::ffi::{c_char, c_int, c_void};
use std::ptr::{NonNull, null_mut};

use conjoin_adapters::ffi::{
    Answer, CallbackFn, CallbackFnOnce, DestroyFunction, FinalAnswer, Keyed, Once, UserData,
    WithDestroy,
};

#[repr(C)]
struct RawRacer([u8; 0]);

type Each = unsafe extern "C" fn(*mut c_void, c_int) -> c_int;

unsafe extern "C" {
    fn racer_new() -> NonNull<RawRacer>;
    fn racer_wait(racer: NonNull<RawRacer>);
    fn racer_free(racer: NonNull<RawRacer>);
    fn racer_post(
        racer: NonNull<RawRacer>,
        calls: c_int,
        each: Each,
        user: *mut c_void,
        destroy: Option<DestroyFunction>,
        into: *mut c_char,
        length: usize,
    );
}

/// The parameters of what it calls.
pub type Parameters<L = ()> = (UserData<L>, c_int);

/// A thread that calls what is posted to it, at once.
#[derive(Debug)]
pub struct Racer(NonNull<RawRacer>);

impl Racer {
    /// Starts the thread.
    #[must_use]
    #[allow(clippy::new_without_default)]
    pub fn new() -> Self {
        // SAFETY: It asks for nothing.
        Racer(unsafe { racer_new() })
    }

    /// Calls once.
    pub fn once<F>(&self, call: Once<F, Parameters>)
    where
        F: CallbackFnOnce<Parameters, Answer: FinalAnswer<Returned = c_int>> + Send + 'static,
    {
        let (each, user) = call.into_raw();
        // SAFETY: It is called once.
        unsafe { racer_post(self.0, 1, each, user, None, null_mut(), 0) };
    }

    /// Fills the buffer and calls once.
    pub fn fill<F>(&self, mut call: Once<F, Parameters<Vec<u8>>>)
    where
        F: CallbackFnOnce<Parameters<Vec<u8>>, Answer: FinalAnswer<Returned = c_int>>
            + Send
            + 'static,
    {
        let buffer = call.lent();
        let (into, length) = (buffer.as_mut_ptr().cast(), buffer.len());
        let (each, user) = call.into_raw();
        // SAFETY: It is called once, after the buffer has been filled.
        unsafe { racer_post(self.0, 1, each, user, None, into, length) };
    }

    /// Calls so often.
    pub fn keyed<F>(&self, calls: c_int, call: Keyed<F, Parameters>)
    where
        F: CallbackFnOnce<Parameters, Answer: FinalAnswer<Returned = c_int>> + Send + 'static,
    {
        let (each, user) = call.into_raw();
        // SAFETY: The user data is a key.
        unsafe { racer_post(self.0, calls, each, user, None, null_mut(), 0) };
    }

    /// Calls so often, and destroys. What it destroys with comes back, for a race to it.
    pub fn with_destroy<F>(
        &self,
        calls: c_int,
        call: WithDestroy<F, Parameters>,
    ) -> impl FnOnce() + use<F>
    where
        F: CallbackFn<Parameters, Answer: Answer<Returned = c_int>> + Send + Sync + 'static,
    {
        let (each, user, destroy) = call.into_raw();
        // SAFETY: The user data is a key.
        unsafe { racer_post(self.0, calls, each, user, Some(destroy), null_mut(), 0) };
        move || destroy(user)
    }

    /// Waits until all that was posted has been called.
    pub fn wait(&self) {
        // SAFETY: The racer is there as long as `self`.
        unsafe { racer_wait(self.0) };
    }
}

impl Drop for Racer {
    fn drop(&mut self) {
        // SAFETY: It was made by `racer_new` and is freed here only.
        unsafe { racer_free(self.0) };
    }
}

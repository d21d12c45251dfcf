//! The pool of threads.

use std::ffi::{c_char, c_double, c_float, c_int, c_long, c_schar, c_short, c_void};
use std::ptr::NonNull;

use conjoin_adapters::ffi::{
    self, Answer, AnswerFuture, CallbackFn, CallbackFnOnce, DestroyFunction, FinalAnswer, Keyed,
    Once, UserData, WithDestroy,
};

#[repr(C)]
struct RawPool([u8; 0]);

type Done = unsafe extern "C" fn(c_int, c_double, *mut c_void);
type Each = unsafe extern "C" fn(*mut c_void, c_int) -> c_int;
type Filled = unsafe extern "C" fn(isize, *mut c_void);
type Wide =
    unsafe extern "C" fn(c_schar, c_short, c_int, *mut c_void, c_long, c_float, c_double) -> c_int;

unsafe extern "C" {
    fn pool_new(threads: usize) -> NonNull<RawPool>;
    fn pool_hold(pool: NonNull<RawPool>, is_held: bool);
    fn pool_free(pool: NonNull<RawPool>);
    fn pool_call(
        pool: NonNull<RawPool>,
        id: c_int,
        calls: c_int,
        done: Done,
        user: *mut c_void,
    ) -> c_int;
    fn pool_call_now(id: c_int, done: Done, user: *mut c_void);
    fn pool_fill(
        pool: NonNull<RawPool>,
        into: *mut c_char,
        length: usize,
        filled: Filled,
        user: *mut c_void,
    );
    fn pool_each(
        pool: NonNull<RawPool>,
        count: c_int,
        destroy_at: c_int,
        each: Each,
        user: *mut c_void,
        destroy: DestroyFunction,
    );
    #[link_name = "call_wide"]
    fn raw_call_wide(wide: Wide, user: *mut c_void) -> c_int;
}

/// The parameters of `done`.
pub type DoneParameters = (c_int, c_double, UserData);
/// The parameters of `each`.
pub type EachParameters = (UserData, c_int);
/// The parameters of `filled`.
pub type FilledParameters = (isize, UserData<Vec<u8>>);

/// What the pool says to a job that it does not take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused(pub c_int);

/// Threads that call back. Dropping it waits for its jobs.
#[derive(Debug)]
pub struct Pool(NonNull<RawPool>);

// SAFETY: All functions of the pool lock it.
unsafe impl Send for Pool {}
// SAFETY: As above.
unsafe impl Sync for Pool {}

impl Pool {
    /// With so many threads.
    #[must_use]
    pub fn new(threads: usize) -> Self {
        // SAFETY: It asks for nothing.
        Pool(unsafe { pool_new(threads) })
    }

    /// While it is held, no job begins.
    pub fn hold(&self, is_held: bool) {
        // SAFETY: The pool is there as long as `self`.
        unsafe { pool_hold(self.0, is_held) };
    }

    /// Calls once, with half as much again. The id 0 is refused, and negative ones fail.
    pub fn call<F>(&self, id: c_int, call: Once<F, DoneParameters>) -> Option<()>
    where
        F: CallbackFnOnce<DoneParameters, Answer: FinalAnswer<Returned = (), Error = Refused>>
            + Send
            + 'static,
    {
        // SAFETY: It is called once if it is not refused, and the closure is given numbers.
        let pushed =
            call.register(|done, user| refused(unsafe { pool_call(self.0, id, 1, done, user) }));
        pushed.ok()
    }

    /// Takes the user data and forgets it; it comes back for [`ffi::abandon`].
    pub fn forget<F>(&self, id: c_int, call: Once<F, DoneParameters>) -> Forgotten
    where
        F: CallbackFnOnce<DoneParameters, Answer: FinalAnswer<Returned = ()>> + Send + 'static,
    {
        let (done, user) = call.into_raw();
        // SAFETY: It is not called at all.
        unsafe { pool_call(self.0, id, 0, done, user) };
        Forgotten(user)
    }

    /// Calls as often as it is told to. The id 0 is refused.
    pub fn call_keyed<F>(
        &self,
        id: c_int,
        calls: c_int,
        call: Keyed<F, DoneParameters>,
    ) -> Option<()>
    where
        F: CallbackFnOnce<DoneParameters, Answer: FinalAnswer<Returned = (), Error = Refused>>
            + Send
            + 'static,
    {
        // SAFETY: The user data is a key, and the closure is given numbers.
        let pushed = call
            .register(|done, user| refused(unsafe { pool_call(self.0, id, calls, done, user) }));
        pushed.ok()
    }

    /// Fills the buffer that the call lends to its end. What comes back has the length that C says.
    pub fn fill<F>(&self, mut call: Once<F, FilledParameters>)
    where
        F: CallbackFnOnce<FilledParameters, Answer: FinalAnswer<Returned = ()>> + Send + 'static,
    {
        let (into, length) = parts(call.lent());
        let (filled, user) = call.into_raw();
        // SAFETY: It calls once, after it has filled the buffer, which is of this length.
        unsafe { pool_fill(self.0, into, length, filled, user) };
    }

    /// As [`fill`](Self::fill).
    pub fn fill_keyed<F>(&self, mut call: Keyed<F, FilledParameters>)
    where
        F: CallbackFnOnce<FilledParameters, Answer: FinalAnswer<Returned = ()>> + Send + 'static,
    {
        let (into, length) = parts(call.lent());
        let (filled, user) = call.into_raw();
        // SAFETY: It calls after it has filled the buffer, which is of this length.
        unsafe { pool_fill(self.0, into, length, filled, user) };
    }

    /// Calls with 0 to `count - 1`, on all threads at once. The call with the number `destroy_at` in time destroys first;
    /// with a number past the end it is done after the last call.
    pub fn each<F>(&self, count: c_int, destroy_at: c_int, call: WithDestroy<F, EachParameters>)
    where
        F: CallbackFn<EachParameters, Answer: Answer<Returned = c_int>> + Send + Sync + 'static,
    {
        let (each, user, destroy) = call.into_raw();
        // SAFETY: The user data is a key, and the closure is given numbers.
        unsafe { pool_each(self.0, count, destroy_at, each, user, destroy) };
    }

    /// As [`each`](Self::each), and destroys when what it returns is called, if that is earlier.
    pub fn each_destroyed<F>(
        &self,
        count: c_int,
        call: WithDestroy<F, EachParameters>,
    ) -> impl Fn() + Send + Sync + use<F>
    where
        F: CallbackFn<EachParameters, Answer: Answer<Returned = c_int>> + Send + Sync + 'static,
    {
        let (each, user, destroy) = call.into_raw();
        // SAFETY: The user data is a key, and the closure is given numbers.
        unsafe { pool_each(self.0, count, count, each, user, destroy) };
        let key = user.addr();
        move || destroy(std::ptr::without_provenance_mut(key))
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        // SAFETY: It was made by `pool_new` and is freed here only.
        unsafe { pool_free(self.0) };
    }
}

fn refused(code: c_int) -> Result<(), Refused> {
    if code == 0 {
        Ok(())
    } else {
        Err(Refused(code))
    }
}

fn parts(buffer: &mut Vec<u8>) -> (*mut c_char, usize) {
    (buffer.as_mut_ptr().cast(), buffer.len())
}

/// User data that no call will come for.
#[derive(Debug)]
pub struct Forgotten(*mut c_void);

impl Forgotten {
    /// Frees it.
    pub fn abandon(self) {
        // SAFETY: `Pool::forget` is where it comes from, and that does not call.
        unsafe { ffi::abandon(self.0) };
    }
}

/// Calls before it returns.
pub fn call_now<F>(id: c_int, call: Once<F, DoneParameters>)
where
    F: CallbackFnOnce<DoneParameters, Answer: FinalAnswer<Returned = ()>> + Send + 'static,
{
    let (done, user) = call.into_raw();
    // SAFETY: It is called once, and the closure is given numbers.
    unsafe { pool_call_now(id, done, user) };
}

/// Calls with 1, 2, 3, the user data, 4, 5 and 6, and returns what it gets.
pub fn call_wide<F, A>(closure: F) -> (c_int, AnswerFuture<A>)
where
    F: FnOnce(c_schar, c_short, c_int, UserData, c_long, c_float, c_double) -> A + Send + 'static,
    A: FinalAnswer<Returned = c_int>,
{
    let (call, future) = ffi::once(closure);
    let (wide, user) = call.into_raw();
    // SAFETY: It is called once, and the closure is given numbers.
    (unsafe { raw_call_wide(wide, user) }, future)
}

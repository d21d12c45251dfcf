//! What `concurrent!` adds: exits that leave in source order.

use core::convert::Infallible;
use core::future::Future;
use core::ops::ControlFlow;
use core::pin::Pin;
use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use core::task::{Context, Poll, Waker};

/// The operands of a `?`: tells whether the `?` would leave.
///
/// A call through a reference finds this trait first, and [`NeverExits`] for every other type. So rustc alone reports a `?`
/// that follows something else.
pub trait MayExit {
    fn __conjoin_exits(&self) -> bool;
}

impl<T, E> MayExit for Result<T, E> {
    #[inline]
    fn __conjoin_exits(&self) -> bool {
        self.is_err()
    }
}

impl<T> MayExit for Option<T> {
    #[inline]
    fn __conjoin_exits(&self) -> bool {
        self.is_none()
    }
}

impl<B, C> MayExit for ControlFlow<B, C> {
    #[inline]
    fn __conjoin_exits(&self) -> bool {
        self.is_break()
    }
}

impl<T, E> MayExit for Poll<Result<T, E>> {
    #[inline]
    fn __conjoin_exits(&self) -> bool {
        matches!(self, Poll::Ready(Err(_)))
    }
}

impl<T, E> MayExit for Poll<Option<Result<T, E>>> {
    #[inline]
    fn __conjoin_exits(&self) -> bool {
        matches!(self, Poll::Ready(Some(Err(_))))
    }
}

/// Every other type, whose `?` rustc reports.
pub trait NeverExits {
    #[inline]
    fn __conjoin_exits(&self) -> bool {
        false
    }
}

impl<T: ?Sized> NeverExits for &T {}

/// Whether the code of a child has completed. Its future resolves only if the code leaves the whole block.
#[derive(Debug, Default)]
pub struct Completion(AtomicBool);

impl Completion {
    #[inline]
    #[must_use]
    pub const fn new() -> Self {
        Completion(AtomicBool::new(false))
    }

    /// Awaited at the end of the code. It never resolves, so it has any type that the block has.
    #[inline]
    pub fn reach<T>(&self) -> Reach<'_, T> {
        Reach(self, core::marker::PhantomData)
    }

    /// The value with which the code leaves the block, or `None` if it has completed.
    #[inline]
    pub fn or_exit<'c, F: Future>(&'c self, code: Pin<&'c mut F>) -> OrExit<'c, F> {
        OrExit {
            completion: self,
            code,
        }
    }
}

#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct Reach<'c, T>(&'c Completion, core::marker::PhantomData<fn() -> T>);

impl<T> Future for Reach<'_, T> {
    type Output = T;

    #[inline]
    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<T> {
        // The code and the loop that polls it are parts of one future: no other memory depends on the order.
        self.0.0.store(true, Ordering::Relaxed);
        Poll::Pending
    }
}

#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct OrExit<'c, F> {
    completion: &'c Completion,
    code: Pin<&'c mut F>,
}

impl<F: Future> Future for OrExit<'_, F> {
    type Output = Option<F::Output>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.code.as_mut().poll(cx) {
            Poll::Ready(exit) => Poll::Ready(Some(exit)),
            Poll::Pending if self.completion.0.load(Ordering::Relaxed) => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    }
}

/// The output of a child that has completed.
#[inline]
pub fn taken<T>(output: Option<T>) -> T {
    output.expect("a statement that has completed has a value")
}

/// The operands of a `?` in a child that resolves to the exit of the whole block.
#[diagnostic::on_unimplemented(
    message = "the `?` operator can only be applied to a `Result` or an `Option`, found `{Self}`",
    label = "this is neither",
    note = "if this is a future, await it: `fetch().await?`"
)]
pub trait Branch<T, R> {
    fn branch(self) -> Result<T, R>;
}

#[diagnostic::do_not_recommend]
impl<T, E> Branch<T, Result<Infallible, E>> for Result<T, E> {
    #[inline]
    fn branch(self) -> Result<T, Result<Infallible, E>> {
        self.map_err(Err)
    }
}

#[diagnostic::do_not_recommend]
impl<T> Branch<T, Option<Infallible>> for Option<T> {
    #[inline]
    fn branch(self) -> Result<T, Option<Infallible>> {
        self.ok_or(None)
    }
}

#[diagnostic::do_not_recommend]
impl<B, C> Branch<C, ControlFlow<B, Infallible>> for ControlFlow<B, C> {
    #[inline]
    fn branch(self) -> Result<C, ControlFlow<B, Infallible>> {
        match self {
            ControlFlow::Continue(value) => Ok(value),
            ControlFlow::Break(value) => Err(ControlFlow::Break(value)),
        }
    }
}

/// The value of the operand, or the exit of its `?`.
#[inline]
pub fn branch<V: Branch<T, R>, T, R>(value: V) -> Result<T, R> {
    value.branch()
}

/// The value of an `async` block that awaits nothing, because a `?` in it always leaves.
#[cold]
pub fn exit<T>(block: impl Future<Output = T>) -> T {
    match core::pin::pin!(block).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(exit) => exit,
        Poll::Pending => unreachable!("the block awaits nothing"),
    }
}

/// The output of a block with `?`.
#[diagnostic::on_unimplemented(
    message = "the `?` operator can only be used in a block that resolves to a `Result` or an `Option`, found `{Self}`",
    label = "this `?` cannot leave the block"
)]
pub trait LineOutcome {
    /// The exit of a `?`, as small as the error.
    type Exit;

    fn leave(exit: Self::Exit) -> Self;
}

#[diagnostic::do_not_recommend]
impl<T, E> LineOutcome for Result<T, E> {
    type Exit = Result<Infallible, E>;

    #[inline]
    fn leave(exit: Self::Exit) -> Self {
        match exit {
            Ok(never) => match never {},
            Err(error) => Err(error),
        }
    }
}

#[diagnostic::do_not_recommend]
impl<T> LineOutcome for Option<T> {
    type Exit = Option<Infallible>;

    #[inline]
    fn leave(_: Self::Exit) -> Self {
        None
    }
}

#[diagnostic::do_not_recommend]
impl<B, C> LineOutcome for ControlFlow<B, C> {
    type Exit = ControlFlow<B, Infallible>;

    #[inline]
    fn leave(exit: Self::Exit) -> Self {
        match exit {
            ControlFlow::Continue(never) => match never {},
            ControlFlow::Break(value) => ControlFlow::Break(value),
        }
    }
}

/// The exits of lines in interleaved chains. The chains and the loop that polls them are parts of one future: no other
/// memory depends on the order.
#[derive(Debug)]
pub struct Exits {
    /// The first line that has left the block.
    end: AtomicUsize,
    /// Whether chains that were polled before do not know of it yet.
    is_new: AtomicBool,
    /// Whether the chain that was polled last has stopped.
    has_stopped: AtomicBool,
}

impl Exits {
    #[inline]
    #[must_use]
    #[allow(clippy::new_without_default)]
    pub const fn new() -> Self {
        Exits {
            end: AtomicUsize::new(usize::MAX),
            is_new: AtomicBool::new(false),
            has_stopped: AtomicBool::new(false),
        }
    }

    /// Leaves the block by a line. Never resolves if a line before it has left.
    pub async fn leave(&self, line: usize) {
        if line > self.end.load(Ordering::Relaxed) {
            self.has_stopped.store(true, Ordering::Relaxed);
            core::future::pending::<()>().await;
        }
        self.end.store(line, Ordering::Relaxed);
        self.is_new.store(true, Ordering::Relaxed);
    }

    /// Whether a line has left since the last call.
    #[inline]
    pub fn is_new(&self) -> bool {
        self.is_new.load(Ordering::Relaxed) && self.is_new.swap(false, Ordering::Relaxed)
    }

    /// Whether the chain that was polled last has stopped.
    #[inline]
    pub fn has_stopped(&self) -> bool {
        self.has_stopped.load(Ordering::Relaxed) && self.has_stopped.swap(false, Ordering::Relaxed)
    }

    /// The output of a line. If an earlier line has left the block, drops the code of this line and stops the chain.
    #[inline]
    pub fn unless_left_before<'e, F: Future>(
        &'e self,
        line: usize,
        code: Pin<&'e mut Option<F>>,
    ) -> UnlessLeft<'e, F> {
        UnlessLeft {
            exits: self,
            line,
            code,
        }
    }
}

#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct UnlessLeft<'e, F> {
    exits: &'e Exits,
    line: usize,
    code: Pin<&'e mut Option<F>>,
}

impl<F: Future> Future for UnlessLeft<'_, F> {
    type Output = F::Output;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        if self.exits.end.load(Ordering::Relaxed) < self.line {
            self.code.set(None);
            self.exits.has_stopped.store(true, Ordering::Relaxed);
            return Poll::Pending;
        }
        match self.code.as_mut().as_pin_mut() {
            Some(code) => code.poll(cx),
            None => Poll::Pending,
        }
    }
}

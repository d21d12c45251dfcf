//! The options that all three kinds of callbacks have.

macro_rules! handle_options {
    () => {
        /// What happens to a panic. The default is [`OnPanic::Reject`].
        pub fn on_panic(mut self, on_panic: OnPanic) -> Self {
            self.settler.on_panic = on_panic;
            self
        }

        /// Calls `hook` when the future is dropped, cancelled or timed out, on the thread where that happens: at once
        /// if it has happened already, and never if an answer comes first. Use it to make the library hurry.
        pub fn on_cancel(self, hook: impl FnOnce() + Send + 'static) -> Self {
            self.settler.on_cancel(hook);
            self
        }

        /// Passes the answer to `take` if the future does not take it, for example to return a buffer to its pool or a
        /// handle to its library. `take` runs on the thread of C's call if the future is gone, and on the thread that
        /// drops the future if that had settled without being polled.
        pub fn unclaimed(
            mut self,
            take: impl FnOnce(Result<<F::Answer as Answer>::Value, <F::Answer as Answer>::Error>)
            + Send
            + 'static,
        ) -> Self {
            self.settler.unclaimed = Some(Box::new(take));
            self
        }
    };
}
pub(super) use handle_options;

//! The options that all three kinds of callbacks have.

macro_rules! handle_options {
    () => {
        /// What becomes of a panic; [`OnPanic::Reject`] unless it is set.
        pub fn on_panic(mut self, on_panic: OnPanic) -> Self {
            self.settler.on_panic = on_panic;
            self
        }

        /// Calls `hook` when the future is dropped or cancelled, or its time is over, on the thread where that happens; at once
        /// when it has been; never when an answer comes first. It is the place to ask the library to hurry.
        pub fn on_cancel(self, hook: impl FnOnce() + Send + 'static) -> Self {
            self.settler.on_cancel(hook);
            self
        }

        /// Gives what the closure answers to `take` if nobody takes it from the future: a buffer back to its pool, a handle back
        /// to its library. That is on the thread that C calls on when the future is gone by then, and on the one that drops
        /// the future when it had been settled, but was not polled any more.
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

//! The span that is current where code is registered, so that the code can run in it later.

/// A captured span. Empty without the feature `tracing`.
#[derive(Clone, Debug)]
pub(crate) struct CapturedSpan {
    #[cfg(feature = "tracing")]
    span: tracing::Span,
}

impl CapturedSpan {
    #[inline]
    pub(crate) fn current() -> Self {
        CapturedSpan {
            #[cfg(feature = "tracing")]
            span: tracing::Span::current(),
        }
    }

    /// Runs code in the captured span.
    #[inline]
    #[cfg_attr(not(feature = "tracing"), allow(clippy::unused_self))]
    pub(crate) fn run<R>(&self, code: impl FnOnce() -> R) -> R {
        #[cfg(feature = "tracing")]
        let _entered = self.span.enter();
        code()
    }

    /// Wraps a future so that it is polled in the captured span.
    #[inline]
    #[cfg(any(feature = "compute", feature = "promise", feature = "queue"))]
    #[cfg_attr(not(feature = "tracing"), allow(clippy::unused_self))]
    pub(crate) fn around<F: Future>(&self, future: F) -> impl Future<Output = F::Output> + use<F> {
        #[cfg(feature = "tracing")]
        let future = tracing::Instrument::instrument(future, self.span.clone());
        future
    }
}

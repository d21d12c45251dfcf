//! The recorded data of an error.

use core::any;
use core::fmt::{Debug, Display};
use core::future::Future;
use core::marker::PhantomData;

use tracing::Span;

use crate::__private::Absent;
use crate::task_error::TaskError;

/// The recorded data of an error.
#[derive(Debug)]
pub struct Failure {
    kind: &'static str,
    message: Option<String>,
}

impl Failure {
    /// A failure without an error value: a panic.
    pub(super) fn panic() -> Self {
        Failure {
            kind: "panic",
            message: None,
        }
    }

    pub(super) fn of<E>(error: &E, message: impl Message<E>) -> Self {
        Failure {
            kind: any::type_name::<E>(),
            message: message.text(error),
        }
    }

    /// Records it under OpenTelemetry's names.
    pub(super) fn record(&self, span: &Span) {
        span.record("otel.status_code", "ERROR");
        span.record("error.type", self.kind);
        if let Some(message) = self.message.as_deref() {
            span.record("otel.status_description", message);
            span.record("exception.message", message);
        }
    }
}

/// How a graph without errors fails.
#[must_use]
pub fn never_fails<T>(_: &T) -> Option<Failure> {
    None
}

/// The output of a fallible graph.
pub trait Outcome {
    type Error;
    fn error(&self) -> Option<&Self::Error>;
}

impl<T, E> Outcome for Result<T, E> {
    type Error = E;
    fn error(&self) -> Option<&E> {
        self.as_ref().err()
    }
}

/// Its failure is `None`.
impl<T> Outcome for Option<T> {
    type Error = Absent;
    fn error(&self) -> Option<&Absent> {
        self.is_none().then_some(&Absent)
    }
}

/// Whether it has not failed.
pub fn is_whole<O: Outcome>(outcome: &O) -> bool {
    outcome.error().is_none()
}

/// The failure of a graph whose error type is inferred later, so that no trait of it may be used here.
pub fn some_failure<O: Outcome>(outcome: &O) -> Option<Failure> {
    Some(Failure::of(outcome.error()?, NoMessage))
}

/// The failure of a graph whose errors have messages.
pub fn failure<O: Outcome>(
    message: impl Message<O::Error>,
) -> impl Fn(&O) -> Option<Failure> + Copy {
    move |outcome| Some(Failure::of(outcome.error()?, message))
}

/// The same for a graph with named errors. Records the inner errors: the span already has the task's name.
pub fn named_failure<T, E>(
    message: impl Message<E>,
) -> impl Fn(&Result<T, TaskError<E>>) -> Option<Failure> + Copy {
    move |result| Some(Failure::of(result.as_ref().err()?.get_ref(), message))
}

/// How an error's message is made.
pub trait Message<E>: Copy {
    fn text(self, error: &E) -> Option<String>;
}

#[derive(Clone, Copy, Debug)]
pub struct DisplayMessage;

impl<E: Display> Message<E> for DisplayMessage {
    fn text(self, error: &E) -> Option<String> {
        Some(error.to_string())
    }
}

#[derive(Clone, Copy, Debug)]
pub struct DebugMessage;

impl<E: Debug> Message<E> for DebugMessage {
    fn text(self, error: &E) -> Option<String> {
        Some(format!("{error:?}"))
    }
}

/// That of an error whose type has none.
#[derive(Clone, Copy, Debug)]
pub struct NoMessage;

impl<E> Message<E> for NoMessage {
    fn text(self, _: &E) -> Option<String> {
        None
    }
}

/// The errors of a type.
#[derive(Debug)]
#[must_use]
pub struct Errors<E>(PhantomData<fn(&E)>);

impl<E> Errors<E> {
    /// The errors of a future.
    pub fn of(_: &impl Future<Output: Outcome<Error = E>>) -> Self {
        Errors(PhantomData)
    }

    /// The inner errors of a future with named errors.
    pub fn of_named<T>(_: &impl Future<Output = Result<T, TaskError<E>>>) -> Self {
        Errors(PhantomData)
    }

    pub fn like(_: &E) -> Self {
        Errors(PhantomData)
    }
}

/// Errors that can be displayed.
pub trait ByDisplay {
    fn message(&self) -> DisplayMessage;
}

impl<E: Display> ByDisplay for &&Errors<E> {
    fn message(&self) -> DisplayMessage {
        DisplayMessage
    }
}

/// Errors that can be printed.
pub trait ByDebug {
    fn message(&self) -> DebugMessage;
}

impl<E: Debug> ByDebug for &Errors<E> {
    fn message(&self) -> DebugMessage {
        DebugMessage
    }
}

/// All other errors.
pub trait ByNothing {
    fn message(&self) -> NoMessage;
}

impl<E> ByNothing for Errors<E> {
    fn message(&self) -> NoMessage {
        NoMessage
    }
}

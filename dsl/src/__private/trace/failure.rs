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

    pub(super) fn of<E>(error: &E, message: fn(&E) -> Option<String>) -> Self {
        Failure {
            kind: any::type_name::<E>(),
            message: message(error),
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
    Some(Failure::of(outcome.error()?, no_message))
}

/// The failure of a graph whose errors have messages.
pub fn failure<O: Outcome>(
    message: fn(&O::Error) -> Option<String>,
) -> impl Fn(&O) -> Option<Failure> + Copy {
    move |outcome| Some(Failure::of(outcome.error()?, message))
}

/// The same for a graph with named errors. Records the inner errors: the span already has the task's name.
pub fn named_failure<T, E>(
    message: fn(&E) -> Option<String>,
) -> impl Fn(&Result<T, TaskError<E>>) -> Option<Failure> + Copy {
    move |result| Some(Failure::of(result.as_ref().err()?.get_ref(), message))
}

/// The message of an error whose type has none.
#[must_use]
pub fn no_message<E>(_: &E) -> Option<String> {
    None
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
pub trait ByDisplay<E> {
    fn message(&self) -> fn(&E) -> Option<String>;
}

impl<E: Display> ByDisplay<E> for &&Errors<E> {
    fn message(&self) -> fn(&E) -> Option<String> {
        |error| Some(error.to_string())
    }
}

/// Errors that can be printed.
pub trait ByDebug<E> {
    fn message(&self) -> fn(&E) -> Option<String>;
}

impl<E: Debug> ByDebug<E> for &Errors<E> {
    fn message(&self) -> fn(&E) -> Option<String> {
        |error| Some(format!("{error:?}"))
    }
}

/// All other errors.
pub trait ByNothing<E> {
    fn message(&self) -> fn(&E) -> Option<String>;
}

impl<E> ByNothing<E> for Errors<E> {
    fn message(&self) -> fn(&E) -> Option<String> {
        no_message
    }
}

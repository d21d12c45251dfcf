//! The message of a value with which a line may leave a block, by the best trait of its type.

use core::fmt::{Debug, Display};
use core::marker::PhantomData;

use super::part::leaves;

/// The values of a line.
#[derive(Debug)]
#[must_use]
pub struct Left<R>(PhantomData<fn(&R)>);

impl<R> Left<R> {
    pub fn of(_: &R) -> Self {
        Left(PhantomData)
    }
}

/// Results whose errors can be displayed.
pub trait LeftByDisplay<R> {
    fn tell(&self, value: &R);
}

impl<T, E: Display> LeftByDisplay<Result<T, E>> for &&Left<Result<T, E>> {
    fn tell(&self, value: &Result<T, E>) {
        if let Err(error) = value {
            leaves(error, |error| Some(error.to_string()));
        }
    }
}

/// Results whose errors can be printed.
pub trait LeftByDebug<R> {
    fn tell(&self, value: &R);
}

impl<T, E: Debug> LeftByDebug<Result<T, E>> for &Left<Result<T, E>> {
    fn tell(&self, value: &Result<T, E>) {
        if let Err(error) = value {
            leaves(error, |error| Some(format!("{error:?}")));
        }
    }
}

/// All other values.
pub trait LeftByNothing<R> {
    fn tell(&self, value: &R);
}

impl<R> LeftByNothing<R> for Left<R> {
    fn tell(&self, _: &R) {}
}

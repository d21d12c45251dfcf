//! The message of a value with which a line may leave a block, by the best trait of its type.

use core::fmt::{Debug, Display};
use core::marker::PhantomData;

use super::failure::{DebugMessage, DisplayMessage};
use super::task::leaves;

/// The values of a line.
#[derive(Debug)]
#[must_use]
pub struct LineExit<R>(PhantomData<fn(&R)>);

impl<R> LineExit<R> {
    pub fn of(_: &R) -> Self {
        LineExit(PhantomData)
    }
}

/// Results whose errors can be displayed.
pub trait LineExitByDisplay<R> {
    fn tell(&self, value: &R);
}

impl<T, E: Display> LineExitByDisplay<Result<T, E>> for &&LineExit<Result<T, E>> {
    fn tell(&self, value: &Result<T, E>) {
        if let Err(error) = value {
            leaves(error, DisplayMessage);
        }
    }
}

/// Results whose errors can be printed.
pub trait LineExitByDebug<R> {
    fn tell(&self, value: &R);
}

impl<T, E: Debug> LineExitByDebug<Result<T, E>> for &LineExit<Result<T, E>> {
    fn tell(&self, value: &Result<T, E>) {
        if let Err(error) = value {
            leaves(error, DebugMessage);
        }
    }
}

/// All other values.
pub trait LineExitByNothing<R> {
    fn tell(&self, value: &R);
}

impl<R> LineExitByNothing<R> for LineExit<R> {
    fn tell(&self, _: &R) {}
}

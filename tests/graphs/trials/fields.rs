//! The fields of the results and the errors of the graphs, made alike.

use conjoin::{Never, Settled, TaskError};

use super::ledger::{Owned, Token};

/// The field of a task in the result.
#[derive(Debug)]
pub(crate) enum Field {
    /// With a value, unless its condition did not hold.
    Done(Option<Token>),
    /// Its value was taken.
    Taken,
    Failed(usize),
    Skipped(&'static str),
}

/// The error of the task of this number, of one type.
#[derive(Debug)]
pub(crate) struct Odd(pub(crate) usize);

/// Of another type.
#[derive(Debug)]
pub(crate) struct Even(pub(crate) usize);

/// What both convert into.
#[derive(Debug)]
pub(crate) enum Any {
    Odd(usize),
    Even(usize),
}

/// An error of a task or a graph.
pub(crate) trait Failure: Sized {
    /// The type's name.
    fn kind() -> String;
    /// The task that it is from.
    fn task(&self) -> usize;
}

pub(crate) fn keep(value: impl Owned) -> Field {
    Field::Done(value.into_token())
}

/// With the name of the type of its error.
pub(crate) fn settled<T: Left, E: Failure>(field: Settled<T, E>) -> (String, Field) {
    let field = match field {
        Settled::Done(value) => value.left(),
        Settled::Failed(error) => Field::Failed(error.task()),
        Settled::Skipped(name) => Field::Skipped(name),
    };
    (E::kind(), field)
}

/// The error of a graph, by the name of its type and the task that it is from.
pub(crate) fn failed<E: Failure>(error: &E) -> (String, usize) {
    (E::kind(), error.task())
}

/// The value in a `Done`.
pub(crate) trait Left {
    fn left(self) -> Field;
}

impl Left for Token {
    fn left(self) -> Field {
        keep(self)
    }
}

impl Left for Option<Token> {
    fn left(self) -> Field {
        keep(self)
    }
}

impl Left for () {
    fn left(self) -> Field {
        Field::Taken
    }
}

impl From<Odd> for Any {
    fn from(Odd(task): Odd) -> Self {
        Any::Odd(task)
    }
}

impl From<Even> for Any {
    fn from(Even(task): Even) -> Self {
        Any::Even(task)
    }
}

impl Failure for Odd {
    fn kind() -> String {
        "Odd".to_owned()
    }

    fn task(&self) -> usize {
        self.0
    }
}

impl Failure for Even {
    fn kind() -> String {
        "Even".to_owned()
    }

    fn task(&self) -> usize {
        self.0
    }
}

impl Failure for Any {
    fn kind() -> String {
        "Any".to_owned()
    }

    fn task(&self) -> usize {
        let (Any::Odd(task) | Any::Even(task)) = *self;
        task
    }
}

impl Failure for Never {
    fn kind() -> String {
        "Never".to_owned()
    }

    fn task(&self) -> usize {
        match *self {}
    }
}

impl<E: Failure> Failure for TaskError<E> {
    fn kind() -> String {
        format!("TaskError<{}>", E::kind())
    }

    fn task(&self) -> usize {
        let task = self.get_ref().task();
        assert_eq!(
            TaskError::task(self),
            format!("t{task}"),
            "an error has the name of its own task"
        );
        task
    }
}

//! The values of the tasks: none can be copied, each knows who used it, and their making and dropping is written down.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};

/// How often the value of each task was made and dropped.
#[derive(Debug)]
pub(crate) struct Ledger {
    made: Vec<AtomicUsize>,
    dropped: Vec<AtomicUsize>,
}

/// The value of a task.
#[derive(Debug)]
pub(crate) struct Token {
    task: usize,
    ledger: Arc<Ledger>,
    /// The tasks that had it as `&mut`, in order.
    changes: Vec<usize>,
    /// The tasks that had it as `&`, in order.
    reads: Mutex<Vec<usize>>,
    taken: bool,
}

/// What a body gets of a dependency; `None` where a condition did not hold.
#[derive(Debug)]
pub(crate) enum Input<'a> {
    Read(Option<&'a Token>),
    Change(Option<&'a mut Token>),
    Take(Option<Token>),
}

/// What there is to see of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) task: usize,
    pub(crate) changes: Vec<usize>,
    pub(crate) reads: Vec<usize>,
}

/// The value of a task with or without a condition, or a reference to it.
pub(crate) trait Value: Sync {
    fn token(&self) -> Option<&Token>;
}

/// One that can be changed or taken.
pub(crate) trait Owned: Value {
    fn token_mut(&mut self) -> Option<&mut Token>;
    fn into_token(self) -> Option<Token>;
}

pub(crate) fn read<V: Value>(value: &V) -> Input<'_> {
    Input::Read(value.token())
}

pub(crate) fn change<V: Owned>(value: &mut V) -> Input<'_> {
    Input::Change(value.token_mut())
}

pub(crate) fn take<'a, V: Owned>(value: V) -> Input<'a> {
    Input::Take(value.into_token())
}

impl Ledger {
    pub(crate) fn new(tasks: usize) -> Arc<Self> {
        let zeros = || (0..tasks).map(|_| AtomicUsize::new(0)).collect();
        Arc::new(Ledger {
            made: zeros(),
            dropped: zeros(),
        })
    }

    pub(crate) fn made(&self) -> Vec<usize> {
        self.made.iter().map(|count| count.load(Relaxed)).collect()
    }

    pub(crate) fn dropped(&self) -> Vec<usize> {
        self.dropped
            .iter()
            .map(|count| count.load(Relaxed))
            .collect()
    }
}

impl Token {
    pub(crate) fn new(task: usize, ledger: &Arc<Ledger>) -> Self {
        ledger.made[task].fetch_add(1, Relaxed);
        Token {
            task,
            ledger: Arc::clone(ledger),
            changes: Vec::new(),
            reads: Mutex::default(),
            taken: false,
        }
    }

    pub(crate) fn seen(&self) -> Seen {
        assert_eq!(
            self.ledger.dropped[self.task].load(Relaxed),
            0,
            "{} is seen after its drop",
            self.task
        );
        let reads = self.reads.lock().expect("no reader panics").clone();
        Seen {
            task: self.task,
            changes: self.changes.clone(),
            reads,
        }
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        self.ledger.dropped[self.task].fetch_add(1, Relaxed);
    }
}

impl Input<'_> {
    pub(crate) fn seen(&self) -> Option<Seen> {
        match self {
            Input::Read(token) => token.map(Token::seen),
            Input::Change(token) => token.as_ref().map(|token| token.seen()),
            Input::Take(token) => token.as_ref().map(Token::seen),
        }
    }

    /// Writes down that `task` uses it.
    pub(crate) fn apply(&mut self, task: usize) {
        match self {
            Input::Read(Some(token)) => {
                assert!(
                    !token.taken,
                    "{task} reads {} after it was taken",
                    token.task
                );
                token.reads.lock().expect("no reader panics").push(task);
            }
            Input::Change(Some(token)) => {
                assert!(
                    !token.taken,
                    "{task} changes {} after it was taken",
                    token.task
                );
                token.changes.push(task);
            }
            Input::Take(Some(token)) => {
                assert!(
                    !token.taken,
                    "{task} takes {} after it was taken",
                    token.task
                );
                token.taken = true;
            }
            Input::Read(None) | Input::Change(None) | Input::Take(None) => {}
        }
    }
}

impl Value for Token {
    fn token(&self) -> Option<&Token> {
        Some(self)
    }
}

impl<V: Value> Value for Option<V> {
    fn token(&self) -> Option<&Token> {
        self.as_ref().and_then(Value::token)
    }
}

impl<V: Value> Value for &V {
    fn token(&self) -> Option<&Token> {
        (**self).token()
    }
}

impl<V: Value> Value for &mut V {
    fn token(&self) -> Option<&Token> {
        (**self).token()
    }
}

impl Owned for Token {
    fn token_mut(&mut self) -> Option<&mut Token> {
        Some(self)
    }

    fn into_token(self) -> Option<Token> {
        Some(self)
    }
}

impl Owned for Option<Token> {
    fn token_mut(&mut self) -> Option<&mut Token> {
        self.as_mut()
    }

    fn into_token(self) -> Option<Token> {
        self
    }
}

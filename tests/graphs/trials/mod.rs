//! Graphs with limits, settling, ownership and conditions, each run many times over: times, failures, conditions and
//! limits are drawn at run time, for it is compiling a graph that takes long, not running it.

mod fields;
mod ledger;
mod order;
mod scenario;
mod schedule;
mod trial;
mod verify;

pub(crate) use self::fields::{Any, failed, keep, settled};
pub(crate) use self::ledger::{change, read, take};
pub(crate) use self::scenario::{Condition, Ending, Limit, Spec, Task, Use};
pub(crate) use self::trial::Trial;

//! Each way to measure, and what comes out of it.

pub(crate) mod instructions;
pub(crate) mod makespan;
pub(crate) mod node;
pub(crate) mod time;

use std::collections::BTreeMap;

use crate::peers::Peer;

/// A figure for each peer that has one.
pub(crate) type Figures = BTreeMap<Peer, f64>;

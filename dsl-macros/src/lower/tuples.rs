//! Values that stay in the tuple that a node resolves to.
//!
//! A child captures a reference to each value that it reads. If the values stay together, it captures one to all of them.

use std::collections::BTreeMap;

use super::{Child, Step};
use crate::check::Checked;

/// Where the values are that stay in a tuple.
pub(crate) type Tuples = BTreeMap<usize, InTuple>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct InTuple {
    /// The task whose value is the first in the tuple.
    pub(crate) first: usize,
    /// The child that resolves to the value, of this many.
    pub(crate) child: usize,
    pub(crate) width: usize,
}

/// The values that stay in the tuples of these nodes, which are in the graph's own block.
pub(super) fn tuples(checked: &Checked, steps: &[Step]) -> Tuples {
    let in_this_block = |task: &usize| {
        let is_it = |step: &Step| matches!(step, Step::Task(here) if here.index == *task);
        steps.iter().any(is_it)
    };
    let nodes = steps.iter().filter_map(|step| match step {
        Step::Join(children, _) | Step::Wide(children, ..) => values(checked, children),
        _ => None,
    });
    let mut tuples = Tuples::new();
    for values in nodes {
        let mut read = BTreeMap::new();
        for value in &values {
            for user in &checked.users[*value].all {
                *read.entry(*user).or_insert(0) += 1;
            }
        }
        let captured = read.iter().filter(|(user, _)| !in_this_block(user));
        let saved: usize = captured.map(|(_, read)| read - 1).sum();
        // The reference to the tuple is one more.
        if saved > 1 {
            let places = values.iter().enumerate().map(|(child, &value)| {
                let (first, width) = (values[0], values.len());
                let in_tuple = InTuple {
                    first,
                    child,
                    width,
                };
                (value, in_tuple)
            });
            tuples.extend(places);
        }
    }
    tuples
}

/// The values of the children, if each has one, and tasks only read them.
fn values(checked: &Checked, children: &[Child]) -> Option<Vec<usize>> {
    let value = |child: &Child| match (child.tasks(), &child.values[..]) {
        (&[_], &[value]) => checked.users[value].only_read().then_some(value),
        _ => None,
    };
    children.iter().map(value).collect()
}

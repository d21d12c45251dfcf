//! Where each value of a gated part lives.
//!
//! The tasks of such a part all are futures from the beginning, so none can hold a borrow of what another makes,
//! or changes. What is only read is in a slot that is filled once. What is passed from one task to the next is taken out
//! of a slot, and put back by a task that does not keep it; others may read it there, possibly at the same time.

use std::collections::BTreeMap;

use crate::check::Checked;

/// The slots of a part, by the tasks whose values they hold.
pub(crate) type Slots = BTreeMap<usize, Slot>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(crate) kind: Kind,
    /// Whether it holds a reference to a value that was made before the part, and stays.
    pub(crate) lent: bool,
    /// The tasks that use the value, in topological order, and whether each has it to itself.
    pub(crate) users: Vec<(usize, bool)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Only read.
    Once,
    /// Passed on.
    Passed,
    /// Passed on, and read.
    Shared,
}

/// What a task does with a value in a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    Read,
    Change,
    Keep,
}

/// The values that the tasks of this gated part, in topological order, cannot simply borrow.
pub(crate) fn slots(checked: &Checked, part: &[usize]) -> Slots {
    let slots = checked.users.iter().enumerate();
    let slots = slots.filter_map(|(value, users)| {
        let here = part.iter().filter(|user| users.all.contains(user));
        let users: Vec<_> = here.map(|&user| (user, users.is_exclusive(user))).collect();
        let made_here = part.contains(&value);
        let is_exclusive = |(_, is_exclusive): &(usize, bool)| *is_exclusive;
        let passed_on = users.iter().any(is_exclusive) && (made_here || users.len() > 1);
        let kind = if passed_on {
            if users.iter().all(is_exclusive) {
                Kind::Passed
            } else {
                Kind::Shared
            }
        } else if made_here && !users.is_empty() {
            Kind::Once
        } else {
            return None;
        };
        let lent = !made_here && !checked.is_gone_after(value, part);
        Some((value, Slot { kind, lent, users }))
    });
    slots.collect()
}

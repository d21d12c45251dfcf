//! Random users of a graph's values, without conflicts.

use crate::random::Random;
use crate::shapes::Needs;

/// As in the variant names of the tests' own `Use`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Use {
    Order,
    Read,
    Change,
    Take,
    Discard,
}

/// For each task its entries: the tasks that it names, and what it does with their values.
pub(crate) type Entries = Vec<Vec<(usize, Use)>>;

/// Every task reads what it needs, or only comes after it.
pub(crate) fn readers(needs: &Needs, random: &mut Random) -> Entries {
    let mut usage = |&need: &usize| {
        (
            need,
            if random.chance(25) {
                Use::Order
            } else {
                Use::Read
            },
        )
    };
    needs
        .iter()
        .map(|needs| needs.iter().map(&mut usage).collect())
        .collect()
}

/// Values are read, changed and taken, by tasks that need them directly or not.
pub(crate) fn owners(needs: &Needs, random: &mut Random) -> Entries {
    let count = needs.len();
    let mut owners = Owners {
        entries: readers(needs, random),
        keeps_shape: random.chance(60),
        far: [10, 30, 60][random.below(3)],
    };
    let mut values: Vec<_> = (0..count).collect();
    random.shuffle(&mut values);
    for value in values {
        owners.assign(value, random);
    }
    owners.entries
}

struct Owners {
    entries: Entries,
    /// Whether users that are not ordered are let go of; else edges order them.
    keeps_shape: bool,
    /// How many of a hundred tasks that come after another use its value, too.
    far: usize,
}

impl Owners {
    fn assign(&mut self, value: usize, random: &mut Random) {
        let before = self.before();
        for (user, before) in before.iter().enumerate() {
            // An edge from further away leaves the order as it is.
            if before[value] && random.chance(self.far) {
                self.set(user, value, Use::Read);
            }
        }
        let mut users = self.users(value);
        let last = if random.chance(45) { users.pop() } else { None };
        if let Some(last) = last {
            self.set(
                last,
                value,
                if random.chance(15) {
                    Use::Discard
                } else {
                    Use::Take
                },
            );
        }
        for user in users {
            if random.chance(40) {
                self.set(user, value, Use::Change);
            }
        }
        while let Some((earlier, later)) = self.conflict(value) {
            if self.keeps_shape || random.chance(30) {
                self.set(
                    if random.chance(50) { earlier } else { later },
                    value,
                    Use::Order,
                );
            } else {
                // What this entry does with that task's value is drawn in its turn, or was.
                self.entries[later].push((earlier, Use::Order));
            }
        }
    }

    fn set(&mut self, user: usize, value: usize, usage: Use) {
        match self.entries[user]
            .iter_mut()
            .find(|(other, _)| *other == value)
        {
            Some(entry) => entry.1 = usage,
            None => self.entries[user].push((value, usage)),
        }
    }

    fn usage(&self, user: usize, value: usize) -> Use {
        let entry = self.entries[user].iter().find(|(other, _)| *other == value);
        entry.map_or(Use::Order, |&(_, usage)| usage)
    }

    fn users(&self, value: usize) -> Vec<usize> {
        (0..self.entries.len())
            .filter(|&user| self.usage(user, value) != Use::Order)
            .collect()
    }

    /// Two unordered users, one of which needs exclusive access.
    fn conflict(&self, value: usize) -> Option<(usize, usize)> {
        let (users, before) = (self.users(value), self.before());
        let pairs = users
            .iter()
            .flat_map(|&later| users.iter().map(move |&earlier| (earlier, later)));
        let mut pairs = pairs.filter(|(earlier, later)| earlier < later);
        pairs.find(|&(earlier, later)| {
            let only_read = [earlier, later]
                .iter()
                .all(|&user| self.usage(user, value) == Use::Read);
            !only_read && !before[later][earlier]
        })
    }

    fn before(&self) -> Vec<Vec<bool>> {
        let count = self.entries.len();
        let mut before = vec![vec![false; count]; count];
        for task in 0..count {
            for &(need, _) in &self.entries[task] {
                let (earlier, later) = before.split_at_mut(task);
                later[0][need] = true;
                for (it, needed) in later[0].iter_mut().zip(&earlier[need]) {
                    *it |= needed;
                }
            }
        }
        before
    }
}

//! Neighbouring statements, and the order among them.

use std::collections::BTreeSet;

use quote::ToTokens as _;
use syn::Stmt;
use syn::ext::IdentExt as _;

use super::moves::uses_as_a_whole;
use super::statement::{Statement, Variable};
use crate::graph::Graph;

/// A run of statements that may run concurrently.
pub(crate) struct Group {
    pub(crate) statements: Vec<Statement>,
    pub(crate) graph: Graph,
    /// The names that the block uses after the group.
    used_after: BTreeSet<String>,
    /// The names that it uses as a whole, not only for a field.
    whole_after: BTreeSet<String>,
}

/// What orders two statements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// The later one uses what the earlier one binds.
    Use(String),
    /// One of them changes what the other uses.
    Change(String),
}

impl Group {
    pub(super) fn new(statements: Vec<Statement>, used_after: BTreeSet<String>) -> Self {
        let needs = (0..statements.len()).map(|later| {
            let earlier = 0..later;
            earlier
                .filter(|&earlier| order(&statements, earlier, later).is_some())
                .collect()
        });
        let graph = Graph::new(needs.collect());
        Group {
            statements,
            graph,
            used_after,
            whole_after: BTreeSet::new(),
        }
    }

    /// Sets the names that the rest of the block uses.
    pub(super) fn before(mut self, rest: &[Stmt]) -> Self {
        for statement in rest {
            uses_as_a_whole(statement.to_token_stream(), &mut self.whole_after);
        }
        self
    }

    /// Whether any two statements can run concurrently.
    pub(crate) fn is_concurrent(&self) -> bool {
        let count = self.statements.len();
        (0..count).any(|task| {
            self.graph.before(task).count_ones(..) + self.graph.after(task).count_ones(..) + 1
                < count
        })
    }

    pub(crate) fn order(&self, earlier: usize, later: usize) -> Option<Order> {
        order(&self.statements, earlier, later)
    }

    pub(crate) fn variables(&self, statement: usize) -> &[Variable] {
        &self.statements[statement].variables
    }

    /// The statements of `among` that use a variable of a statement of the group, or one from before it.
    pub(crate) fn users(&self, name: &str, binder: Option<usize>, among: &[usize]) -> Vec<usize> {
        let uses = |&user: &usize| {
            self.statements[user].uses.contains(name)
                && binder_of(&self.statements, name, user) == binder
        };
        among.iter().copied().filter(uses).collect()
    }

    /// Whether code outside these statements uses a variable of one of them.
    pub(crate) fn is_used_outside(&self, name: &str, binder: usize, part: &[usize]) -> bool {
        let others: Vec<_> = (0..self.statements.len())
            .filter(|other| !part.contains(other))
            .collect();
        let is_last = !self.statements[binder + 1..]
            .iter()
            .any(|later| later.binds(name));
        is_last && self.used_after.contains(name)
            || !self.users(name, Some(binder), &others).is_empty()
    }

    /// Whether a variable of a statement of this part still exists when all of them have completed: none of them moves
    /// it.
    pub(crate) fn is_left(&self, variable: &Variable, binder: usize, part: &[usize]) -> bool {
        let name = variable.name.unraw().to_string();
        let users = self.users(&name, Some(binder), part);
        let may_move = |user: &usize| self.statements[*user].may_move.contains(&name);
        variable.by_ref.is_some()
            || !users.last().is_some_and(may_move)
            || self.is_used_outside(&name, binder, part)
    }

    /// Whether it depends on types if a variable still exists when all statements of a part have completed.
    pub(crate) fn may_be_left(&self, variable: &Variable, binder: usize, part: &[usize]) -> bool {
        let name = variable.name.unraw().to_string();
        let users = self.users(&name, Some(binder), part);
        let is_in_doubt = |user: &&usize| {
            let user = &self.statements[**user];
            user.may_move.contains(&name) && !user.hands_over.contains(&name)
        };
        let is_last = !self.statements[binder + 1..]
            .iter()
            .any(|later| later.binds(&name));
        let others = (0..self.statements.len()).filter(|it| !part.contains(it));
        let mut whole = BTreeSet::new();
        for other in others {
            uses_as_a_whole(
                self.statements[other].expression().to_token_stream(),
                &mut whole,
            );
        }
        let is_whole = whole.contains(&name) || is_last && self.whole_after.contains(&name);
        !is_whole && users.iter().any(|user| is_in_doubt(&user))
    }

    /// Whether one of these can leave the block.
    pub(crate) fn can_exit(&self, part: &[usize]) -> bool {
        part.iter()
            .any(|&statement| self.statements[statement].exit != super::Exit::Never)
    }

    /// The names bound before these statements that one of them changes and another one uses.
    pub(crate) fn changed_from_outside(&self, part: &[usize]) -> Vec<(String, Option<usize>)> {
        let mut found = Vec::new();
        for &statement in part {
            for name in &self.statements[statement].changes {
                let binder = binder_of(&self.statements, name, statement);
                let is_outside = binder.is_none_or(|binder| !part.contains(&binder));
                let variable = (name.clone(), binder);
                if is_outside
                    && !found.contains(&variable)
                    && self.users(name, binder, part).len() > 1
                {
                    found.push(variable);
                }
            }
        }
        found
    }

    /// Whether each of these starts after the one before it has completed.
    pub(crate) fn are_in_sequence(&self, statements: &[usize]) -> bool {
        let pairs = statements.windows(2);
        pairs
            .into_iter()
            .all(|pair| self.graph.before(pair[1]).contains(pair[0]))
    }
}

/// The statement that binds the variable of this name for `user`. `None` is a variable from before the group.
fn binder_of(statements: &[Statement], name: &str, user: usize) -> Option<usize> {
    statements[..user].iter().rposition(|it| it.binds(name))
}

fn order(statements: &[Statement], earlier: usize, later: usize) -> Option<Order> {
    let (first, second) = (&statements[earlier], &statements[later]);
    for name in &second.uses {
        if binder_of(statements, name, later) == Some(earlier) {
            return Some(Order::Use(name.clone()));
        }
    }
    let is_same =
        |name: &&String| binder_of(statements, name, earlier) == binder_of(statements, name, later);
    let both = first.uses.intersection(&second.uses);
    let mut changed =
        both.filter(|name| first.changes.contains(*name) || second.changes.contains(*name));
    changed.find(is_same).cloned().map(Order::Change)
}

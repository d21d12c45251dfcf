//! A group of a block: which statements are printed as written, which become children, and where their values go.

use proc_macro2::Ident;
use quote::ToTokens as _;
use syn::ext::IdentExt as _;

use crate::block::{Exit, Group, Variable};
use crate::plan::{Plan, WIDE};
use crate::syntax::calls::{Call, Names, bare_call};

mod stages;

/// Binds the variables of its statements in the block around it.
#[derive(Debug)]
pub(crate) enum Node {
    /// Printed as written.
    Statement(usize),
    Series(Vec<Node>),
    /// Few children, polled by the block around them.
    Join(Vec<Child>),
    /// Few chains, polled by the block around them. Their lines are interleaved in the source, so each line must know when
    /// an earlier one leaves.
    Woven(Vec<Child>),
    /// Statements that start at different stages, polled by the block around them.
    Staged(Vec<Start>),
    /// Children in a loop of their own, because there are many or they wait for each other.
    Loop(Loop),
}

#[derive(Debug)]
pub(crate) struct Start {
    pub(crate) children: Vec<Child>,
    /// The children that must complete before the next stage starts.
    pub(crate) finish: Vec<usize>,
}

/// A future that is polled concurrently with others.
#[derive(Debug)]
pub(crate) struct Child {
    /// In source order.
    pub(crate) statements: Vec<usize>,
    pub(crate) content: Content,
    pub(crate) exit: Exit,
    pub(crate) output: Output,
    /// The call, if the statement is a bare call: it needs no block around it.
    pub(crate) call: Option<Call>,
}

#[derive(Debug)]
pub(crate) enum Content {
    Statement(usize),
    Node(Node),
}

/// What a child resolves to, apart from its exits.
#[derive(Debug)]
pub(crate) enum Output {
    /// The operand of a statement's `?`, or the value of the whole statement.
    Value(usize),
    /// Variables, each with the statement that binds it.
    Variables(Vec<(usize, Variable)>),
}

#[derive(Debug)]
pub(crate) struct Loop {
    /// In source order.
    pub(crate) children: Vec<Child>,
    /// For each child, the places of the children that it waits for.
    pub(crate) gates: Vec<Vec<usize>>,
    pub(crate) slots: Vec<Slot>,
    pub(crate) is_wide: bool,
}

/// A variable that children of a loop hand to each other.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) variable: Variable,
    pub(crate) kind: Kind,
    /// In source order.
    pub(crate) users: Vec<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// This statement fills it, and several users read it at a time.
    Lent(usize),
    /// This statement fills it, and its users take it in turn. The flag says whether the last one puts it back.
    Passed(usize, bool),
    /// A `&mut` to a variable that is declared before the loop.
    Outside,
    /// The target of a reference that is declared before the loop.
    Behind,
}

impl Child {
    /// One statement in a block of its own.
    pub(crate) fn of(group: &Group, statement: usize) -> Self {
        Child {
            statements: vec![statement],
            content: Content::Statement(statement),
            exit: group.statements[statement].exit,
            output: Output::Value(statement),
            call: None,
        }
    }

    pub(crate) fn first(&self) -> usize {
        self.statements[0]
    }

    /// Its `?` is inside the child, because other children need the value before the group ends.
    pub(crate) fn leaving_itself(mut self) -> Self {
        self.exit = match self.exit {
            Exit::Question => Exit::Questions,
            exit => exit,
        };
        self.call = None;
        self
    }

    pub(crate) fn can_exit(&self) -> bool {
        self.exit != Exit::Never
    }
}

impl Slot {
    /// The statement that fills it.
    pub(crate) fn binder(&self) -> Option<usize> {
        match self.kind {
            Kind::Lent(statement) | Kind::Passed(statement, _) => Some(statement),
            Kind::Outside | Kind::Behind => None,
        }
    }

    /// Whether a user puts back what it has taken.
    pub(crate) fn is_put_back_by(&self, user: usize) -> bool {
        match self.kind {
            Kind::Lent(_) => false,
            Kind::Passed(_, is_left) => is_left || self.users.last() != Some(&user),
            Kind::Outside | Kind::Behind => self.users.last() != Some(&user),
        }
    }
}

/// Decides how a group runs by this plan; `most_at_once` is the limit, if there is one that is known.
pub(crate) fn lower_group(
    group: &Group,
    plan: &Plan,
    is_limited: bool,
    most_at_once: Option<usize>,
) -> Node {
    Lowering {
        group,
        is_limited,
        most_at_once: most_at_once.unwrap_or(usize::MAX),
    }
    .node(plan)
}

struct Lowering<'a> {
    group: &'a Group,
    is_limited: bool,
    most_at_once: usize,
}

impl Lowering<'_> {
    fn node(&self, plan: &Plan) -> Node {
        match plan {
            Plan::Leaf(statement) => Node::Statement(*statement),
            Plan::Series(parts) => Node::Series(parts.iter().map(|it| self.node(it)).collect()),
            Plan::Parallel(parts) => self.parallel(parts),
            Plan::Gated(statements) => {
                let statements = sorted(statements);
                let staged = self.staged(&statements);
                staged.unwrap_or_else(|| self.gated(&statements))
            }
        }
    }

    fn parallel(&self, parts: &[Plan]) -> Node {
        let mut parts: Vec<_> = parts.iter().map(|part| (in_order(part), part)).collect();
        parts.sort();
        let all: Vec<_> = parts.iter().flat_map(|(own, _)| own).copied().collect();
        // In stages, a variable lives on unless the code moves it, which only types tell.
        let may_be_left = parts.iter().any(|(own, _)| {
            own.iter().any(|&statement| {
                let variables = self.group.variables(statement).iter();
                own.len() > 1
                    && variables
                        .into_iter()
                        .any(|it| self.group.may_be_left(it, statement, own))
            })
        });
        if may_be_left {
            if let Some(staged) = self.staged(&sorted(&all)) {
                return staged;
            }
        }
        // Exits leave in source order. Children whose lines are interleaved have no such order.
        if !all.is_sorted() && self.group.can_exit(&all) {
            return if parts.len() < WIDE && parts.iter().all(|(_, part)| is_chain(part)) {
                self.woven(parts)
            } else {
                self.gated(&sorted(&all))
            };
        }
        let children: Vec<_> = parts
            .into_iter()
            .map(|(statements, part)| self.child(statements, part))
            .collect();
        if children.len() < WIDE {
            return Node::Join(children);
        }
        Node::Loop(Loop {
            is_wide: children.len().min(self.most_at_once) >= WIDE,
            gates: children.iter().map(|_| Vec::new()).collect(),
            children,
            slots: Vec::new(),
        })
    }

    fn woven(&self, parts: Vec<(Vec<usize>, &Plan)>) -> Node {
        let children = parts.into_iter().map(|(statements, part)| Child {
            output: Output::Variables(self.left(&statements)),
            content: Content::Node(self.node(part)),
            call: None,
            exit: Exit::Questions,
            statements,
        });
        let mut children: Vec<_> = children.collect();
        let mut statements = children.iter().flat_map(|it| &it.statements);
        // One variable keeps the exit of any of them.
        if statements.any(|&it| self.group.statements[it].exit == Exit::Anywhere) {
            for child in &mut children {
                child.exit = Exit::Anywhere;
            }
        }
        Node::Woven(children)
    }

    /// The variables that leave a child.
    fn left(&self, statements: &[usize]) -> Vec<(usize, Variable)> {
        let variables = statements.iter().flat_map(|&statement| {
            let variables = self.group.variables(statement).iter();
            let left = variables.filter(|it| self.group.is_left(it, statement, statements));
            left.map(move |variable| (statement, variable.clone()))
                .collect::<Vec<_>>()
        });
        variables.collect()
    }

    fn child(&self, statements: Vec<usize>, part: &Plan) -> Child {
        if let Plan::Leaf(statement) = part {
            return self.statement(*statement);
        }
        let exits = statements
            .iter()
            .map(|&statement| self.group.statements[statement].exit);
        let exit = match exits.max() {
            Some(Exit::Question) => Exit::Questions,
            exit => exit.unwrap_or(Exit::Never),
        };
        Child {
            output: Output::Variables(self.left(&statements)),
            content: Content::Node(self.node(part)),
            call: None,
            exit,
            statements,
        }
    }

    fn statement(&self, statement: usize) -> Child {
        Child {
            call: self.call(statement),
            ..Child::of(self.group, statement)
        }
    }

    fn call(&self, statement: usize) -> Option<Call> {
        let statement_at = &self.group.statements[statement];
        if !statement_at.local.attrs.is_empty() {
            return None;
        }
        let all: Vec<_> = (0..statement).collect();
        let is_bound = |name: &Ident| {
            let name = name.unraw().to_string();
            all.iter().any(|&it| self.group.statements[it].binds(&name))
        };
        let names = Names {
            any: true,
            is_bound: &is_bound,
            is_reference: &is_bound,
        };
        let body = statement_at.expression();
        let tokens = || body.to_token_stream().into_iter().collect();
        bare_call(body, tokens, &names)
    }

    /// `statements` are in source order.
    fn gated(&self, statements: &[usize]) -> Node {
        let slots = self.slots(statements);
        let children: Vec<_> = statements
            .iter()
            .map(|&statement| {
                let child = self.statement(statement);
                let is_filled =
                    |variable: &Variable| slots.iter().any(|it| it.is_of(statement, variable));
                let variables = self.group.variables(statement);
                if !variables.iter().any(is_filled) {
                    return child;
                }
                let others = variables.iter().filter(|it| !is_filled(it));
                let others = others.map(|variable| (statement, variable.clone()));
                Child {
                    output: Output::Variables(others.collect()),
                    ..child.leaving_itself()
                }
            })
            .collect();
        let place = |statement: &usize| statements.binary_search(statement).ok();
        let gates = statements.iter().map(|&statement| {
            let needs = self.group.graph.needs(statement).iter();
            needs.filter_map(place).collect()
        });
        let width = self.group.graph.width(statements);
        Node::Loop(Loop {
            gates: gates.collect(),
            is_wide: width.min(self.most_at_once) >= WIDE,
            children,
            slots,
        })
    }

    fn slots(&self, part: &[usize]) -> Vec<Slot> {
        let mut slots = Vec::new();
        for &statement in part {
            for variable in self.group.variables(statement) {
                let name = variable.name.unraw().to_string();
                let users = self.group.users(&name, Some(statement), part);
                if users.is_empty() {
                    continue;
                }
                let is_passed = variable.by_ref.is_none() && self.group.are_in_sequence(&users);
                slots.push(Slot {
                    variable: variable.clone(),
                    kind: if is_passed {
                        Kind::Passed(statement, self.group.is_left(variable, statement, part))
                    } else {
                        Kind::Lent(statement)
                    },
                    users,
                });
            }
        }
        for (name, binder) in self.group.changed_from_outside(part) {
            let users = self.group.users(&name, binder, part);
            let place = users
                .iter()
                .find_map(|&user| self.group.statements[user].ident_of(&name));
            // No other variable can be named `self`.
            if let Some(place) = place {
                if self.group.are_in_sequence(&users) {
                    let is_behind = users
                        .iter()
                        .all(|&user| self.group.statements[user].uses_only_dereferenced(&name));
                    slots.push(Slot {
                        variable: Variable {
                            name: place.clone(),
                            is_mut: false,
                            by_ref: None,
                        },
                        kind: if is_behind {
                            Kind::Behind
                        } else {
                            Kind::Outside
                        },
                        users,
                    });
                }
            }
        }
        slots
    }
}

impl Slot {
    pub(crate) fn is_of(&self, statement: usize, variable: &Variable) -> bool {
        self.binder() == Some(statement) && self.variable.name == variable.name
    }
}

fn is_chain(plan: &Plan) -> bool {
    match plan {
        Plan::Leaf(_) => true,
        Plan::Series(parts) => parts.iter().all(|it| matches!(it, Plan::Leaf(_))),
        Plan::Parallel(_) | Plan::Gated(_) => false,
    }
}

fn in_order(plan: &Plan) -> Vec<usize> {
    sorted(&plan.tasks())
}

fn sorted(statements: &[usize]) -> Vec<usize> {
    let mut sorted = statements.to_vec();
    sorted.sort_unstable();
    sorted
}

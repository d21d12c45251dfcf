//! Values that are references to another task's value. All values leave a graph together: none can borrow from another.
//!
//! What borrows is mostly known to the borrow checker only, which has two words on it, neither of them on the value. A
//! body that ends in a dependency itself, `same: [user] => user`, is certain. One that ends in `&user.name` borrows unless
//! `user` is a reference, which rustc knows when it checks types, and can be told to report.

use proc_macro2::{Ident, Span};
use quote::ToTokens as _;
use syn::{Expr, UnOp};

use super::Checked;
use crate::ast::{Access, Auto, Binding, Dependency, unraw};

/// A value that borrows from another.
#[derive(Debug)]
pub(crate) struct Borrow<'a> {
    /// The dependency, as the body names it.
    pub(crate) name: &'a Ident,
    /// Where the value begins.
    pub(crate) place: Span,
    /// Whether it is the dependency itself, and no field of it.
    pub(crate) is_whole: bool,
}

impl Checked {
    /// The first one among the expressions of which one is the task's value, if that leaves the graph.
    pub(crate) fn borrow<'a>(&self, auto: &'a Auto, task: usize) -> Option<Borrow<'a>> {
        let declared = &auto.tasks[task];
        let leaves = match auto.final_arm {
            None => true,
            Some(_) => auto.used_at_the_end.contains(&unraw(&declared.name)),
        };
        if !leaves || !self.is_in_result(task) {
            return None;
        }
        let values = declared.body.values().into_iter().flatten();
        let mut borrows = values.filter_map(|value| {
            let (name, is_whole) = borrowed(value)?;
            let first = value.to_token_stream().into_iter().next()?;
            Some(Borrow {
                name,
                place: first.span(),
                is_whole,
            })
        });
        borrows.find(|borrow| {
            self.is_read(auto, task, borrow.name) && !declared.body.binds(borrow.name)
        })
    }

    /// Whether the body sees the value of a task as a reference under this name, and that leaves the graph, too.
    fn is_read(&self, auto: &Auto, task: usize, name: &Ident) -> bool {
        let entries = auto.tasks[task].dependencies.iter();
        let mut entries = entries.zip(&self.sources[task]);
        let is_it = |dependency: &Dependency| {
            matches!(dependency.binding, Binding::Name)
                && !matches!(dependency.access, Access::Take(_))
                && unraw(&dependency.name) == unraw(name)
        };
        let entry = entries.find(|(dependency, _)| is_it(dependency));
        let source = entry.and_then(|(_, source)| source.task());
        source.is_some_and(|source| self.is_in_result(source))
    }
}

/// `user` of `user`, `&user` and `&*user`, or of its field, `&user.name`.
fn borrowed(value: &Expr) -> Option<(&Ident, bool)> {
    let Expr::Reference(reference) = value else {
        return Some((name(value)?, true));
    };
    match &*reference.expr {
        Expr::Unary(unary) if matches!(unary.op, UnOp::Deref(_)) => {
            Some((name(&unary.expr)?, true))
        }
        Expr::Field(field) if reference.mutability.is_none() => Some((name(&field.base)?, false)),
        place => Some((name(place)?, true)),
    }
}

fn name(place: &Expr) -> Option<&Ident> {
    match place {
        Expr::Path(path) if path.qself.is_none() => path.path.get_ident(),
        _ => None,
    }
}

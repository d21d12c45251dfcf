//! Values that are references to another task's value. All values leave a graph together: none can borrow from another.
//!
//! Mostly, only the borrow checker knows what borrows, and its two errors do not point at the value. A body that ends
//! with a dependency, `same: [user] => user`, certainly borrows. One that ends with `&user.name` borrows unless `user`
//! is a reference. rustc knows that when it checks types, so the expansion makes it report the mistake.

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
    /// The first token of the value.
    pub(crate) place: Span,
    /// Whether it is the whole dependency, not a field.
    pub(crate) is_whole: bool,
}

impl Checked {
    /// The first borrow among the expressions that may be the task's value, if the value leaves the graph.
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

    /// Whether the body sees a value as a reference under this name, and that value leaves the graph, too.
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

//! The names that patterns and items bind.

use std::collections::BTreeSet;

use syn::ext::IdentExt as _;
use syn::visit::{self, Visit};
use syn::{Expr, Fields, Item, PatGuard, PatIdent, Type, UseTree};

/// The names that a pattern may bind. Some may be constants.
#[derive(Default)]
pub(crate) struct Bound<'ast> {
    pub(crate) names: BTreeSet<String>,
    pub(crate) guards: Vec<&'ast Expr>,
}

impl<'ast> Visit<'ast> for Bound<'ast> {
    fn visit_pat_ident(&mut self, pattern: &'ast PatIdent) {
        self.names.insert(pattern.ident.unraw().to_string());
        visit::visit_pat_ident(self, pattern);
    }

    fn visit_pat_guard(&mut self, pattern: &'ast PatGuard) {
        self.visit_pat(&pattern.pat);
        self.guards.push(&pattern.guard);
    }

    // Constants.
    fn visit_expr(&mut self, _: &'ast Expr) {}
    fn visit_type(&mut self, _: &'ast Type) {}
}

/// The names of the values that an item defines.
pub(super) fn values_of(item: &Item) -> Vec<String> {
    fn imported(tree: &UseTree, names: &mut Vec<String>) {
        match tree {
            UseTree::Path(path) => imported(&path.tree, names),
            UseTree::Name(name) => names.push(name.ident.unraw().to_string()),
            UseTree::Rename(name) => names.push(name.rename.unraw().to_string()),
            UseTree::Group(group) => group.items.iter().for_each(|tree| imported(tree, names)),
            UseTree::Glob(_) => {}
        }
    }

    let name = match item {
        Item::Fn(item) => &item.sig.ident,
        Item::Const(item) => &item.ident,
        Item::Static(item) => &item.ident,
        Item::Struct(item) if !matches!(item.fields, Fields::Named(_)) => &item.ident,
        Item::Use(item) => {
            let mut names = Vec::new();
            imported(&item.tree, &mut names);
            return names;
        }
        _ => return Vec::new(),
    };
    vec![name.unraw().to_string()]
}

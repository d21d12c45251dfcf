//! Values that stay in the tuple that a node resolves to. Tasks read them through one reference to it.

use std::collections::BTreeMap;

use proc_macro2::{Ident, Span, TokenStream};
use quote::format_ident;
use syn::Index;

use super::bindings::{by_reference, references};
use super::wide::CHUNK;
use super::{Emitter, bundle};
use crate::ast::{Binding, Dependency};
use crate::lower::{Child, InTuple};

impl Emitter<'_> {
    /// Statements that bind the values of the children of a node: as `declare` prints, unless they stay in the tuple.
    pub(super) fn bind(
        &self,
        children: &[Child],
        declare: impl FnOnce() -> TokenStream,
        joined: &TokenStream,
    ) -> TokenStream {
        let first = children.iter().flat_map(|child| &child.values).next();
        let Some(in_tuple) = first.and_then(|first| self.tuples.get(first)) else {
            let values = declare();
            return ours!(#values = #joined;);
        };
        let (tuple, reference) = (tuple(in_tuple), reference(in_tuple));
        ours!(let #tuple = #joined; let #reference = &#tuple;)
    }

    /// Whether a dependency is bound by a pattern for the tuple that its value stays in. Under `#![settle]`, a record is
    /// around each value.
    pub(super) fn is_part_of_tuple(&self, value: usize, dependency: &Dependency) -> bool {
        self.tuples.contains_key(&value)
            && matches!(dependency.binding, Binding::Name)
            && !self.checked.options.settle
    }

    /// Statements that bind these names to the values of tasks, which stay in tuples.
    pub(super) fn parts_of_tuples(&self, names: &BTreeMap<usize, Ident>) -> TokenStream {
        let mut tuples = BTreeMap::new();
        for (task, name) in names {
            let in_tuple = &self.tuples[task];
            let (_, parts) = tuples
                .entry(in_tuple.first)
                .or_insert((in_tuple, BTreeMap::new()));
            parts.insert(in_tuple.child, name);
        }
        let bound = tuples.values().map(|(in_tuple, parts)| {
            let reference = reference(in_tuple);
            references(&pattern(parts, in_tuple.width), &ours!(*#reference))
        });
        bound.collect()
    }

    /// A value in a tuple, for tasks that read it.
    pub(super) fn read_in_tuple(&self, task: usize) -> Option<TokenStream> {
        let in_tuple = self.tuples.get(&task)?;
        Some(field(&reference(in_tuple), in_tuple))
    }

    /// A value in a tuple, which leaves it.
    pub(super) fn moved_out_of_tuple(&self, task: usize) -> Option<TokenStream> {
        let in_tuple = self.tuples.get(&task)?;
        Some(field(&tuple(in_tuple), in_tuple))
    }
}

fn tuple(in_tuple: &InTuple) -> Ident {
    format_ident!(
        "__conjoin_tuple_{}",
        in_tuple.first,
        span = Span::mixed_site()
    )
}

/// The reference to a tuple.
fn reference(in_tuple: &InTuple) -> Ident {
    format_ident!(
        "__conjoin_values_{}",
        in_tuple.first,
        span = Span::mixed_site()
    )
}

fn field(tuple: &Ident, in_tuple: &InTuple) -> TokenStream {
    let child = Index::from(in_tuple.child % CHUNK);
    let chunk = (in_tuple.width > CHUNK).then(|| Index::from(in_tuple.child / CHUNK));
    let chunk = chunk.map(|chunk| ours!(.#chunk));
    ours!(#tuple #chunk .#child)
}

/// The pattern that binds references to these parts of a tuple.
fn pattern(parts: &BTreeMap<usize, &Ident>, width: usize) -> TokenStream {
    bundle((0..width).step_by(CHUNK).map(|first| {
        let places = first..width.min(first + CHUNK);
        if parts.range(places.clone()).next().is_none() {
            return ours!(_);
        }
        let part = |place| {
            parts
                .get(&place)
                .map_or(ours!(_), |name| by_reference((*name).clone()))
        };
        let parts = places.map(part);
        ours!((#(#parts),*))
    }))
}

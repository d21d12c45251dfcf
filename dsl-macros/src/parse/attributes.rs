//! `#![…]` at the top of a graph, and `#[…]` on tasks.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::{Meta, MetaList};

use super::Parser;
use crate::ast::Attribute;
use crate::syntax::token::punct;

impl Parser<'_, '_> {
    pub(super) fn inner_attributes(&mut self) -> Vec<Attribute> {
        let mut attributes = Vec::new();
        while let Some([hash, bang, TokenTree::Group(group)]) =
            self.tokens.get(self.at..self.at + 3)
        {
            if !punct(hash, '#') || !punct(bang, '!') {
                break;
            }
            attributes.push(attribute(hash, group));
            self.at += 3;
        }
        attributes
    }

    pub(super) fn outer_attributes(&mut self) -> Vec<Attribute> {
        let mut attributes = Vec::new();
        while self.peek().is_some_and(|token| punct(token, '#')) {
            let rest = &self.tokens[self.at..];
            match rest {
                [hash, TokenTree::Group(group), ..] => {
                    attributes.push(attribute(hash, group));
                    self.at += 2;
                }
                [_, bang, TokenTree::Group(_), ..] if punct(bang, '!') => {
                    self.errors.report(
                        &rest[..3],
                        "options of the graph must come before its first task",
                        "move it to the top, or write `#[…]` without the `!` for an attribute of this task",
                    );
                    self.at += 3;
                }
                _ => {
                    self.errors.report(
                        &rest[0],
                        "expected an attribute after `#`",
                        "write `#[…]` before the task's name",
                    );
                    self.at += 1;
                }
            }
        }
        attributes
    }
}

fn attribute(hash: &TokenTree, group: &proc_macro2::Group) -> Attribute {
    let content = group.stream();
    let meta = syn::parse2::<Meta>(content.clone()).ok();
    let path = meta
        .as_ref()
        .map_or_else(|| content.clone(), |meta| meta.path().to_token_stream());
    Attribute {
        path: path.to_string().replace(' ', ""),
        meta,
        content,
        tokens: [hash.clone(), group.clone().into()].into_iter().collect(),
        span: group.span(),
    }
}

/// The predicate of `#[cfg(PREDICATE)]`.
pub(super) fn predicate(attribute: Attribute) -> TokenStream {
    match attribute.meta {
        Some(Meta::List(MetaList { tokens, .. })) => tokens,
        _ => TokenStream::new(),
    }
}

//! Patterns in the head of a task.

use std::collections::BTreeSet;

use proc_macro2::{TokenStream, TokenTree};
use syn::ext::IdentExt as _;
use syn::parse::Parser as _;
use syn::visit::{self, Visit};
use syn::{Pat, PatIdent, Path};

/// A pattern as the user wrote it.
pub(crate) struct Pattern {
    pub(crate) tokens: TokenStream,
    /// `None` if syn cannot read the tokens.
    tree: Option<Pat>,
}

impl Pattern {
    pub(crate) fn read(tokens: &[TokenTree]) -> Self {
        let tokens: TokenStream = tokens.iter().cloned().collect();
        Pattern {
            tree: Pat::parse_multi_with_leading_vert
                .parse2(tokens.clone())
                .ok(),
            tokens,
        }
    }

    pub(super) fn tree(&self) -> Option<&Pat> {
        self.tree.as_ref()
    }

    /// All names in it, bound or not.
    pub(crate) fn words(&self) -> BTreeSet<String> {
        fn collect(tokens: TokenStream, words: &mut BTreeSet<String>) {
            for token in tokens {
                match token {
                    TokenTree::Ident(name) => _ = words.insert(name.unraw().to_string()),
                    TokenTree::Group(group) => collect(group.stream(), words),
                    TokenTree::Punct(_) | TokenTree::Literal(_) => {}
                }
            }
        }

        let mut words = BTreeSet::new();
        collect(self.tokens.clone(), &mut words);
        words
    }

    /// Whether the pattern is `Some(…)` or `None`, by whatever path.
    pub(crate) fn is_some_or_none(&self) -> bool {
        let is = |path: &Path, name: &str| path.segments.last().is_some_and(|it| it.ident == name);
        match &self.tree {
            Some(Pat::TupleStruct(pattern)) => is(&pattern.path, "Some"),
            Some(Pat::Path(pattern)) => is(&pattern.path, "None"),
            Some(Pat::Ident(pattern)) => pattern.subpat.is_none() && pattern.ident == "None",
            _ => false,
        }
    }

    /// Whether the pattern may borrow from the matched place itself, instead of through its reference.
    pub(crate) fn may_borrow(&self) -> bool {
        #[derive(Default)]
        struct Refs(bool);

        impl<'ast> Visit<'ast> for Refs {
            fn visit_pat_ident(&mut self, pattern: &'ast PatIdent) {
                self.0 |= pattern.by_ref.is_some();
                visit::visit_pat_ident(self, pattern);
            }
        }

        let mut refs = Refs::default();
        match &self.tree {
            Some(tree) => refs.visit_pat(tree),
            None => return true,
        }
        refs.0
    }
}

impl std::fmt::Debug for Pattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Pattern")
            .field(&self.tokens.to_string())
            .finish()
    }
}

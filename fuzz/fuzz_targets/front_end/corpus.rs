//! The inputs to edit: the calls of the macro in the workspace, and blocks of other code as bodies.

use std::fs;
use std::path::Path;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// The searched folders, relative to the workspace.
const FOLDERS: [&str; 5] = ["dsl", "dsl-macros", "examples", "runtime-adapters", "tests"];

/// The most bytes of a piece.
const LARGEST: usize = 2_000;

/// Pieces of the workspace's code.
#[derive(Default)]
pub(crate) struct Corpus {
    /// The insides of calls.
    pub(crate) graphs: Vec<TokenStream>,
    /// Blocks of other code.
    pub(crate) blocks: Vec<TokenTree>,
}

thread_local! {
    static CORPUS: Corpus = find();
}

/// Runs `f` on the one corpus.
pub(crate) fn with<R>(f: impl FnOnce(&Corpus) -> R) -> R {
    CORPUS.with(f)
}

fn find() -> Corpus {
    let mut corpus = Corpus::default();
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for folder in FOLDERS {
        visit(&workspace.join(folder), &mut corpus);
    }
    assert!(
        corpus.graphs.len() > 100,
        "the workspace's calls are not where they were"
    );
    corpus
}

/// Sorted, because inputs refer to pieces by number.
fn visit(folder: &Path, corpus: &mut Corpus) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    let mut paths: Vec<_> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            visit(&path, corpus);
        } else if path.extension().is_some_and(|it| it == "rs")
            && let Ok(text) = fs::read_to_string(&path)
            && let Ok(tokens) = text.parse()
        {
            collect(tokens, corpus);
        }
    }
}

fn collect(stream: TokenStream, corpus: &mut Corpus) {
    let mut before = [None, None];
    for token in stream {
        if let TokenTree::Group(group) = &token {
            let is_small = group.to_string().len() <= LARGEST;
            let is_call = matches!(&before, [Some(TokenTree::Ident(name)), Some(TokenTree::Punct(bang))]
                if ["auto", "explain"].iter().any(|it| name == it) && bang.as_char() == '!');
            if is_small && is_call {
                corpus.graphs.push(group.stream());
            } else if is_small && group.delimiter() == Delimiter::Brace {
                corpus.blocks.push(token.clone());
            }
            collect(group.stream(), corpus);
        }
        before = [before[1].take(), Some(token)];
    }
}

//! Bodies that are nothing but a call.

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, TokenTree};

use super::{group, inside, is_keyword, operator, punct, word};
use crate::ast::{Access, Binding, Body, Dependency, unraw};

/// A body such as `db.posts(user.id).await?`, whose future needs no `async` block around it: nothing that it borrows is
/// made by the body itself.
pub(crate) struct Call<'b> {
    /// `db.posts(user.id)`
    pub(crate) called: &'b [TokenTree],
    /// `.await`
    pub(crate) awaits: &'b [TokenTree],
    /// `?`
    pub(crate) question: Option<&'b TokenTree>,
}

impl Body {
    /// The call, of a task with these dependencies, if this is one and it outlives its arguments' evaluation: they are
    /// paths, fields, literals and arithmetic, so that there is no temporary value; and what it borrows is not one of the
    /// variables that the dependencies are bound to, but what those refer to.
    ///
    /// It does not matter whether names, or what is between dots, are there already: while they are typed, the expansion
    /// stays the same.
    pub(crate) fn as_call(&self, dependencies: &[Dependency]) -> Option<Call<'_>> {
        let (rest, question) = match self.tokens.split_last()? {
            (last, rest) if punct(last, '?') => (rest, Some(last)),
            _ => (&self.tokens[..], None),
        };
        let at = rest.len().checked_sub(2)?;
        let (called, awaits) = rest.split_at(at);
        let (arguments, function) = called.split_last()?;
        let arguments = inside(group(arguments, Delimiter::Parenthesis)?);
        let takes = dependencies
            .iter()
            .any(|dependency| matches!(dependency.access, Access::Take(_)));
        let is_call = punct(&awaits[0], '.')
            && word(&awaits[1], "await")
            && !self.loose
            && !takes
            && is_callee(function, dependencies)
            && are_plain(&arguments, dependencies);
        is_call.then_some(Call {
            called,
            awaits,
            question,
        })
    }
}

/// Whether this is a path, or fields and a method of something that is none of the variables of `dependencies`.
fn is_callee(tokens: &[TokenTree], dependencies: &[Dependency]) -> bool {
    let Some(TokenTree::Ident(first)) = tokens.first() else {
        return false;
    };
    let is_path = tokens.iter().enumerate().all(|(at, token)| match token {
        TokenTree::Ident(ident) => is_name(&ident.to_string()),
        TokenTree::Punct(_) => {
            punct(token, '.')
                || operator(tokens, at, [':', ':'])
                || at
                    .checked_sub(1)
                    .is_some_and(|before| operator(tokens, before, [':', ':']))
        }
        TokenTree::Group(_) | TokenTree::Literal(_) => false,
    });
    is_path && !bound(dependencies).contains(&unraw(first)) && !is_of_a_constant(tokens)
}

/// Whether this is a method of what may be a constant, or a field of one: a temporary value that the method borrows.
fn is_of_a_constant(tokens: &[TokenTree]) -> bool {
    let receiver = tokens
        .split(|token| punct(token, '.'))
        .next()
        .filter(|path| path.len() < tokens.len());
    matches!(receiver.and_then(<[_]>::last), Some(TokenTree::Ident(name)) if is_constant(&name.to_string()))
}

/// Whether these are values that live on, or are copied or moved.
fn are_plain(tokens: &[TokenTree], dependencies: &[Dependency]) -> bool {
    let binds_pattern = dependencies
        .iter()
        .any(|dependency| matches!(dependency.binding, Binding::Pattern(_)));
    tokens.iter().enumerate().all(|(at, token)| match token {
        TokenTree::Ident(ident) => is_name(&ident.to_string()),
        TokenTree::Literal(_) => true,
        TokenTree::Punct(punct) => match punct.as_char() {
            '&' => !binds_pattern && borrows_a_field(&tokens[at + 1..]),
            char => ".,*+-/%:".contains(char),
        },
        TokenTree::Group(_) => false,
    })
}

/// Whether a field follows, or what something points to: of a variable, this may be what it refers to. Fields of constants,
/// which are temporary values, do not count.
fn borrows_a_field(tokens: &[TokenTree]) -> bool {
    match tokens {
        [TokenTree::Literal(_), ..] => true,
        [star, TokenTree::Ident(name), ..] if punct(star, '*') => !is_constant(&name.to_string()),
        [TokenTree::Ident(name), dot, ..] if punct(dot, '.') => !is_constant(&name.to_string()),
        _ => false,
    }
}

fn is_constant(name: &str) -> bool {
    name.starts_with(|first: char| !first.is_lowercase() && first != '_')
}

fn is_name(name: &str) -> bool {
    !is_keyword(name) || ["crate", "false", "self", "Self", "super", "true"].contains(&name)
}

/// The names that may be variables of the body: those of dependencies, and all in their patterns.
fn bound(dependencies: &[Dependency]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for dependency in dependencies {
        match &dependency.binding {
            Binding::Name => _ = names.insert(unraw(&dependency.name)),
            Binding::Pattern(pattern) => collect(pattern.clone().into_iter(), &mut names),
            Binding::Order(_) => {}
        }
    }
    names
}

fn collect(tokens: impl Iterator<Item = TokenTree>, names: &mut BTreeSet<String>) {
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => _ = names.insert(unraw(&ident)),
            TokenTree::Group(group) => collect(group.stream().into_iter(), names),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

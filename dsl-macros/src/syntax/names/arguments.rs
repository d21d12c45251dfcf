//! Names in the arguments of macros, and in tokens that do not parse as expressions.

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::visit::Visit as _;
use syn::{Block, Expr, Lit, LitStr, Macro, Pat, Token};

use super::{Certainty, Names};
use crate::syntax::macros::{self, Arguments};
use crate::syntax::token::{group, inside, is_joint, is_name, operator, punct, word};

impl Names {
    /// Adds the names in a macro call. Well-known macros define how their arguments are read; for others it is a guess.
    pub(super) fn add_macro(&mut self, call: &Macro) {
        let name = call.path.segments.last();
        let name = name.map_or_else(String::new, |name| name.ident.to_string());
        let tokens = || call.tokens.clone().into_iter().collect::<Vec<_>>();
        let read = match macros::arguments(&name) {
            Arguments::Nothing => Ok(()),
            Arguments::Quoted => {
                self.in_doubt(|names| names.add_tokens(&interpolated(&tokens())));
                Ok(())
            }
            Arguments::Graph => {
                self.in_doubt(|names| names.add_graph(&tokens()));
                Ok(())
            }
            Arguments::Match => {
                (|input: ParseStream<'_>| self.add_match(input)).parse2(call.tokens.clone())
            }
            Arguments::Expressions(format) => macros::expressions
                .parse2(call.tokens.clone())
                .map(|arguments| self.add_arguments(&arguments, format)),
            Arguments::Unknown => {
                self.in_doubt(|names| names.add_unknown(&call.tokens));
                Ok(())
            }
        };
        if read.is_err() {
            self.in_doubt(|names| names.add_tokens(&tokens()));
        }
    }

    /// The names that a format string captures.
    fn add_captures(&mut self, format: &LitStr, except: &BTreeSet<String>) {
        for capture in captures(&format.value()) {
            if !except.contains(&capture) {
                if let Ok(name) = syn::parse_str::<Ident>(&capture) {
                    self.find(&Ident::new(&name.to_string(), format.span()), false);
                }
            }
        }
    }

    /// A macro's arguments: expressions, one of which may be a format string, with `name = value` among them.
    fn add_arguments(&mut self, arguments: &[Expr], format: Option<usize>) {
        let mut named = BTreeSet::new();
        for argument in arguments {
            if let Expr::Assign(assign) = argument {
                if let Expr::Path(name) = &*assign.left {
                    named.extend(name.path.get_ident().map(|name| name.unraw().to_string()));
                    self.visit_expr(&assign.right);
                    continue;
                }
            }
            self.visit_expr(argument);
        }
        let format = format.and_then(|at| arguments.get(at)).and_then(string);
        if let Some(format) = format {
            self.add_captures(format, &named);
        }
    }

    /// `matches!(EXPRESSION, PATTERN if GUARD)`
    fn add_match(&mut self, input: ParseStream<'_>) -> syn::Result<()> {
        let expression: Expr = input.parse()?;
        input.parse::<Token![,]>()?;
        let pattern = Pat::parse_multi_with_leading_vert(input)?;
        let guard = if input.peek(Token![if]) {
            input.parse::<Token![if]>()?;
            Some(input.parse::<Expr>()?)
        } else {
            None
        };
        input.parse::<Option<Token![,]>>()?;
        self.visit_expr(&expression);
        self.in_scope(|names| {
            names.bind_pattern(&pattern);
            if let Some(guard) = &guard {
                names.visit_expr(guard);
            }
        });
        Ok(())
    }

    fn add_unknown(&mut self, tokens: &TokenStream) {
        if let Ok(arguments) = macros::expressions.parse2(tokens.clone()) {
            // Any of them may be a format string.
            self.add_arguments(&arguments, None);
            for format in arguments.iter().filter_map(string) {
                self.add_captures(format, &BTreeSet::new());
            }
        } else if let Ok(statements) = Block::parse_within.parse2(tokens.clone()) {
            self.in_scope(|names| names.visit_statements(&statements));
        } else {
            self.add_tokens(&tokens.clone().into_iter().collect::<Vec<_>>());
        }
    }

    /// Adds the names in a nested graph. A name of one of its tasks may mean that task, or one of the outer graph.
    fn add_graph(&mut self, tokens: &[TokenTree]) {
        let tasks = (0..tokens.len()).filter(|&at| {
            let before = at.checked_sub(1).map(|before| &tokens[before]);
            // After a comma, or after an attribute.
            let starts = before.is_none_or(|before| {
                punct(before, ',') || group(before, Delimiter::Bracket).is_some()
            });
            let is_colon = |token: &TokenTree| punct(token, ':') && !is_joint(token);
            let is_head = operator(tokens, at + 1, ['=', '>'])
                || tokens
                    .get(at + 1)
                    .is_some_and(|next| is_colon(next) || word(next, "if") || word(next, "for"));
            starts && is_head && is_name(&tokens[at])
        });
        let tasks: Vec<_> = tasks
            .filter_map(|at| match &tokens[at] {
                TokenTree::Ident(name) => Some(name.unraw()),
                _ => None,
            })
            .collect();
        let outside = self.found.len();
        self.add_tokens(tokens);
        for found in &mut self.found[outside..] {
            if tasks.contains(&found.name.unraw()) {
                found.certainty = Certainty::Possible;
            }
        }
    }

    /// Adds the names in tokens that do not parse.
    pub(super) fn add_tokens(&mut self, tokens: &[TokenTree]) {
        for (at, token) in tokens.iter().enumerate() {
            match token {
                TokenTree::Group(group) => self.add_tokens(&inside(group)),
                TokenTree::Literal(_) => {
                    if let Ok(format) = syn::parse2::<LitStr>(token.clone().into()) {
                        self.add_captures(&format, &BTreeSet::new());
                    }
                }
                TokenTree::Ident(name) if is_name(token) && is_variable(tokens, at) => {
                    let next = tokens.get(at + 1);
                    let is_called =
                        next.is_some_and(|next| group(next, Delimiter::Parenthesis).is_some());
                    self.find(name, is_called);
                }
                TokenTree::Ident(_) | TokenTree::Punct(_) => {}
            }
        }
    }
}

/// The literal, if an expression is a string.
fn string(expression: &Expr) -> Option<&LitStr> {
    match expression {
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(string) => Some(string),
            _ => None,
        },
        _ => None,
    }
}

/// Whether the name at `at` may be a variable, judged by its neighbors.
fn is_variable(tokens: &[TokenTree], at: usize) -> bool {
    let before = at.checked_sub(1).map(|before| &tokens[before]);
    let next = tokens.get(at + 1);
    let is_member = before.is_some_and(|before| punct(before, '.'))
        && !(at > 1 && operator(tokens, at - 2, ['.', '.']));
    let is_label = before.is_some_and(|before| punct(before, '\''));
    let is_declared = before.is_some_and(|before| {
        ["fn", "let", "mod", "mut", "ref", "struct", "type", "use"]
            .iter()
            .any(|keyword| word(before, keyword))
    });
    let in_path = at > 1 && operator(tokens, at - 2, [':', ':']);
    // `name::`, `name: …` and `name!`, but not `name != other`
    let is_other = next.is_some_and(|next| punct(next, ':') || punct(next, '!') && !is_joint(next));
    // A pattern, or the name of an argument.
    let starts = before.is_none_or(|before| {
        punct(before, ',') || punct(before, '|') || group(before, Delimiter::Brace).is_some()
    });
    let is_bound = starts && operator(tokens, at + 1, ['=', '>'])
        || next.is_some_and(|next| punct(next, '=') && !is_joint(next));
    !(is_member || is_label || is_declared || in_path || is_other || is_bound)
}

/// The names after `#` in the arguments of `quote!`.
fn interpolated(tokens: &[TokenTree]) -> Vec<TokenTree> {
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(inner) => found.extend(interpolated(&inside(inner))),
            TokenTree::Ident(_) if at > 0 && punct(&tokens[at - 1], '#') => {
                found.push(token.clone());
            }
            TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
    found
}

/// The names in the braces of a format string: `{name}`, `{name:?}`, `{:name$}`, `{:.name$}`.
fn captures(format: &str) -> Vec<String> {
    let mut captures = Vec::new();
    let mut rest = format.replace("{{", "");
    while let Some(open) = rest.find('{') {
        let after = rest.split_off(open + 1);
        let Some((argument, after)) = after.split_once('}') else {
            break;
        };
        let (name, spec) = argument.split_once(':').unwrap_or((argument, ""));
        captures.push(name.trim().to_owned());
        let parameters = spec.split('$').rev().skip(1);
        captures.extend(parameters.map(|parameter| {
            let start = parameter.rfind(|char: char| !char.is_alphanumeric() && char != '_');
            parameter[start.map_or(0, |start| start + 1)..].to_owned()
        }));
        after.clone_into(&mut rest);
    }
    captures
}

#[cfg(test)]
mod tests {
    use super::captures;

    #[test]
    fn format_specs_are_read() {
        assert_eq!(
            captures("{a:1$} {b:>w$.p$} {{c}} {"),
            ["a", "1", "b", "p", "w"]
        );
    }
}

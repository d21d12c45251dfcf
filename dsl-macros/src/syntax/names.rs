//! The names that code uses and does not bind itself: by them, a body refers to tasks.
//!
//! Names resolve as in Rust: a `let`, a closure's parameter, a pattern or an item of a block shadows. Fields, methods,
//! labels, paths of several segments and what stands in types are no uses. Captures in format strings are.
//!
//! What a macro makes of its arguments is its own affair. The arguments of macros that everybody knows are read as the
//! expressions that they are. In those of other macros, and in code that syn cannot read, a use is only likely.

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::visit::{self, Visit};
use syn::{
    Arm, Attribute, Block, Expr, ExprClosure, ExprConst, ExprForLoop, ExprIf, ExprLet, ExprPath,
    ExprStruct, ExprWhile, Fields, GenericArgument, Item, Lit, LitStr, Local, Macro, Pat, PatGuard,
    PatIdent, Stmt, Token, Type, UseTree,
};

use super::macros;
use super::token::{group, inside, is_joint, is_name, operator, punct, word};

/// A place where code uses a name that comes from outside it.
#[derive(Clone, Debug)]
pub(crate) struct Use {
    pub(crate) name: Ident,
    pub(crate) certainty: Certainty,
    /// Whether this is `name(…)`, which is more often a function than a variable.
    pub(crate) is_called: bool,
}

/// How sure it is that a name is a use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Certainty {
    /// rustc resolves the name here, as the variable that it is.
    Certain,
    /// A macro gets the name.
    Likely,
    /// A nested graph gets the name, and has a task of that name itself.
    Possible,
}

/// The uses in code that comes after some other: what that binds shadows here.
#[derive(Debug, Default)]
pub(crate) struct Names {
    found: Vec<Use>,
    /// What is bound where the visitor is, by scope.
    scopes: Vec<BTreeSet<String>>,
    /// Whether the code is in the arguments of a macro that may do anything with it.
    is_in_doubt: bool,
}

impl Names {
    /// Adds the uses in an expression. What a condition binds is bound in what is added after it.
    pub(crate) fn add(&mut self, tokens: &[TokenTree], tree: Option<&Expr>) {
        if self.scopes.is_empty() {
            self.scopes.push(BTreeSet::new());
        }
        match tree {
            Some(tree) => self.visit_expr(tree),
            None => self.in_doubt(|names| names.add_tokens(tokens)),
        }
    }

    /// In source order, but for what is nested in macros.
    pub(crate) fn into_uses(self) -> Vec<Use> {
        self.found
    }

    fn find(&mut self, name: &Ident, is_called: bool) {
        let text = name.unraw().to_string();
        let is_bound = self.scopes.iter().any(|scope| scope.contains(&text));
        if !is_bound && name != "self" && name != "Self" {
            self.found.push(Use {
                name: name.clone(),
                certainty: if self.is_in_doubt {
                    Certainty::Likely
                } else {
                    Certainty::Certain
                },
                is_called,
            });
        }
    }

    fn bind(&mut self, names: impl IntoIterator<Item = String>) {
        self.scopes
            .last_mut()
            .expect("there is a scope around all code")
            .extend(names);
    }

    /// A guard in the pattern sees what that binds.
    fn bind_pattern(&mut self, pattern: &Pat) {
        let mut bound = Bound::default();
        bound.visit_pat(pattern);
        self.bind(bound.names);
        for guard in bound.guards {
            self.visit_expr(guard);
        }
    }

    fn in_scope(&mut self, visit: impl FnOnce(&mut Self)) {
        self.scopes.push(BTreeSet::new());
        visit(self);
        self.scopes.pop();
    }

    fn in_doubt(&mut self, visit: impl FnOnce(&mut Self)) {
        let outside = std::mem::replace(&mut self.is_in_doubt, true);
        visit(self);
        self.is_in_doubt = outside;
    }

    /// The names that a format string captures.
    fn add_captures(&mut self, format: &LitStr, except: &BTreeSet<String>) {
        for capture in captures(&format.value()) {
            if !except.contains(&capture)
                && let Ok(name) = syn::parse_str::<Ident>(&capture)
            {
                self.find(&Ident::new(&name.to_string(), format.span()), false);
            }
        }
    }

    /// A macro's arguments: expressions, one of which may be a format string, with `name = value` among them.
    fn add_arguments(&mut self, arguments: &[Expr], format: Option<usize>) {
        let mut named = BTreeSet::new();
        for argument in arguments {
            match argument {
                Expr::Assign(assign) if let Expr::Path(name) = &*assign.left => {
                    named.extend(name.path.get_ident().map(|name| name.unraw().to_string()));
                    self.visit_expr(&assign.right);
                }
                argument => self.visit_expr(argument),
            }
        }
        let format = format.and_then(|at| arguments.get(at));
        if let Some(Expr::Lit(literal)) = format
            && let Lit::Str(format) = &literal.lit
        {
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
            for argument in &arguments {
                if let Expr::Lit(literal) = argument
                    && let Lit::Str(format) = &literal.lit
                {
                    self.add_captures(format, &BTreeSet::new());
                }
            }
        } else if let Ok(statements) = Block::parse_within.parse2(tokens.clone()) {
            self.in_scope(|names| names.visit_statements(&statements));
        } else {
            self.add_tokens(&tokens.clone().into_iter().collect::<Vec<_>>());
        }
    }

    /// A graph within the code: the names of its tasks may be its own, or those around it.
    fn add_graph(&mut self, tokens: &[TokenTree]) {
        let tasks = (0..tokens.len()).filter(|&at| {
            let starts = at == 0 || punct(&tokens[at - 1], ',') || {
                let before = group(&tokens[at - 1], Delimiter::Bracket);
                before.is_some()
            };
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

    /// As far as tokens tell.
    fn add_tokens(&mut self, tokens: &[TokenTree]) {
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

    fn visit_statements(&mut self, statements: &[Stmt]) {
        // Items are in scope in all of the block.
        self.bind(statements.iter().flat_map(|statement| match statement {
            Stmt::Item(item) => values_of(item),
            _ => Vec::new(),
        }));
        for statement in statements {
            self.visit_stmt(statement);
        }
    }
}

impl<'ast> Visit<'ast> for Names {
    fn visit_expr(&mut self, expression: &'ast Expr) {
        match expression {
            // Newer than syn.
            Expr::Verbatim(tokens) => {
                let tokens: Vec<_> = tokens.clone().into_iter().collect();
                self.in_doubt(|names| names.add_tokens(&tokens));
            }
            Expr::Call(call) => {
                match &*call.func {
                    Expr::Path(callee) if let Some(name) = variable(callee) => {
                        self.find(name, true);
                    }
                    callee => self.visit_expr(callee),
                }
                call.args.iter().for_each(|it| self.visit_expr(it));
            }
            expression => visit::visit_expr(self, expression),
        }
    }

    fn visit_expr_path(&mut self, path: &'ast ExprPath) {
        if let Some(name) = variable(path) {
            self.find(name, false);
        }
    }

    fn visit_expr_struct(&mut self, literal: &'ast ExprStruct) {
        for field in &literal.fields {
            self.visit_expr(&field.expr);
        }
        literal.rest.iter().for_each(|rest| self.visit_expr(rest));
    }

    fn visit_block(&mut self, block: &'ast Block) {
        self.in_scope(|names| names.visit_statements(&block.stmts));
    }

    fn visit_local(&mut self, local: &'ast Local) {
        if let Some(init) = &local.init {
            self.visit_expr(&init.expr);
            if let Some((_, diverge)) = &init.diverge {
                self.visit_expr(diverge);
            }
        }
        self.bind_pattern(&local.pat);
    }

    fn visit_expr_let(&mut self, condition: &'ast ExprLet) {
        self.visit_expr(&condition.expr);
        self.bind_pattern(&condition.pat);
    }

    fn visit_expr_if(&mut self, expression: &'ast ExprIf) {
        self.in_scope(|names| {
            names.visit_expr(&expression.cond);
            names.visit_block(&expression.then_branch);
        });
        if let Some((_, otherwise)) = &expression.else_branch {
            self.visit_expr(otherwise);
        }
    }

    fn visit_expr_while(&mut self, expression: &'ast ExprWhile) {
        self.in_scope(|names| {
            names.visit_expr(&expression.cond);
            names.visit_block(&expression.body);
        });
    }

    fn visit_expr_for_loop(&mut self, expression: &'ast ExprForLoop) {
        self.visit_expr(&expression.expr);
        self.in_scope(|names| {
            names.bind_pattern(&expression.pat);
            names.visit_block(&expression.body);
        });
    }

    fn visit_arm(&mut self, arm: &'ast Arm) {
        self.in_scope(|names| {
            names.bind_pattern(&arm.pat);
            names.visit_expr(&arm.body);
        });
    }

    fn visit_expr_closure(&mut self, closure: &'ast ExprClosure) {
        self.in_scope(|names| {
            for parameter in &closure.inputs {
                names.bind_pattern(parameter);
            }
            names.visit_expr(&closure.body);
        });
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        let name = call.path.segments.last();
        let name = name.map_or_else(String::new, |name| name.ident.to_string());
        let tokens = || call.tokens.clone().into_iter().collect::<Vec<_>>();
        match macros::arguments(&name) {
            macros::Arguments::Nothing => {}
            macros::Arguments::Quoted => {
                let tokens = tokens();
                self.in_doubt(|names| names.add_tokens(&interpolated(&tokens)));
            }
            macros::Arguments::Graph => self.in_doubt(|names| names.add_graph(&tokens())),
            macros::Arguments::Match => {
                let read =
                    (|input: ParseStream<'_>| self.add_match(input)).parse2(call.tokens.clone());
                if read.is_err() {
                    self.in_doubt(|names| names.add_tokens(&tokens()));
                }
            }
            macros::Arguments::Expressions(format) => {
                match macros::expressions.parse2(call.tokens.clone()) {
                    Ok(arguments) => self.add_arguments(&arguments, format),
                    Err(_) => self.in_doubt(|names| names.add_tokens(&tokens())),
                }
            }
            macros::Arguments::Unknown => self.in_doubt(|names| names.add_unknown(&call.tokens)),
        }
    }

    // No variable of the code around is in scope in these, or none is named in them.
    fn visit_attribute(&mut self, _: &'ast Attribute) {}
    fn visit_expr_const(&mut self, _: &'ast ExprConst) {}
    fn visit_item(&mut self, _: &'ast Item) {}
    fn visit_type(&mut self, _: &'ast Type) {}
    fn visit_generic_argument(&mut self, _: &'ast GenericArgument) {}
}

/// The name, if a path is nothing else.
fn variable(path: &ExprPath) -> Option<&Ident> {
    path.path.get_ident().filter(|_| path.qself.is_none())
}

/// What a pattern binds. A name in it may be a constant as well.
#[derive(Default)]
struct Bound<'ast> {
    names: BTreeSet<String>,
    guards: Vec<&'ast Expr>,
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

/// The names that an item gives to values.
fn values_of(item: &Item) -> Vec<String> {
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

/// Whether the name at `at` may be a variable's, as far as its neighbors tell.
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

/// The names after `#` in what `quote!` keeps.
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

/// What stands for a name in the braces of a format string: `{name}`, `{name:?}`, `{:name$}`, `{:.name$}`.
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
    use super::{Certainty, Names, captures};
    use crate::syntax::recovery;

    /// The uses, with `?` after those that are likely and `()` after those that are called.
    fn uses(code: &str) -> String {
        let tokens: Vec<_> = code
            .parse::<proc_macro2::TokenStream>()
            .expect("tokens")
            .into_iter()
            .collect();
        let mut names = Names::default();
        names.add(&tokens, recovery::parse(&tokens).as_ref());
        let uses = names.into_uses().into_iter().map(|found| {
            let call = if found.is_called { "()" } else { "" };
            let doubt = match found.certainty {
                Certainty::Certain => "",
                Certainty::Likely => "?",
                Certainty::Possible => "??",
            };
            format!("{}{call}{doubt}", found.name)
        });
        uses.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn variables_are_uses_and_members_are_not() {
        assert_eq!(uses("a.b.c(d).await? + e::f(g)[h]"), "a d g h");
        assert_eq!(uses("Page { user, posts: list, ..rest }"), "user list rest");
        assert_eq!(uses("f(a)(b)"), "f() a b");
        assert_eq!(uses("'l: loop { break 'l x as y }"), "x");
        assert_eq!(uses("r#type + 1"), "r#type");
        assert_eq!(uses("{ a::<{ N }>(); let _: [u8; N] = b; }"), "b");
    }

    #[test]
    fn bindings_shadow_in_their_scope() {
        assert_eq!(uses("{ let a = a; a }"), "a");
        assert_eq!(uses("{ { let a = b; } a }"), "b a");
        assert_eq!(uses("|a, (b, C { c, d: e })| a + b + c + d + e"), "d");
        assert_eq!(
            uses("if let Some(a) = a && a > b { a } else { a }"),
            "a b a"
        );
        assert_eq!(uses("while let Some(x) = x.next() { x }"), "x");
        assert_eq!(uses("match a { a @ 1 | a if a > b => a, _ => a }"), "a b a");
        assert_eq!(uses("for a in a { a }"), "a");
        assert_eq!(uses("{ let Some(a) = b else { return a }; a }"), "b a");
        assert_eq!(uses("async { let a = 1; a + b }"), "b");
        assert_eq!(
            uses("{ f(a); fn f() { b } const a: u8 = c; use d::{e, g as h}; e + h }"),
            ""
        );
    }

    #[test]
    fn known_macros_are_read_as_expressions() {
        assert_eq!(
            uses(r#"format!("{a} {b:?} {:>c$.d$} {{e}} {f} {0}", g.h, f = i)"#),
            "g i a b d c"
        );
        assert_eq!(uses(r#"assert_eq!(a, "{b}", "{c}")"#), "a c");
        assert_eq!(uses("matches!(a, Some(b) if b > c)"), "a c");
        assert_eq!(uses("vec![a; b]"), "a b");
        assert_eq!(uses("stringify!(a + b)"), "");
    }

    #[test]
    fn other_macros_leave_a_doubt() {
        assert_eq!(uses(r#"info!(user = a.id, "got {b}")"#), "a? b?");
        assert_eq!(
            uses("select! { x = a => b, c = d() => 'l: e.f }"),
            "a? b? d()? e?"
        );
        assert_eq!(uses("json!({ \"a\": b, \"c\": [d] })"), "b? d?");
        assert_eq!(uses("quote!(a #b (#c))"), "b? c?");
        assert_eq!(
            uses("auto! { a => 1, b: [a] => a + c, => b }"),
            "a?? a?? c? b??"
        );
        assert_eq!(uses("a + = b"), "a? b?");
    }

    #[test]
    fn format_specs_are_read() {
        assert_eq!(
            captures("{a:1$} {b:>w$.p$} {{c}} {"),
            ["a", "1", "b", "p", "w"]
        );
    }
}

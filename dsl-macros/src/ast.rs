//! The user's input as data, before any check.

use std::collections::BTreeSet;
use std::fmt;

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::Meta;

use crate::diagnostic::{Mistake, SpanRange};
pub(crate) use crate::syntax::token::unraw;
use crate::syntax::{Change, Code, Names, Pattern, code};

/// The macro that is called.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Macro {
    Auto,
    /// `auto!` for a `conjoin` with the feature `tracing`.
    TracedAuto,
    /// `auto!` for rust-analyzer.
    EditorAuto,
    Concurrent,
    /// `concurrent!` for a `conjoin` with the feature `tracing`.
    TracedConcurrent,
    /// `concurrent!` for rust-analyzer.
    EditorConcurrent,
    Explain,
}

/// One call of the macro.
#[derive(Debug, Default)]
pub(crate) struct Auto {
    /// `#![…]` at the top.
    pub(crate) attributes: Vec<Attribute>,
    /// In declaration order.
    pub(crate) tasks: Vec<Task>,
    /// Whether the parser found something other than a task where it expected one.
    pub(crate) has_lost_tasks: bool,
    /// The names of tasks that a `#[cfg]` removes, for messages about dependencies on them.
    pub(crate) absent: Vec<Ident>,
    /// The expression of the final arm.
    pub(crate) final_arm: Option<Code>,
    /// The names that the final arm uses.
    pub(crate) used_at_the_end: BTreeSet<String>,
    /// Skipped tokens, already reported.
    pub(crate) lost: Vec<TokenTree>,
    /// Whether it is a block of `concurrent!`, for `explain!`.
    pub(crate) is_block: bool,
}

impl Auto {
    /// All code: conditions, iterables and bodies of the tasks, and the final arm.
    pub(crate) fn code(&self) -> impl Iterator<Item = &Code> {
        self.tasks
            .iter()
            .flat_map(|task| task.before_body().into_iter().chain([&task.body]))
            .chain(&self.final_arm)
    }
}

/// `#[…]` or `#![…]`.
pub(crate) struct Attribute {
    /// `derive`, `serde`, `cfg`, …: the path without its arguments.
    pub(crate) path: String,
    /// `None` if it does not have the form of an attribute.
    pub(crate) meta: Option<Meta>,
    /// The content of the brackets.
    pub(crate) content: TokenStream,
    /// The attribute in its outer form, `#[…]`, also if it was written `#![…]`.
    pub(crate) tokens: TokenStream,
    pub(crate) span: Span,
}

/// `name: [dependencies] if condition => body`, or `name: [dependencies] for pattern in iterable => body`
#[derive(Debug)]
pub(crate) struct Task {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) name: Ident,
    /// Whether there are brackets.
    pub(crate) has_brackets: bool,
    /// Whether they contain `..`.
    pub(crate) infers: bool,
    pub(crate) dependencies: Vec<Dependency>,
    pub(crate) condition: Option<Code>,
    pub(crate) each: Option<Each>,
    pub(crate) body: Code,
    /// The variables that its code changes.
    pub(crate) changes: Vec<Change>,
}

/// `for pattern in iterable`: the body runs for each item.
#[derive(Debug)]
pub(crate) struct Each {
    /// The span of the keyword.
    pub(crate) span: Span,
    pub(crate) pattern: Pattern,
    pub(crate) iterable: Code,
}

/// An entry in a task's brackets.
#[derive(Debug)]
pub(crate) struct Dependency {
    pub(crate) access: Access,
    pub(crate) name: Ident,
    pub(crate) binding: Binding,
    /// Whether it is inferred from the body instead of listed. Then `name` is the token in the body.
    pub(crate) is_inferred: bool,
    /// Whether it is listed and the task's code does not use it.
    pub(crate) is_idle: bool,
    /// A reported mistake in this entry. Then an unknown name is no second mistake.
    pub(crate) mistake: Option<Mistake>,
}

/// What a task does with a dependency's value, with the keyword from the brackets.
#[derive(Clone, Debug)]
pub(crate) enum Access {
    /// `user`: gets it as `&T`.
    Read,
    /// `mut user`: gets it as `&mut T`.
    Change(Ident),
    /// `move user`: gets it as `T`.
    Take(Ident),
}

/// How a dependency's value appears in the body.
#[derive(Debug)]
pub(crate) enum Binding {
    /// `user`: under its own name.
    Name,
    /// `user as PATTERN`: by a pattern, which matches what the name alone would be.
    Pattern(Box<Pattern>),
    /// `user as _`: not at all.
    Order(TokenStream),
}

impl Task {
    /// The condition or the iterable, which is evaluated once, before the body.
    pub(crate) fn before_body(&self) -> Option<&Code> {
        let iterable = self.each.as_ref().map(|each| &each.iterable);
        self.condition.as_ref().or(iterable)
    }

    /// The names in its code, including its limit. Bindings of its condition and its `for` shadow names in the body.
    pub(crate) fn names(&self) -> Names {
        let mut names = Names::default();
        if let Some(code) = self.before_body() {
            names.add(code.tokens(), code.tree());
        }
        for limit in self.attributes.iter().filter(|it| it.path == "limit") {
            if let Some(Meta::List(list)) = &limit.meta {
                let tokens: Vec<_> = list.tokens.clone().into_iter().collect();
                names.add(&tokens, syn::parse2(list.tokens.clone()).ok().as_ref());
            }
        }
        if let Some(each) = &self.each {
            names.add_pattern(&each.pattern);
        }
        names.add(self.body.tokens(), self.body.tree());
        names
    }

    /// The first `?` that makes the task fallible.
    pub(crate) fn question(&self) -> Option<Span> {
        self.before_body()
            .and_then(Code::question)
            .or_else(|| self.body.question())
    }

    /// The first `break` that ends the graph.
    pub(crate) fn break_keyword(&self) -> Option<Span> {
        self.before_body()
            .and_then(Code::break_keyword)
            .or_else(|| self.body.break_keyword())
    }
}

impl Dependency {
    /// Whether the dependency uses the value. With `as _` it only orders, unless it takes the value and drops it.
    pub(crate) fn is_use(&self) -> bool {
        !matches!(
            (&self.access, &self.binding),
            (Access::Read | Access::Change(_), Binding::Order(_))
        )
    }

    /// The name, and the names in its pattern.
    pub(crate) fn words(&self) -> Vec<String> {
        let mut words = vec![unraw(&self.name)];
        if let Binding::Pattern(pattern) = &self.binding {
            words.extend(pattern.words());
        }
        words
    }

    /// The keyword, if there is one, and the name.
    pub(crate) fn span(&self) -> SpanRange {
        let first = self.access.keyword().unwrap_or(&self.name);
        SpanRange::between(first.span(), self.name.span())
    }
}

/// The prefix of a name: `mut `, `move ` or nothing.
impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.keyword()
            .map_or(Ok(()), |keyword| write!(f, "{keyword} "))
    }
}

/// The entry as written in the brackets, except that long patterns are shortened.
impl fmt::Display for Dependency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Dependency {
            access,
            name,
            binding,
            ..
        } = self;
        write!(f, "{access}{name}")?;
        match binding {
            Binding::Name => Ok(()),
            Binding::Order(_) => f.write_str(" as _"),
            Binding::Pattern(pattern) => {
                let pattern = code(&pattern.tokens);
                write!(
                    f,
                    " as {}",
                    if pattern.len() <= 12 { &pattern } else { "…" }
                )
            }
        }
    }
}

impl Access {
    /// `mut` or `move`.
    pub(crate) fn keyword(&self) -> Option<&Ident> {
        match self {
            Access::Read => None,
            Access::Change(keyword) | Access::Take(keyword) => Some(keyword),
        }
    }
}

/// The attributes that are options of the graph itself; all others go to the result struct.
pub(crate) const OPTIONS: [&str; 6] =
    ["around", "error", "infer", "limit", "name_errors", "settle"];

impl Attribute {
    /// Whether this is an option of the graph, also in a wrong place.
    pub(crate) fn is_option(&self) -> bool {
        OPTIONS.contains(&self.path.as_str())
    }

    /// `#[allow(…)]` and other lint levels, which also cover the body.
    pub(crate) fn is_lint_level(&self) -> bool {
        matches!(
            self.path.as_str(),
            "allow" | "deny" | "expect" | "forbid" | "warn"
        )
    }
}

impl fmt::Debug for Attribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Attribute")
            .field(&self.content.to_string())
            .finish()
    }
}

impl ToTokens for Attribute {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(self.tokens.clone());
    }
}

//! The inner attributes of a graph: its options, and attributes for the result struct.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::ToTokens as _;
use syn::{LitInt, MacroDelimiter, Meta};

use crate::ast::{Attribute, Auto, OPTIONS};
use crate::diagnostic::{Errors, nearest};

/// The options of a graph.
#[derive(Debug, Default)]
pub(crate) struct Options {
    /// The expression in `#![around(…)]`.
    pub(crate) around: Option<TokenStream>,
    /// The type in `#![error(…)]`.
    pub(crate) error: Option<TokenStream>,
    /// The expression in `#![limit(…)]`.
    pub(crate) limit: Option<TokenStream>,
    /// `#![name_errors]`
    pub(crate) name_errors: bool,
    /// `#![settle]`
    pub(crate) settle: bool,
}

/// The options, and the attributes of the result struct.
pub(super) fn options(auto: &Auto, errors: &mut Errors) -> (Options, Vec<TokenStream>) {
    let mut options = Options::default();
    let mut passed_on = Vec::new();
    let mut seen = BTreeSet::new();
    for attribute in &auto.attributes {
        let path = attribute.path.as_str();
        if attribute.is_option() && !seen.insert(path) {
            errors.report(
                attribute.span,
                &format!("the option `{path}` is given twice"),
                "remove one of them",
            );
            continue;
        }
        match path {
            "around" => {
                let what = "an object with a method `task`";
                options.around = argument(attribute, "#!", what, "timeouts", errors);
            }
            "error" => {
                options.error = argument(attribute, "#!", "the error's type", "AppError", errors);
            }
            "limit" => {
                options.limit = argument(attribute, "#!", "a number of tasks", "4", errors);
                if options.limit.as_ref().and_then(number) == Some(0) {
                    let fact = "no task can run under a limit of 0";
                    errors.report(
                        attribute.span,
                        fact,
                        "write `#![limit(1)]` to run one task at a time",
                    );
                    options.limit = None;
                }
            }
            // The stage `infer` has already applied it.
            "infer" => _ = flag(attribute, errors),
            "name_errors" => options.name_errors = flag(attribute, errors),
            "settle" => options.settle = flag(attribute, errors),
            "cfg" => errors.report(
                attribute.span,
                "`cfg` cannot disable a whole graph",
                "write `#[cfg(…)]` on a task, or on the statement around the macro",
            ),
            _ => match misspelled(path) {
                Some(near) => errors.report(
                    attribute.span,
                    &format!("unknown option `{path}`"),
                    &format!("write `#![{}]`", corrected(attribute, near)),
                ),
                None if auto.final_arm.is_some() && !exists(path) => errors.report(
                    attribute.span,
                    &format!("unknown option `{path}`"),
                    &format!("the options are `{}`", OPTIONS.join("`, `")),
                ),
                None => passed_on.push(attribute),
            },
        }
    }
    if auto.final_arm.is_some() {
        let on_fields = auto.tasks.iter().flat_map(|task| &task.attributes);
        for attribute in passed_on.iter().copied().chain(on_fields) {
            let fact = format!(
                "`{}` has no struct to apply to: the graph has a final arm",
                attribute.path
            );
            refuse_without_target(
                attribute,
                &fact,
                "remove it, or remove the final arm",
                errors,
            );
        }
    }
    let passed_on = passed_on.into_iter().map(|it| it.tokens.clone());
    (options, passed_on.collect())
}

/// How an option is written, where an attribute misspells it.
fn corrected(attribute: &Attribute, option: &str) -> String {
    let example = match option {
        "around" => "object",
        "error" => "AppError",
        "limit" => "4",
        _ => return option.to_owned(),
    };
    match &attribute.meta {
        Some(Meta::List(list)) if !list.tokens.is_empty() => format!("{option}({})", list.tokens),
        _ => format!("{option}({example})"),
    }
}

/// Reports options of the graph on a task.
pub(super) fn refuse_on_tasks(auto: &Auto, errors: &mut Errors) {
    let on_tasks = auto.tasks.iter().flat_map(|task| &task.attributes);
    // `limit` is also an option of a `for` task.
    for attribute in on_tasks.filter(|it| it.is_option() && it.path != "limit") {
        let content = &attribute.content;
        errors.report(
            attribute.span,
            &format!("`{}` is an option of the whole graph", attribute.path),
            &format!("write `#![{content}]` at the top of the graph"),
        );
    }
}

/// Reports an attribute that has no place in the expansion, with the `fact` as the reason. Doc comments are harmless,
/// and lint levels also cover bodies.
pub(super) fn refuse_without_target(
    attribute: &Attribute,
    fact: &str,
    help: &str,
    errors: &mut Errors,
) {
    if attribute.path != "doc" && !attribute.is_lint_level() && !attribute.is_option() {
        errors.report(attribute.span, fact, help);
    }
}

/// The argument of an option that needs one. `mark` is `#` or `#!`.
pub(super) fn argument(
    attribute: &Attribute,
    mark: &str,
    what: &str,
    example: &str,
    errors: &mut Errors,
) -> Option<TokenStream> {
    match &attribute.meta {
        Some(Meta::List(list))
            if matches!(list.delimiter, MacroDelimiter::Paren(_)) && !list.tokens.is_empty() =>
        {
            return Some(list.tokens.clone());
        }
        _ => {}
    }
    let path = &attribute.path;
    let given = match &attribute.meta {
        Some(Meta::List(list)) => list.tokens.to_string(),
        Some(Meta::NameValue(pair)) => pair.value.to_token_stream().to_string(),
        Some(Meta::Path(_)) | None => String::new(),
    };
    let given = if given.is_empty() { example } else { &given };
    errors.report(
        attribute.span,
        &format!("`{path}` needs {what} in parentheses"),
        &format!("write `{mark}[{path}({given})]`"),
    );
    None
}

/// An option without arguments.
fn flag(attribute: &Attribute, errors: &mut Errors) -> bool {
    if !matches!(attribute.meta, Some(Meta::Path(_))) {
        let path = &attribute.path;
        let help = format!("write `#![{path}]`, or remove it");
        errors.report(
            attribute.span,
            &format!("`{path}` takes no arguments"),
            &help,
        );
    }
    true
}

/// The number, if it is a literal.
pub(crate) fn number(tokens: &TokenStream) -> Option<usize> {
    let number = syn::parse2::<LitInt>(tokens.clone()).ok()?;
    let is_usize = ["", "usize"].contains(&number.suffix());
    is_usize.then(|| number.base10_parse().ok())?
}

/// Whether this is probably a real attribute. Attributes of tools have paths.
fn exists(path: &str) -> bool {
    KNOWN.contains(&path) || path.contains(':')
}

/// Attributes that exist.
const KNOWN: [&str; 12] = [
    "allow",
    "cfg_attr",
    "deny",
    "derive",
    "doc",
    "expect",
    "forbid",
    "must_use",
    "non_exhaustive",
    "repr",
    "serde",
    "warn",
];

/// The option that an attribute probably misspells. Known attributes are not misspelled.
fn misspelled(path: &str) -> Option<&'static str> {
    match path {
        // Names of these options in other libraries.
        "concurrency" | "max_concurrency" | "parallelism" => Some("limit"),
        "all_settled" | "allSettled" => Some("settle"),
        _ if KNOWN.contains(&path) => None,
        _ => nearest(path, OPTIONS),
    }
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn zero_in_every_spelling() {
        for zero in ["0", "0usize", "0_usize", "00", "0x0", "0b0_0", "0o0usize"] {
            assert_eq!(number(&zero.parse().expect("a literal")), Some(0), "{zero}");
        }
        for (other, is) in [("1", 1), ("1_0", 10), ("0x10usize", 16)] {
            assert_eq!(
                number(&other.parse().expect("a literal")),
                Some(is),
                "{other}"
            );
        }
        for other in ["ZERO", "0 + 1", "n", "_", "0.0"] {
            assert_eq!(number(&other.parse().expect("tokens")), None, "{other}");
        }
    }
}

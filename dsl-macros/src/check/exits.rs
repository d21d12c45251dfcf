//! Exits of a body other than `?`: `return`, `break` and `continue`.

use proc_macro2::Ident;
use quote::ToTokens as _;
use syn::Expr;

use super::Options;
use crate::ast::{Auto, Task};
use crate::diagnostic::Errors;
use crate::syntax::{Code, code};

pub(super) fn refuse_returns(auto: &Auto, errors: &mut Errors) {
    let parts = auto.tasks.iter().flat_map(|task| {
        let name = match task.each {
            Some(_) => "iterable",
            None => "condition",
        };
        let before_body = task.before_body().map(|code| (name, code));
        before_body.into_iter().chain([("body", &task.body)])
    });
    for (part, code) in parts {
        if let Some(keyword) = code.return_keyword() {
            let help = instead_of_return(part, code);
            errors.report(keyword, "`return` is not allowed in a task", &help);
        }
    }
    if let Some(keyword) = auto.final_arm.as_ref().and_then(Code::return_keyword) {
        errors.report(
            keyword,
            "`return` is not allowed in the final arm",
            "end the final arm with the value; `Err(error)?` fails the graph",
        );
    }
}

/// What to write instead of the first `return` of a task's condition, iterable or body.
fn instead_of_return(part: &str, whole: &Code) -> String {
    let returned = whole.returned().map(|it| it.expr.as_deref());
    let value = returned.flatten().map(|it| match wrapped(it) {
        Some((wrapper, _)) if wrapper == "Err" => Err(it),
        Some((wrapper, value)) if wrapper == "Ok" => Ok(value),
        _ => Ok(it),
    });
    match value {
        Some(Err(error)) => {
            let error = code(&error.to_token_stream());
            format!("write `{error}?`, which fails the graph")
        }
        Some(Ok(value)) if matches!(whole.tree(), Some(Expr::Return(_))) => {
            format!("write `{}`", code(&value.to_token_stream()))
        }
        Some(Ok(value)) if part == "body" => {
            let value = code(&value.to_token_stream());
            format!(
                "end the body with its value; to end it early, write `break 'body {value}` in a block `'body: {{ … }}`"
            )
        }
        _ => format!("end the {part} with its value"),
    }
}

/// The function and its argument, if this calls one with one argument, such as `Ok`.
fn wrapped(expression: &Expr) -> Option<(&Ident, &Expr)> {
    let Expr::Call(call) = expression else {
        return None;
    };
    let (Expr::Path(function), Some(argument), 1) =
        (&*call.func, call.args.first(), call.args.len())
    else {
        return None;
    };
    Some((&function.path.segments.last()?.ident, argument))
}

/// Whether a valid `break` may end the graph. Reports invalid ones.
pub(super) fn breaks(auto: &Auto, options: &Options, errors: &mut Errors) -> bool {
    // These bodies are in a loop of ours, so rustc does not report a `continue`. `refuse_continue` does for `for` tasks.
    let once = auto.tasks.iter().filter(|task| task.each.is_none());
    let code = once.flat_map(|task| task.before_body().into_iter().chain([&task.body]));
    let with_break = code.filter(|code| code.break_keyword().is_some());
    for keyword in with_break.filter_map(Code::continue_keyword) {
        errors.report(
            keyword,
            "`continue` outside of a loop",
            "end the body with its value",
        );
    }
    if let Some(keyword) = auto.final_arm.as_ref().and_then(Code::break_keyword) {
        errors.report(
            keyword,
            "`break` is not allowed in the final arm",
            "end the final arm with the value",
        );
    }
    let keywords = auto.tasks.iter().filter_map(Task::break_keyword);
    let mut is_any_legal = false;
    for keyword in keywords {
        if options.settle {
            errors.report(
                keyword,
                "`break` is not allowed under `#![settle]`: every task runs",
                "remove `#![settle]`, or end the body with a value that the final arm checks",
            );
        } else if auto.final_arm.is_none() {
            errors.report(
                keyword,
                "`break` ends the whole graph and needs a final arm",
                "write `=> value` after the last task, with a value of the same type",
            );
        } else {
            is_any_legal = true;
        }
    }
    is_any_legal
}

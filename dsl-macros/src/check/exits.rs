//! Exits of a body other than `?`: `return`, `break` and `continue`.

use super::Options;
use crate::ast::{Auto, Task};
use crate::diagnostic::Errors;
use crate::syntax::Code;

pub(super) fn refuse_returns(auto: &Auto, errors: &mut Errors) {
    let tasks = auto
        .tasks
        .iter()
        .flat_map(|task| task.before_body().into_iter().chain([&task.body]));
    for keyword in tasks.filter_map(Code::return_keyword) {
        errors.report(
            keyword,
            "`return` is not allowed in a task",
            "end the body with its value; `Err(error)?` fails the graph, and `break value` ends it early; to leave only this body \
             early, put its code in an `async fn`, or in a labelled block and write `break 'label value`",
        );
    }
    if let Some(keyword) = auto.final_arm.as_ref().and_then(Code::return_keyword) {
        errors.report(
            keyword,
            "`return` is not allowed in the final arm",
            "end the final arm with the value; `Err(error)?` fails the graph",
        );
    }
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

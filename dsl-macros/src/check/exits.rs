//! The ways out of a body other than `?`: `return`, `break` and `continue`.

use super::Options;
use crate::ast::{Auto, Task};
use crate::diagnostic::Errors;
use crate::syntax::Code;

pub(super) fn refuse_returns(auto: &Auto, errors: &mut Errors) {
    for keyword in auto.code().filter_map(Code::return_keyword) {
        errors.report(
            keyword,
            "`return` cannot leave a task",
            "let the body end in the value; `Err(error)?` fails the graph, and `break value` ends it early; to leave only the \
             body, put the code in an `async fn`, or in a labelled block and `break 'label value`",
        );
    }
}

/// Whether a `break` may end the graph.
pub(super) fn breaks(auto: &Auto, options: &Options, errors: &mut Errors) -> bool {
    // Of others, rustc says so: these are in a loop of ours. Of the items of a `for` task it has been said.
    let once = auto.tasks.iter().filter(|task| task.each.is_none());
    let code = once.flat_map(|task| task.before_body().into_iter().chain([&task.body]));
    let with_break = code.filter(|code| code.break_keyword().is_some());
    for keyword in with_break.filter_map(Code::continue_keyword) {
        errors.report(
            keyword,
            "`continue` outside of a loop",
            "let the body end in the value",
        );
    }
    if let Some(keyword) = auto.final_arm.as_ref().and_then(Code::break_keyword) {
        errors.report(
            keyword,
            "`break` in the final arm, which ends the graph anyway",
            "let the final arm end in the value",
        );
    }
    let keywords = auto.tasks.iter().filter_map(Task::break_keyword);
    let mut is_any_legal = false;
    for keyword in keywords {
        if options.settle {
            errors.report(
                keyword,
                "`break` ends the whole graph, and under `#![settle]` every task runs",
                "remove `#![settle]`, or let the body end in a value that the final arm looks at",
            );
        } else if auto.final_arm.is_none() {
            errors.report(
                keyword,
                "`break` ends the whole graph with its value, and this graph has no final arm",
                "add one that has a value of the same type, `=> value`, after the last task",
            );
        } else {
            is_any_legal = true;
        }
    }
    is_any_legal
}

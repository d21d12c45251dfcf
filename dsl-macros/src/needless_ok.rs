//! Values in a needless `Ok`: the `?` of a task or of the graph already creates the `Result`.
//!
//! The stage removes the `Ok`, so that this is the only mistake. To get a `Result` in a `Result`, users name the inner
//! error, `Ok::<_, E>(…)`. rustc would require that anyway.

use quote::ToTokens as _;

use crate::ast::Auto;
use crate::diagnostic::{Errors, SpanRange};
use crate::parse::abbreviate;
use crate::syntax::{Code, code};

pub(crate) fn remove(auto: &mut Auto, errors: &mut Errors) {
    let settles = auto.attributes.iter().any(|it| it.path == "settle");
    let mut first_to_fail = None;
    for task in &mut auto.tasks {
        if !settles && task.question().is_some() && first_to_fail.is_none() {
            first_to_fail = Some(task.name.clone());
        }
        if task.body.question().is_some() {
            let fact = format!(
                "the body of `{}` needs no `Ok`: its `?` makes the task fallible",
                task.name
            );
            auto.lost.extend(remove_from(&mut task.body, &fact, errors));
        }
    }
    let Some(final_arm) = &mut auto.final_arm else {
        return;
    };
    let fact = match first_to_fail {
        Some(task) => {
            format!("the final arm needs no `Ok`: the `?` of `{task}` makes the graph fallible")
        }
        None if final_arm.question().is_some() => {
            "the final arm needs no `Ok`: its `?` makes the graph fallible".to_owned()
        }
        None => return,
    };
    auto.lost.extend(remove_from(final_arm, &fact, errors));
}

/// Removes the calls of `Ok` and returns their tokens.
fn remove_from(body: &mut Code, fact: &str, errors: &mut Errors) -> Vec<proc_macro2::TokenTree> {
    let calls = body.calls_of_ok();
    let Some(first) = calls.first() else {
        return Vec::new();
    };
    let oks: Vec<_> = calls
        .iter()
        .flat_map(|call| call.func.to_token_stream())
        .collect();
    let place = SpanRange::between(oks[0].span(), first.paren_token.span.close());
    let value = code(&body.argument(oks[0].span()));
    let value = abbreviate(&value);
    errors.report(
        place,
        fact,
        &format!("write `{value}`; for a `Result` in a `Result`, name its error: `Ok::<_, E>(…)`"),
    );
    let places: Vec<_> = oks.iter().map(proc_macro2::TokenTree::span).collect();
    *body = body.without(&places);
    oks
}

//! Exits that a macro hides: they end the task and nothing else, whatever plan it is in.

use conjoin::auto;
use futures::executor::block_on;
use tokio::task::yield_now;

use super::ok;

macro_rules! or_return {
    ($option:expr, $default:expr) => {
        match $option {
            Some(value) => value,
            None => return $default,
        }
    };
}

macro_rules! or_fail {
    ($result:expr) => {
        $result?
    };
}

#[test]
fn hidden_return_ends_its_task_alone() {
    for option in [None, Some(1)] {
        let expected = option.map_or(5, |x| x + 1);
        let leaf = auto! { body => or_return!(option, 5) + 1, => body };
        assert_eq!(block_on(leaf), expected);
        let series = auto! { first => 1, body: [first as _] => or_return!(option, 5) + 1, last: [body] => body + 1, => last };
        assert_eq!(block_on(series), expected + 1);
        let parallel = auto! { left => yield_now().await, body => { yield_now().await; or_return!(option, 5) + 1 }, => (left, body).1 };
        assert_eq!(block_on(parallel), expected);
        let gated = auto! {
            a => 1,
            b => yield_now().await,
            body: [a as _] => or_return!(option, 5) + 1,
            both: [a, b as _] => a + 1,
            last: [body, b as _] => body + 1,
            => [last, both]
        };
        assert_eq!(block_on(gated), [expected + 1, 2]);
        let limited = auto! { #![limit(1)] a => 1, body => or_return!(option, 5) + 1, => a + body };
        assert_eq!(block_on(limited), expected + 1);
        let last = auto! { a => 1, => or_return!(option, 4) + a };
        assert_eq!(block_on(last), expected.min(4));
    }
}

#[test]
fn hidden_return_of_a_fallible_task_is_a_result() {
    for option in [None, Some(1)] {
        let result: Result<_, String> = block_on(auto! {
            body => or_return!(option, Ok(5)) + ok(1)?,
            last: [body] => body + 1,
            => last
        });
        assert_eq!(result, Ok(option.map_or(6, |x| x + 2)));
    }
}

#[test]
fn hidden_question_mark_ends_its_task_alone() {
    for error in [None, Some("no")] {
        let input = error.map_or(Ok(1), Err);
        let graph = block_on(auto! {
            a => 1,
            body: [a] => { let x: u8 = or_fail!(input); Ok::<u8, &str>(x + a) },
            last: [body] => body.is_ok(),
            other: [a] => a + 1,
        });
        assert_eq!(
            (graph.body, graph.last, graph.other),
            (input.map(|x| x + 1), error.is_none(), 2)
        );
    }
}

#[test]
fn hidden_exit_leaves_the_body_not_the_condition() {
    let graph = block_on(auto! { it if true => or_return!(None::<u8>, 3) + 1, other => 1 });
    assert_eq!((graph.it, graph.other), (Some(3), 1));
    let graph = auto! {
        #![error(String)]
        it if true => { ok(1)?; or_fail!(ok(2)) + or_return!(None::<u8>, Ok(3)) },
        => it
    };
    assert_eq!(block_on(graph), Ok(Some(3)));
}

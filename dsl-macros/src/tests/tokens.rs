//! The size of the expansion for each task, which determines rustc's time and memory. `tests/benches/count.sh distinct --
//! check` measures those.

use std::ops::Range;

use proc_macro2::{TokenStream, TokenTree};

use super::{compile, tokens};

/// All tokens, at any depth; a pair of delimiters counts as one.
fn count(tokens: TokenStream) -> usize {
    let inside = |token| {
        if let TokenTree::Group(group) = token {
            count(group.stream())
        } else {
            0
        }
    };
    tokens.into_iter().map(|token| 1 + inside(token)).sum()
}

/// Asserts that graphs of 16 to 512 tasks with the given dependencies take at most `most` tokens for each task, and
/// that this number does not grow with the number of tasks.
fn assert_tokens_for_a_task<I: IntoIterator<Item = usize>>(
    most: usize,
    options: &str,
    needs: impl Fn(usize) -> I,
) {
    let for_a_task = |count_of_tasks: usize| {
        let tasks = (0..count_of_tasks).map(|task| {
            let needs: Vec<_> = needs(task)
                .into_iter()
                .map(|need| format!("t{need} as _"))
                .collect();
            format!("t{task}: [{}] => run().await?", needs.join(", "))
        });
        let tasks = tasks.collect::<Vec<_>>().join(", ");
        count(compile(tokens(&format!("{options} {tasks}")))) / count_of_tasks
    };
    let counts = [16, 32, 64, 128, 256, 512].map(for_a_task);
    assert!(counts.iter().all(|&count| count <= most), "{counts:?}");
    assert!(counts[5] * 100 <= counts[3] * 103, "{counts:?}");
}

fn before(task: usize, by: usize) -> Range<usize> {
    task.saturating_sub(by)..task
}

#[test]
fn chain_takes_160_tokens_a_task() {
    assert_tokens_for_a_task(160, "", |task| before(task, 1));
}

#[test]
fn wide_graph_takes_320_tokens_a_task() {
    assert_tokens_for_a_task(320, "", |_| None);
}

#[test]
fn pairs_take_500_tokens_a_task() {
    assert_tokens_for_a_task(500, "", |task| {
        (task / 2).saturating_sub(1) * 2..task / 2 * 2
    });
}

#[test]
fn layers_of_eight_take_450_tokens_a_task() {
    assert_tokens_for_a_task(450, "", |task| {
        (task / 8).saturating_sub(1) * 8..task / 8 * 8
    });
}

/// Eight chains, each of which waits for its neighbour, too.
fn crossing(task: usize) -> impl Iterator<Item = usize> {
    before(task, 8).take(if task < 8 { 0 } else { 2 })
}

#[test]
fn gates_take_350_tokens_a_task() {
    assert_tokens_for_a_task(350, "", crossing);
}

#[test]
fn limited_graph_takes_350_tokens_a_task() {
    assert_tokens_for_a_task(350, "#![limit(9)]", crossing);
}

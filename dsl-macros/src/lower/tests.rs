//! How graphs are lowered, in short notation.

use proc_macro2::TokenStream;

use super::{
    Block, BlockContent, Child, ErrorExit, Future, Lowered, OutcomeUse, OwnBlock, Printed, Step,
    lower,
};
use crate::check::check;
use crate::diagnostic::Errors;
use crate::parse::parse;
use crate::plan::plan;

fn lowered(graph: &str) -> Lowered {
    let tokens: TokenStream = graph.parse().expect("the graph is tokens");
    let tokens: Vec<_> = tokens.into_iter().collect();
    let mut errors = Errors::default();
    let auto = parse(&tokens, &[], &mut errors).expect("there is no condition to decide");
    let checked = check(&auto, &mut errors);
    assert_eq!(errors.into_texts(), [] as [&str; 0], "{graph}");
    let is_limited = checked.options.limit.is_some();
    let plan = plan(&checked.graph, is_limited);
    lower(&auto, &checked, plan.as_ref())
}

/// The steps of a graph in short.
fn steps(graph: &str) -> Vec<String> {
    lowered(graph).steps.iter().map(step).collect()
}

fn step(step: &Step) -> String {
    let children = |children: &[Child]| {
        let children: Vec<_> = children.iter().map(child).collect();
        children.join(", ")
    };
    match step {
        Step::Task(task) => format!("task {}", task.index),
        Step::Link(link) if link.gate.is_empty() => format!("{}", link.task.index),
        Step::Link(link) => {
            let gate: Vec<_> = link.gate.iter().map(|at| at % 64).collect();
            format!("{} behind {gate:?}", link.task.index)
        }
        Step::Block(block, _) => match &block.content {
            BlockContent::Task(task) => format!("block with task {}", task.index),
            BlockContent::Operand(task) => format!("block with operand {task}"),
            BlockContent::Steps(steps, _) => {
                let steps: Vec<_> = steps.iter().map(self::step).collect();
                format!("block with {}", steps.join("; "))
            }
        },
        Step::Piece(piece) => format!("piece {:?}", piece.tasks),
        Step::Join(all, ..) => format!("join of {}", children(all)),
        Step::Wide(all, ..) => format!("{} with wakers", all.len()),
        Step::Gated(gate) => {
            let slots: Vec<_> = gate.slots.keys().collect();
            let wakers = if gate.is_wide { "wakers" } else { "no wakers" };
            let printed = gate.order.iter().map(|printed| match *printed {
                Printed::Child(place) => chain(&gate.children[place].child),
                Printed::Piece(number) => format!("piece ({})", links(&gate.pieces[number])),
            });
            let printed = printed.collect::<Vec<_>>().join("; ");
            format!("gated: {printed}; slots {slots:?}, {wakers}")
        }
    }
}

fn chain(child: &Child) -> String {
    match &child.future {
        Future::Block(block) => links(block),
        Future::Call(..) => format!("{:?}", child.tasks()),
    }
}

fn links(block: &Block) -> String {
    match &block.content {
        BlockContent::Steps(steps, _) => steps.iter().map(step).collect::<Vec<_>>().join(", "),
        BlockContent::Task(_) | BlockContent::Operand(_) => format!("{:?}", block.tasks),
    }
}

fn child(child: &Child) -> String {
    let kind = match &child.future {
        Future::Call(..) => "call",
        Future::Block(_) => "block",
    };
    format!("{kind} {:?}", child.values)
}

#[test]
fn series_runs_tasks_in_sequence() {
    assert_eq!(steps("a => 1, b: [a] => 2"), ["task 0", "task 1"]);
}

#[test]
fn page_is_a_task_and_a_join_of_calls() {
    assert_eq!(
        steps(
            "user => user(1).await?, posts: [user] => posts(user.id).await?, likes: [user] => likes(&user.name).await?"
        ),
        ["task 0", "join of call [1], call [2]"]
    );
}

#[test]
fn call_that_may_borrow_a_temporary_is_a_block() {
    for body in [
        "DB.posts(1).await",
        "f().posts(1).await",
        "load(&name).await",
        "load(&*name).await",
        "load(f(1)).await",
        "load(1).await + 1",
        "b(1).await",
    ] {
        assert_eq!(
            steps(&format!(
                "b => 1, x: [b] => {body}, y: [b] => self.db.load(*b + 1).await"
            )),
            ["task 0", "join of block [1], call [2]"],
            "{body}"
        );
    }
}

#[test]
fn pattern_that_borrows_keeps_a_call_in_its_block() {
    assert_eq!(
        steps("a => 1, b: [a as ref y] => f(y).await, c: [a as &y] => f(y).await"),
        ["task 0", "join of block [1], call [2]"]
    );
}

#[test]
fn n_is_two_chains() {
    assert_eq!(
        steps("c: [a] => a, d: [a, b] => a + b, a => 1, b => 2"),
        ["gated: 2, 0; 3, 1 behind [0]; slots [2], no wakers"]
    );
}

#[test]
fn crossing_chains_share_only_what_crosses() {
    let graph = "a => 1, b => 2, c: [a] => a, d: [b] => b, e: [c, d] => c, f: [d] => d";
    assert_eq!(
        steps(graph),
        ["gated: 1, 3, 5; 0, 2, 4 behind [0]; slots [3], no wakers"]
    );
}

#[test]
fn chains_that_use_each_other_are_cut() {
    let graph = "a => 1, b => 2, c: [a] => a, d: [b] => b, e: [a, d] => a, f: [b, c] => c";
    assert_eq!(
        steps(graph),
        [
            "gated: piece (0, 2); 1, 3, 4 behind [0]; piece (5 behind [1]); piece [0, 2], piece [5]; slots [0, 1, 2], no wakers"
        ]
    );
}

#[test]
fn order_alone_cuts_no_chain() {
    let graph =
        "a => 1, b => 2, c: [a] => a, d: [b] => b, e: [a as _, d] => d, f: [b as _, c] => c";
    assert_eq!(
        steps(graph),
        ["gated: 0, 2, 5 behind [1]; 1, 3, 4 behind [0]; slots [], no wakers"]
    );
}

#[test]
fn limited_tasks_are_chains_of_their_own() {
    assert_eq!(
        steps("#![limit(2)] a => 1, b => 2, c: [a] => a"),
        ["gated: [0]; [1]; [2]; slots [0], no wakers"]
    );
}

#[test]
fn lender_of_a_taken_value_outlives_its_chain() {
    let graph = "a => 1, b: [a] => a, c => 3, d: [c] => c, e: [d, move b] => b, f: [d] => d, \
                 g: [b as _] => 1";
    let steps = steps(graph);
    assert!(
        steps[0].ends_with("slots [0, 1, 3], no wakers"),
        "{steps:?}"
    );
}

#[test]
fn eight_in_parallel_have_wakers() {
    let tasks: Vec<_> = (0..8).map(|task| format!("t{task} => f().await")).collect();
    assert_eq!(steps(&tasks.join(",")), ["8 with wakers"]);
}

#[test]
fn first_tail_fixes_the_error_for_those_after_it() {
    let Lowered { steps, .. } = lowered("a => f(g()?)?, b: [a] => f()?, c: [a] => f()?");
    let [Step::Task(first), Step::Join(children, _)] = &steps[..] else {
        panic!("{steps:?}")
    };
    assert_eq!(first.run.leaves, [ErrorExit::Infer; 2]);
    let leaves: Vec<_> = children.iter().map(|child| child.leave).collect();
    assert_eq!(leaves, [ErrorExit::Compare; 2]);
}

#[test]
fn question_that_converts_fixes_only_the_kind() {
    let Lowered {
        steps,
        error_is_fixed,
        ..
    } = lowered("a => f()?.g, b: [a] => f(a)?");
    let [Step::Task(first), Step::Task(second)] = &steps[..] else {
        panic!("{steps:?}")
    };
    assert_eq!(first.run.decides, [false, true]);
    assert_eq!(second.run.decides, [false, false]);
    assert_eq!(second.run.leaves, [ErrorExit::CompareKind; 2]);
    assert!(error_is_fixed);
}

#[test]
fn hidden_exits_end_their_own_block() {
    let Lowered { steps, .. } =
        lowered("a => or_return!(x), b: [a] => or_return!(f()?), c: [b] => vec![f()?]");
    let runs = steps.iter().map(|step| match step {
        Step::Task(task) => (task.run.block, task.run.ending),
        other => panic!("{other:?}"),
    });
    let runs = runs.collect::<Vec<_>>();
    assert!(matches!(runs[0], (OwnBlock::Plain, OutcomeUse::Value)));
    assert!(matches!(
        runs[1],
        (
            OwnBlock::Fallible(_),
            OutcomeUse::Propagate(ErrorExit::Infer)
        )
    ));
    assert!(matches!(runs[2], (OwnBlock::None, OutcomeUse::Value)));
}

/// The tasks whose values stay in tuples, with the first task of each tuple.
fn tuples(graph: &str) -> Vec<(usize, usize)> {
    let tuples = lowered(graph).tuples;
    tuples
        .iter()
        .map(|(&task, in_tuple)| (task, in_tuple.first))
        .collect()
}

#[test]
fn values_stay_together_for_those_that_read_many() {
    let layers = "a => 1, b => 2, c => 3, d: [a, b, c] => 4, e: [a, b, c] => 5";
    assert_eq!(tuples(layers), [(0, 0), (1, 0), (2, 0)]);
    let two_layers = format!("{layers}, f: [d, e] => 6, g: [d, e] => 7");
    assert_eq!(
        tuples(&two_layers),
        [(0, 0), (1, 0), (2, 0), (3, 3), (4, 3)]
    );
}

#[test]
fn other_values_have_variables_of_their_own() {
    for graph in [
        // The reference to a tuple would take the place of one.
        "a => 1, b => 2, c: [a, b] => 3, d: [a] => 4",
        // A task of the graph's own block captures nothing.
        "a => 1, b => 2, c => 3, d: [a, b, c] => 4",
        "a => 1, b => 2, c => 3, d: [a, b, mut c] => 4, e: [a, b, c, d as _] => 5",
        "a => 1, b => 2, c => 3, d: [a, b, c] => 4, e: [a, b, c] => 5, f: [move a, d, e] => 6",
        "a => 1, a2: [a] => 1, b => 2, c: [a, a2, b] => 3, d: [a, a2, b] => 4",
    ] {
        assert_eq!(tuples(graph), [], "{graph}");
    }
}

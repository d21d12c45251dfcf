//! A lowered graph: what runs in which block, how errors leave it, and where each value lives.

use proc_macro2::Span;

use super::{Slots, Tuples};
use crate::check::shared::Shared;
use crate::syntax::calls::Call;

/// A graph, ready to be printed.
#[derive(Debug)]
pub(crate) struct Lowered {
    pub(crate) steps: Vec<Step>,
    pub(crate) tuples: Tuples,
    pub(crate) final_arm: Option<Run>,
    /// Variables that concurrent tasks may change. It depends on their types.
    pub(crate) shared: Vec<Shared>,
    /// The first `?` whose error leaves the graph.
    pub(crate) fails: Option<Span>,
    /// Whether something in the graph's own block fixes the type of that error.
    pub(crate) error_is_fixed: bool,
    /// Whether the graph may resolve to an `Option`.
    pub(crate) is_open: bool,
}

/// Binds values in the block around it.
#[derive(Debug)]
pub(crate) enum Step {
    Task(Task),
    /// A task of a chain of a gated part.
    Link(Link),
    /// A piece of such a chain, which is printed before.
    Piece(Piece),
    /// A part in a block of its own, which the block around it awaits.
    Block(Block, Option<ErrorExit>),
    /// Few children, in a future that holds and polls all of them. Their errors leave the block around it.
    Join(Vec<Child>, PollsPerTurn),
    /// Many children, in a future that polls those that were woken. If they can fail, how their error leaves the block.
    Wide(Vec<Child>, PollsPerTurn, Option<ErrorExit>),
    /// Children in a loop of their own, because they wait for each other.
    Gated(Gate),
}

/// A task of a chain.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) task: Task,
    /// For each task of another chain that it waits for: the place of its own chain and the number of that task, as one number.
    pub(crate) gate: Vec<usize>,
    /// Its own number, and the places of the chains that wait for it, if there are any.
    pub(crate) awaited: Option<(usize, Vec<usize>)>,
}

/// A piece of a chain, awaited in the block of the chain.
#[derive(Debug)]
pub(crate) struct Piece {
    pub(crate) tasks: Vec<usize>,
    /// The tasks whose values it resolves to.
    pub(crate) values: Vec<usize>,
    /// If it can fail, how its error leaves the block.
    pub(crate) leave: Option<ErrorExit>,
}

/// After how many polls a join takes another child first: the product of the widths of the joins around it.
pub(crate) type PollsPerTurn = usize;

/// How an error leaves a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ErrorExit {
    /// As it is: its type is inferred.
    Infer,
    /// Earlier code decides between `Result` and `Option`. The expansion compares the error with it, so the message is ours.
    CompareKind,
    /// The types of both errors are fixed. The expansion compares them, so the message is ours.
    Compare,
}

/// An `async` block of ours.
#[derive(Debug)]
pub(crate) struct Block {
    pub(crate) tasks: Vec<usize>,
    pub(crate) content: BlockContent,
    /// The first `?` or `break` in it, if it resolves to a `Result`.
    pub(crate) fails: Option<Span>,
    /// Whether a `?` in tail position fixes the type of that error.
    pub(super) fixes_error: bool,
}

impl Block {
    /// The tasks of a gated part that run in it, but in no block within.
    pub(crate) fn own_tasks(&self) -> Vec<usize> {
        match &self.content {
            BlockContent::Task(task) => vec![task.index],
            BlockContent::Operand(_) => Vec::new(),
            BlockContent::Steps(steps, _) => {
                let links = steps.iter().filter_map(|step| match step {
                    Step::Link(link) => Some(link.task.index),
                    _ => None,
                });
                links.collect()
            }
        }
    }

    /// The blocks that it awaits.
    pub(crate) fn inner_blocks(&self) -> impl Iterator<Item = &Block> {
        let steps = match &self.content {
            BlockContent::Steps(steps, _) => &steps[..],
            BlockContent::Task(_) | BlockContent::Operand(_) => &[],
        };
        steps.iter().filter_map(|step| match step {
            Step::Block(block, _) => Some(block),
            _ => None,
        })
    }
}

#[derive(Debug)]
pub(crate) enum BlockContent {
    /// One task. The block resolves to its value, or puts it into its slot.
    Task(Task),
    /// A task that is `OPERAND?`: the block resolves to the operand.
    Operand(usize),
    /// These steps, then the values of these tasks.
    Steps(Vec<Step>, Vec<usize>),
}

impl BlockContent {
    /// The tasks whose values the block has at its end.
    pub(crate) fn values(&self) -> Vec<usize> {
        match self {
            BlockContent::Task(task) => vec![task.index],
            BlockContent::Operand(task) => vec![*task],
            BlockContent::Steps(_, values) => values.clone(),
        }
    }
}

/// A future that is polled concurrently with others.
#[derive(Debug)]
pub(crate) struct Child {
    /// The number of its variables.
    pub(crate) index: usize,
    /// The tasks whose values it resolves to.
    pub(crate) values: Vec<usize>,
    pub(crate) future: Future,
    pub(crate) resolves_to: ResolvesTo,
    /// How its error leaves the join, or, of few children, the block around the join.
    pub(crate) leave: ErrorExit,
}

impl Child {
    /// The tasks that run in it.
    pub(crate) fn tasks(&self) -> &[usize] {
        match &self.future {
            Future::Call(task, _) => std::slice::from_ref(task),
            Future::Block(block) => &block.tasks,
        }
    }

    /// The first `?` in it, if it can fail.
    pub(crate) fn fails(&self) -> Option<Span> {
        match self.resolves_to {
            ResolvesTo::Values => None,
            ResolvesTo::Result(question)
            | ResolvesTo::Operand(question)
            | ResolvesTo::Tail(question)
            | ResolvesTo::Convertible(question) => Some(question),
        }
    }
}

#[derive(Debug)]
pub(crate) enum Future {
    Call(usize, Call),
    Block(Block),
}

/// What a child's future resolves to.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ResolvesTo {
    /// The values.
    Values,
    /// A `Result` of them, of a block in which this is the first `?` or `break`.
    Result(Span),
    /// The `Result` of the operand of this `?`, which is in tail position.
    Operand(Span),
    /// The operand of this `?`, which is in tail position.
    Tail(Span),
    /// The operand of this `?`, whose error is converted.
    Convertible(Span),
}

/// A part whose children are polled in a loop of their own.
#[derive(Debug)]
pub(crate) struct Gate {
    /// By the declaration of their first tasks.
    pub(crate) children: Vec<Gated>,
    /// The pieces of children that are cut.
    pub(crate) pieces: Vec<Block>,
    /// rustc infers types in the order in which these are printed.
    pub(crate) order: Vec<Printed>,
    pub(crate) slots: Slots,
    /// The number of tasks that children wait for within their blocks, if they are chains.
    pub(crate) awaited: Option<usize>,
    /// Whether each child has a waker of its own.
    pub(crate) is_wide: bool,
    /// Whether items of its tasks count among the tasks that a limit holds back.
    pub(crate) counts_items: bool,
    pub(crate) pace: PollsPerTurn,
    /// How the loop's error leaves the block around it, if it can fail. That of few chains leaves like that of a join.
    pub(crate) leave: Option<ErrorExit>,
}

impl Gate {
    /// Whether its children are few chains, which are polled without wakers of their own.
    pub(crate) fn is_few(&self) -> bool {
        self.awaited.is_some() && !self.is_wide
    }

    /// The block of a child or a piece.
    pub(crate) fn block(&self, printed: Printed) -> Option<&Block> {
        match printed {
            Printed::Piece(number) => Some(&self.pieces[number]),
            Printed::Child(place) => match &self.children[place].child.future {
                Future::Block(block) => Some(block),
                Future::Call(..) => None,
            },
        }
    }
}

/// One of the children, or of the pieces, of a [`Gate`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Printed {
    Child(usize),
    Piece(usize),
}

/// A child that starts when others have completed.
#[derive(Debug)]
pub(crate) struct Gated {
    pub(crate) child: Child,
    /// The places of the children that it waits for before it starts.
    pub(crate) gate: Vec<usize>,
    /// Whether it begins with a gate of its own.
    pub(crate) waits: bool,
}

/// One task: how its condition and body run, and what happens to their outcome.
#[derive(Debug)]
pub(crate) struct Task {
    pub(crate) index: usize,
    pub(crate) run: Run,
}

/// The user's code of one task, or of the final arm.
#[derive(Debug)]
pub(crate) struct Run {
    /// How an error of a fixed type leaves the block around the condition or the iterable, and the one around the body.
    pub(crate) leaves: [ErrorExit; 2],
    /// With a condition or a `for`: the block around the body alone, which its exits leave.
    pub(crate) body: OwnBlock,
    pub(crate) body_ending: OutcomeUse,
    pub(crate) block: OwnBlock,
    pub(crate) ending: OutcomeUse,
    /// The first `break` of the body alone, and that of both. Such code is in a loop of ours.
    pub(crate) body_breaks: Option<Span>,
    /// Whether the first `?` of the condition, and of the body, decides what the block around it resolves to.
    pub(crate) decides: [bool; 2],
    pub(crate) breaks: Option<Span>,
    /// If the body runs for each item.
    pub(crate) items: Option<Items>,
    /// What runs within a call of the object of `#![around(…)]`.
    pub(crate) around: Around,
}

/// Which block is within a call of the object of `#![around(…)]`: a task whose condition is false does not run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Around {
    Nothing,
    Body,
    All,
}

/// How the items of a `for` task run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Items {
    pub(crate) pace: PollsPerTurn,
    pub(crate) seats: Seats,
}

/// How many items run at a time, apart from the limit of the task.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Seats {
    /// All.
    All,
    /// As many as the graph allows: nothing else runs.
    Graph,
    /// As many as the graph allows, with the other tasks of the part, in which the task has this place.
    Shared(usize),
}

/// Whether code is in an `async` block of its own.
#[derive(Clone, Copy, Debug)]
pub(crate) enum OwnBlock {
    /// Its exits leave the block around it.
    None,
    /// It calls a macro that may hide an exit, which ends this task only.
    Plain,
    /// It has no exits, but runs within a call of an object.
    Infallible,
    /// Its exits make a `Result`. This is its first `?`.
    Fallible(Span),
    /// It needs none: it is an operand and this `?`, so the operand's `Result` says how the task ended.
    Operand(Span),
}

impl OwnBlock {
    /// The block for code, if it `is_needed`, that may leave it by this `?`.
    pub(super) fn of(is_needed: bool, question: Option<Span>) -> Self {
        match question {
            _ if !is_needed => OwnBlock::None,
            None => OwnBlock::Plain,
            Some(question) => OwnBlock::Fallible(question),
        }
    }

    /// The block for code that runs within a call of an object, if it `is_around`, and may hide exits.
    pub(super) fn around(is_around: bool, hides_exits: bool, question: Option<Span>) -> Self {
        match OwnBlock::of(is_around || hides_exits, question) {
            OwnBlock::Plain if !hides_exits => OwnBlock::Infallible,
            block => block,
        }
    }
}

/// What happens to the outcome of some code.
#[derive(Clone, Copy, Debug)]
pub(crate) enum OutcomeUse {
    /// It is the value. An error has left the block around it.
    Value,
    /// It is a `Result`, whose error leaves the block around it.
    Propagate(ErrorExit),
    /// The same, after the error gets the name of the task.
    Name(ErrorExit),
    /// It says how the task ended.
    Settle { error_is_fixed: bool },
}

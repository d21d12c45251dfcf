//! Waterfall charts of graphs: when each task waited, was polled, was woken and ended.
//!
//! Three lines enable it, with the feature `tracing` of `conjoin`:
//!
//! ```
//! use conjoin_adapters::Waterfalls;
//! use tracing_subscriber::prelude::*;
//!
//! # || {
//! let waterfalls = Waterfalls::new();
//! tracing_subscriber::registry().with(waterfalls.layer()).init();
//! // … the program …
//! for run in waterfalls.runs() { println!("{}", run.terminal()) }
//! # };
//! ```
//!
//! This prints
//!
//! ```text
//! page (src/page.rs:12): done after 40 ms, 3 tasks
//!                               0                                            40 ms
//! * user       20 ms critical   █────────────────────────█
//! * posts      20 ms critical   ·························█───────────█───────────█
//!   comments   10 ms +10 ms     ·························█───────────█╌╌╌╌╌╌╌╌╌╌╌╌
//! * critical path: user -> posts
//! █ polled  ╵ woken  ─ pending  · waiting  ╌ slack
//! ```
//!
//! [`html`](html()) draws the same in colour, as one self-contained file; [`Run::svg`] is a single picture, to embed in
//! a page; [`chrome_trace`](chrome_trace()) is for [Perfetto](https://ui.perfetto.dev); and a [`Run`] is the data
//! itself, with `serde`.
//!
//! # Reading the picture
//!
//! - Each row is a task, and all rows share one time axis, from the start of the graph to its end.
//! - **Waiting** (pale, `·`): some dependencies have not ended. A task starts in the same poll in which the last of
//!   them ends.
//! - **Polled** (solid, `█`): the task has the thread. If this is wide, it computes or blocks, and no other task of the
//!   graph can run meanwhile; use `cpu` or `blocking`.
//! - **Pending** (`─`): the task waits for something outside. Here tasks overlap at no cost.
//! - **Woken** (a tick, `╵`): what it waits for is ready. From here to the next poll it could run but did not: the
//!   thread was busy.
//! - **Slack** (dotted, `╌`): the task could have ended this much later without slowing down the graph.
//!
//! # The critical path
//!
//! The critical path is the chain of tasks that determined how long the run took: the task that ended last, before it
//! the last of that task's dependencies to end, and so on. It is marked (`*`, bold and underlined in the SVG). Making one
//! of these tasks faster makes the graph faster, until another path is the longest; making another task faster does
//! not, as long as it has slack. Slack is the total float of the critical path method (Kelley and Walker, 1959),
//! computed from measured durations.
//!
//! If an error ended the graph, the path leads to the task that failed, and tasks that were dropped with the graph have
//! no slack. If the graph itself was dropped, all dropped tasks count as ending with it. Under `#![limit]` a task may
//! also wait for a permit; that time counts as its own.
//!
//! # Which runs
//!
//! The [newest](Waterfalls::runs) runs are kept. [`subscribe`](Waterfalls::subscribe) is a stream of each run as it
//! ends, for example to push it to a page; [labels](WaterfallsBuilder::label), fields of spans around the graph such as
//! `request_id`, say which request it belongs to. [`record`](Waterfalls::record) returns the runs within one future.
//!
//! # Other layers
//!
//! The layer has its own filter: it sees only spans and events of the target `conjoin`, whatever other layers see, and
//! does not make them see more. Give them filters of their own with `with_filter`:
//!
//! ```
//! # use conjoin_adapters::Waterfalls;
//! use tracing_subscriber::{EnvFilter, fmt, prelude::*};
//!
//! # || {
//! let waterfalls = Waterfalls::new();
//! tracing_subscriber::registry()
//!     .with(waterfalls.layer())
//!     .with(fmt::layer().with_filter(EnvFilter::from_default_env()))
//!     .init();
//! # };
//! ```
//!
//! An `EnvFilter` that is itself a layer, `.with(EnvFilter::…)`, filters for all layers: it needs the directive
//! `conjoin=trace`, and then prints the wakes. With `conjoin=info`, everything but the wakes is recorded.
//!
//! Like every layer with its own filter, it cannot be added to a running subscriber by
//! [`reload`](tracing_subscriber::reload): tracing panics. Use [`sample`](WaterfallsBuilder::sample) to keep its cost
//! low instead.
//!
//! # Drawing other code
//!
//! Code without `auto!` can be drawn too, next to graphs or in their tasks, if it creates the same spans, of the target
//! `conjoin`. A graph is a span with the field `tasks`, a number. It may have `names`, those of all tasks joined by `, `, and
//! `code.function.name`, which becomes the title of the picture. Within it, each task is a span with the task's name
//! and the field `dependencies`, names joined by `, `; it is created when the task starts, entered while the task is
//! polled, and closed when it ends. A wake is a `TRACE` event `woken` whose parent is the task's span. The field
//! `outcome` of both spans is recorded at their end (`done`, `failed`, `skipped`, `not run`, `cancelled`, `panicked`);
//! a span that is closed without it was cancelled.
//!
//! ```
//! use tracing::{Instrument, field::Empty, info_span};
//! # use conjoin_adapters::Waterfalls;
//! # use tracing_subscriber::prelude::*;
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! # let waterfalls = Waterfalls::new();
//! # let _guard = tracing_subscriber::registry().with(waterfalls.layer()).set_default();
//!
//! let graph = info_span!(target: "conjoin", "auto", tasks = 1, outcome = Empty);
//! let task = info_span!(target: "conjoin", parent: &graph, "user", dependencies = "", outcome = Empty);
//! async { /* … */ }.instrument(task.clone()).await;
//! task.record("outcome", "done");
//! graph.record("outcome", "done");
//! # drop((task, graph));
//! # assert_eq!(waterfalls.runs()[0].tasks[0].name, "user");
//! # }
//! ```
//!
//! # Cost
//!
//! A run takes its own lock for a few instructions at each poll and wake; no lock is held while other layers, the clock
//! or user code run. Spans of other targets are not looked at. But as wakes are events of the level `TRACE`, the most
//! verbose level that is enabled anywhere becomes `TRACE`, so each disabled event elsewhere costs one more load and
//! branch. Memory is bounded by ([`runs`](WaterfallsBuilder::runs) + [`open`](WaterfallsBuilder::open)) ×
//! [`tasks`](WaterfallsBuilder::tasks) × [`polls`](WaterfallsBuilder::polls) × 80 bytes, plus names, dependencies,
//! errors and labels; a stream or a `record` may hold as many runs again. A run of three tasks with four polls each
//! takes about 1 KiB. In time, such a run costs about three times what a registry takes for the same spans alone, and a
//! run that sampling leaves out about twice.

mod builder;
mod handle;
mod model;
mod record;
mod render;

pub use builder::WaterfallsBuilder;
pub use handle::Waterfalls;
pub use model::run::{Outcome, Poll, Run, Task, Wake};
pub use record::store::Stats;
pub use record::stream::RunStream;
pub use render::chrome::chrome_trace;
pub use render::html::html;
pub use render::terminal::TerminalPicture;

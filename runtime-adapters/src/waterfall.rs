//! Pictures of how graphs ran: when each task waited, was polled, was woken, ended.
//!
//! Three lines turn it on, with the feature `tracing` of `conjoin`:
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
//! That prints
//!
//! ```text
//! src/page.rs:12: done after 40 ms, 3 tasks
//!                               0                                            40 ms
//! * user       20 ms critical   █────────────────────────█
//! * posts      20 ms critical   ·························█───────────█───────────█
//!   comments   10 ms +10 ms     ·························█───────────█╌╌╌╌╌╌╌╌╌╌╌╌
//! * critical path: user -> posts
//! █ polled  ╵ woken  ─ pending  · waiting  ╌ slack
//! ```
//!
//! [`html`](html()) draws the same in colour, in one file that needs nothing else; [`Run::svg`] is one picture of it,
//! for a page of yours; [`chrome_trace`](chrome_trace()) is for [Perfetto](https://ui.perfetto.dev); and a [`Run`] is
//! all of it as data, with `serde`.
//!
//! # How to read the picture
//!
//! - Each row is a task, and all rows have one time axis, from the start of the graph to its end.
//! - **Waiting** (pale, `·`): dependencies have not ended. A task starts in the very poll in which the last of them
//!   ends.
//! - **Polled** (solid, `█`): it has the thread. Where that is wide, it computes or blocks, and nothing else of the
//!   graph can run meanwhile: `cpu` and `blocking` are the cure.
//! - **Pending** (`─`): it waits for the world. That is where tasks overlap, at no cost.
//! - **Woken** (a tick, `╵`): what it waits for has come. From there to the next poll it could run and did not: the
//!   thread was busy.
//! - **Slack** (dotted, `╌`): so much later it could have ended without the graph being any slower.
//!
//! # The critical path
//!
//! It is the chain of tasks that decided how long the run took: the task that ended last, before it the last of that
//! one's dependencies to end, and so on. It is marked (`*`, bold and underlined in the SVG). Who makes one of these faster
//! makes the graph faster, until another path is the longest; who works on another does not, as long as it has slack.
//! Slack is what the critical path method (Kelley and Walker, 1959) calls total float, over durations that were
//! measured.
//!
//! If an error ended the graph, the path is the one to the task that failed, and tasks that were dropped with the graph
//! have no slack. If the graph itself was dropped, they all count as ending with it. Under `#![limit]` a task may wait
//! for a place too; this time counts as its own.
//!
//! # Which runs
//!
//! The [newest](Waterfalls::runs) are kept. [`subscribe`](Waterfalls::subscribe) is a stream of each run as it ends, to
//! push to a page; [labels](WaterfallsBuilder::label), fields of spans around the graph such as `request_id`, say which request
//! it was for. [`record`](Waterfalls::record) gives back the runs within one future.
//!
//! # Other layers
//!
//! The layer has a filter of its own: it sees spans and events of the target `conjoin` and nothing else, whatever the
//! other layers see, and they do not get to see more for its sake. Give them theirs by `with_filter`:
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
//! An `EnvFilter` that is a layer itself, `.with(EnvFilter::…)`, filters for all layers: there it needs the directive
//! `conjoin=trace`, and prints the wakes. With `conjoin=info` everything is recorded but these.
//!
//! As every layer with a filter of its own, it cannot be put into a subscriber that runs already, by
//! [`reload`](tracing_subscriber::reload): tracing panics. Let [`sample`](WaterfallsBuilder::sample) keep its cost low instead.
//!
//! # What it reads
//!
//! Code without `auto!` can be drawn too, beside graphs or in their tasks, by making the same spans, of the target
//! `conjoin`: one with the field `tasks`, a number, for the graph; within it one with the name of the task and the
//! field `dependencies`, names joined by `, `, for each task when it starts, entered while it is polled and closed when
//! it ends; a `TRACE` event `woken` whose parent is that span for a wake. The field `outcome` of both is recorded at
//! their end (`done`, `failed`, `skipped`, `not run`, `cancelled`, `panicked`); who closes a span without it was
//! cancelled.
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
//! A run takes a lock of its own, for a few instructions at each poll and wake; no lock is held while other layers, the
//! clock or code of yours runs. Spans of other targets are not looked at; but as wakes are events of the level `TRACE`,
//! the most verbose level that is enabled anywhere becomes `TRACE`, so that events elsewhere that nobody wants cost a
//! load and a branch more. Memory is bounded by ([`runs`](WaterfallsBuilder::runs) + [`open`](WaterfallsBuilder::open)) ×
//! [`tasks`](WaterfallsBuilder::tasks) × [`polls`](WaterfallsBuilder::polls) × 80 bytes, and what names, dependencies, errors and labels
//! take; a stream or a `record` may hold as many runs again. A run of three tasks of four polls takes about 1 KiB. In
//! time, such a run costs about three times what a registry takes for the same spans alone, and one that is left out by
//! sampling twice.

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

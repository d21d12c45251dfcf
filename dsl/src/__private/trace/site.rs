//! The static data of spans.
//!
//! `tracing`'s own macros would generate more code, for each task of each graph.

use tracing::callsite::{DefaultCallsite, Identifier};
use tracing::field::{FieldSet, Value};
use tracing::level_filters::{LevelFilter, STATIC_MAX_LEVEL};
use tracing::metadata::Kind;
use tracing::{Callsite as _, Event, Id, Level, Span, dispatcher};

pub use tracing::Metadata;

use super::TARGET;

/// A place in the user's code that creates spans, and whether a subscriber wants them.
pub type Site = DefaultCallsite;

const GRAPH: &[&str] = &[
    "tasks",
    "names",
    "code.function.name",
    "outcome",
    "otel.status_code",
    "otel.status_description",
    "error.type",
    "exception.message",
];
const ITEM: &[&str] = &[
    "item",
    "outcome",
    "otel.status_code",
    "otel.status_description",
    "error.type",
    "exception.message",
];
const TASK: &[&str] = &[
    "dependencies",
    "items",
    "items_without_span",
    "outcome",
    "skipped_for",
    "otel.status_code",
    "otel.status_description",
    "error.type",
    "exception.message",
];

/// A graph.
#[derive(Debug)]
pub struct About {
    pub(super) site: Site,
    /// The number of its tasks.
    pub(super) tasks: usize,
    /// The names of all tasks.
    pub(super) names: &'static str,
}

impl About {
    #[must_use]
    pub const fn new(
        metadata: &'static Metadata<'static>,
        tasks: usize,
        names: &'static str,
    ) -> Self {
        About {
            site: Site::new(metadata),
            tasks,
            names,
        }
    }

    #[must_use]
    pub const fn site(&self) -> &Site {
        &self.site
    }
}

/// A task.
#[derive(Debug)]
pub struct Task {
    site: Site,
    /// The names of its dependencies.
    pub(super) dependencies: &'static str,
}

impl Task {
    #[must_use]
    pub const fn new(metadata: &'static Metadata<'static>, dependencies: &'static str) -> Self {
        Task {
            site: Site::new(metadata),
            dependencies,
        }
    }

    #[must_use]
    pub const fn site(&self) -> &Site {
        &self.site
    }
}

/// The metadata of the span of a graph.
#[must_use]
pub const fn graph_metadata(
    name: &'static str,
    file: &'static str,
    line: u32,
    module: &'static str,
    site: &'static Site,
) -> Metadata<'static> {
    metadata(
        name,
        file,
        line,
        module,
        FieldSet::new(GRAPH, Identifier(site)),
    )
}

/// The metadata of the span of a task.
#[must_use]
pub const fn task_metadata(
    name: &'static str,
    file: &'static str,
    line: u32,
    module: &'static str,
    site: &'static Site,
) -> Metadata<'static> {
    metadata(
        name,
        file,
        line,
        module,
        FieldSet::new(TASK, Identifier(site)),
    )
}

/// The metadata of the span of an item of a `for` task.
#[must_use]
pub const fn item_metadata(
    name: &'static str,
    file: &'static str,
    line: u32,
    module: &'static str,
    site: &'static Site,
) -> Metadata<'static> {
    metadata(
        name,
        file,
        line,
        module,
        FieldSet::new(ITEM, Identifier(site)),
    )
}

const fn metadata(
    name: &'static str,
    file: &'static str,
    line: u32,
    module: &'static str,
    fields: FieldSet,
) -> Metadata<'static> {
    Metadata::new(
        name,
        TARGET,
        Level::INFO,
        Some(file),
        Some(line),
        Some(module),
        fields,
        Kind::SPAN,
    )
}

/// Whether any subscriber can exist for spans.
#[inline]
pub(super) fn may_be_enabled() -> bool {
    Level::INFO <= STATIC_MAX_LEVEL && Level::INFO <= LevelFilter::current()
}

/// Whether the current subscriber enables this place.
fn is_enabled(site: &'static Site) -> bool {
    let metadata = site.metadata();
    let interest = site.interest();
    *metadata.level() <= LevelFilter::current()
        && !interest.is_never()
        && (interest.is_always()
            || dispatcher::get_default(|subscriber| subscriber.enabled(metadata)))
}

/// Opens a span as a child of `parent` or of the current span. It is disabled if no subscriber wants it.
pub(super) fn open<const N: usize>(
    site: &'static Site,
    parent: Option<Id>,
    values: [(&str, &dyn Value); N],
) -> Span {
    if !is_enabled(site) {
        return Span::none();
    }
    let metadata = site.metadata();
    let fields = metadata.fields();
    let values =
        values.map(|(name, value)| (fields.field(name).expect("the field is declared"), value));
    let values = values
        .each_ref()
        .map(|(field, value)| (field, Some(*value)));
    match parent {
        Some(_) => Span::child_of(parent, metadata, &fields.value_set(&values)),
        None => Span::new(metadata, &fields.value_set(&values)),
    }
}

static WOKEN: Site = Site::new(&WOKEN_METADATA);
static WOKEN_METADATA: Metadata<'static> = Metadata::new(
    "woken",
    TARGET,
    Level::TRACE,
    Some(file!()),
    Some(line!()),
    Some(module_path!()),
    FieldSet::new(&["message"], Identifier(&WOKEN)),
    Kind::EVENT,
);

/// Whether a subscriber may record wakes. (`enabled!` would do harm: with per-layer filters, its answer would apply to
/// the next span.)
pub(super) fn wakes_may_be_told() -> bool {
    Level::TRACE <= STATIC_MAX_LEVEL
        && Level::TRACE <= LevelFilter::current()
        && !WOKEN.interest().is_never()
}

/// An event in the span of a task that was woken.
pub(super) fn tell_of_wake(task: &Id) {
    if wakes_may_be_told() && is_enabled(&WOKEN) {
        let fields = WOKEN_METADATA.fields();
        let message = fields.field("message").expect("the field is declared");
        let woken = format_args!("woken");
        let values = [(&message, Some(&woken as &dyn Value))];
        Event::child_of(task.clone(), &WOKEN_METADATA, &fields.value_set(&values));
    }
}

//! The layer, which finds the spans of graphs and tasks among all spans.

use std::collections::BTreeMap;
use std::mem;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Instant;

use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::{LookupSpan, SpanRef};

use super::fields::{Fields, Labels, Woken};
use super::recording::{Ending, Part, Recording};
use super::run::Outcome;
use super::scope::Scope;
use super::store::Store;
use crate::sync::Arc;

const TARGET: &str = "conjoin";

/// What of a program is to be seen: the graphs, and the spans that have a label.
pub(super) fn is_wanted(metadata: &Metadata<'_>, labels: &[String]) -> bool {
    metadata.target() == TARGET || (metadata.is_span() && has_label(metadata, labels))
}

fn has_label(metadata: &Metadata<'_>, labels: &[String]) -> bool {
    labels
        .iter()
        .any(|label| metadata.fields().field(label.as_str()).is_some())
}

/// What a span is, kept with the span.
#[derive(Clone)]
enum Node {
    Part(Arc<Recording>, Part),
    /// It, and whatever is in it, is not recorded.
    Omitted,
    /// Within it runs go to a [`record`](super::Waterfalls::record).
    Scope(Arc<Scope>),
    Labels(Arc<BTreeMap<String, String>>),
}

/// A [`Node`] of one layer, as there may be others.
struct Kept {
    layer: u64,
    node: Node,
}

pub(super) struct Recorder {
    id: u64,
    store: Arc<Store>,
}

/// Where a graph begins.
enum Around {
    Part(Arc<Recording>, Part),
    Omitted,
    Nothing(Option<Arc<Scope>>),
}

impl Recorder {
    pub(super) fn new(store: Arc<Store>) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Recorder {
            id: NEXT.fetch_add(1, Relaxed),
            store,
        }
    }

    fn node<'a, S: LookupSpan<'a>>(&self, span: &SpanRef<'a, S>) -> Option<Node> {
        let extensions = span.extensions();
        extensions
            .get::<Kept>()
            .filter(|kept| kept.layer == self.id)
            .map(|kept| kept.node.clone())
    }

    fn part<S>(&self, id: &Id, ctx: &Context<'_, S>) -> Option<(Arc<Recording>, Part)>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        match self.node(&ctx.span(id)?)? {
            Node::Part(recording, part) => Some((recording, part)),
            _ => None,
        }
    }

    /// What a graph is in. Adds the labels on the way, of which the innermost count.
    fn around<'a, S: LookupSpan<'a>>(
        &self,
        graph: &SpanRef<'a, S>,
        labels: &mut BTreeMap<String, String>,
    ) -> Around {
        let mut scope = None;
        for span in graph.scope().skip(1) {
            match self.node(&span) {
                Some(Node::Part(recording, part)) if scope.is_none() => {
                    return Around::Part(recording, part);
                }
                Some(Node::Omitted) if scope.is_none() => return Around::Omitted,
                Some(Node::Scope(found)) => scope = scope.or(Some(found)),
                Some(Node::Labels(found)) => {
                    for (name, value) in &*found {
                        labels.entry(name.clone()).or_insert_with(|| value.clone());
                    }
                }
                _ => {}
            }
        }
        Around::Nothing(scope)
    }

    fn graph<'a, S: LookupSpan<'a>>(
        &self,
        span: &SpanRef<'a, S>,
        attributes: &Attributes<'_>,
        tasks: u64,
    ) -> Node {
        let now = self.store.now();
        let metadata = attributes.metadata();
        let place = match (metadata.file(), metadata.line()) {
            (Some(file), Some(line)) => format!("{file}:{line}"),
            (file, _) => file.unwrap_or_default().to_owned(),
        };
        let graph = (place, usize::try_from(tasks).unwrap_or(usize::MAX));
        let mut labels = Labels::of(&self.store.labels, |visit| attributes.record(visit));
        let around = match self.around(span, &mut labels) {
            // What a task has spawned may outlive the run: it is in no picture then.
            Around::Part(outer, Part::Task(_)) if outer.has_ended() => {
                outer.lend_labels(&mut labels);
                Around::Nothing(outer.scope.clone())
            }
            around => around,
        };
        let part = match around {
            Around::Part(recording, Part::Task(task)) => recording
                .nest(task, graph, now)
                .map(|part| (recording, part)),
            // Such as one in a final arm: in no row of the other, it has a picture of its own.
            Around::Part(outer, Part::Graph(_)) => {
                outer.lend_labels(&mut labels);
                self.begin(graph, now, labels, outer.scope.clone())
            }
            // Who asks for the runs of a future is to get all of them.
            Around::Nothing(scope) if scope.is_some() || self.store.samples() => {
                self.begin(graph, now, labels, scope)
            }
            Around::Nothing(_) | Around::Omitted => None,
        };
        part.map_or(Node::Omitted, |(recording, part)| {
            Node::Part(recording, part)
        })
    }

    fn begin(
        &self,
        graph: (String, usize),
        now: Instant,
        labels: BTreeMap<String, String>,
        scope: Option<Arc<Scope>>,
    ) -> Option<(Arc<Recording>, Part)> {
        self.store
            .begin(graph, now, labels, scope)
            .map(|recording| (recording, Part::Graph(0)))
    }

    /// An item of a `for` task.
    fn item<'a, S: LookupSpan<'a>>(&self, span: &SpanRef<'a, S>, item: u64) -> Option<Node> {
        let now = self.store.now();
        let Node::Part(recording, Part::Task(task)) = self.node(&span.parent()?)? else {
            return None;
        };
        let part = recording.start_item(task, span.metadata().name(), item, now);
        Some(part.map_or(Node::Omitted, |part| Node::Part(recording, part)))
    }

    fn task<'a, S: LookupSpan<'a>>(
        &self,
        span: &SpanRef<'a, S>,
        dependencies: String,
    ) -> Option<Node> {
        let now = self.store.now();
        let Node::Part(recording, Part::Graph(graph)) = self.node(&span.parent()?)? else {
            return None;
        };
        let part = recording.start(graph, span.metadata().name(), dependencies, now);
        Some(part.map_or(Node::Omitted, |part| Node::Part(recording, part)))
    }
}

// Fields are read before anything is locked, as what formats them is the user's code; and so is the clock.
impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Recorder {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, ctx: Context<'_, S>) {
        let Some(span) = ctx.span(id) else { return };
        // Of several layers in one subscriber, the first has it.
        if span.extensions().get::<Kept>().is_some() {
            return;
        }
        let mut fields = Fields::default();
        if attributes.metadata().target() == TARGET {
            fields = Fields::of(|visit| attributes.record(visit));
        }
        let node = match &mut fields {
            Fields {
                tasks: Some(tasks), ..
            } => Some(self.graph(&span, attributes, *tasks)),
            Fields {
                dependencies: Some(dependencies),
                ..
            } => self.task(&span, mem::take(dependencies)),
            Fields {
                item: Some(item), ..
            } => self.item(&span, *item),
            Fields {
                recording: Some(scope),
                ..
            } => self.store.scope(*scope).map(Node::Scope),
            _ if has_label(attributes.metadata(), &self.store.labels) => Some(Node::Labels(
                Arc::new(Labels::of(&self.store.labels, |visit| {
                    attributes.record(visit);
                })),
            )),
            _ => None,
        };
        if let Some(node) = node {
            span.extensions_mut().insert(Kept {
                layer: self.id,
                node,
            });
            // A task that does not run has ended when it starts.
            if let (Some(_), Some((recording, part))) = (&fields.outcome, self.part(id, &ctx)) {
                recording.end(part, Ending::from(fields), false, self.store.now());
            }
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, ctx: Context<'_, S>) {
        let Some(span) = ctx.span(id) else { return };
        match self.node(&span) {
            Some(Node::Part(recording, part)) => {
                let now = self.store.now();
                let fields = Fields::of(|visit| values.record(visit));
                if let Part::Task(task) = part {
                    let place = span.metadata().file().zip(span.metadata().line());
                    let place = place.map(|(file, line)| format!("{file}:{line}"));
                    recording.has_items(task, place, &fields, now);
                }
                recording.end(part, Ending::from(fields), false, now);
            }
            Some(Node::Labels(_)) => {
                let found = Labels::of(&self.store.labels, |visit| values.record(visit));
                if let Some(Kept {
                    node: Node::Labels(labels),
                    ..
                }) = span.extensions_mut().get_mut()
                {
                    Arc::make_mut(labels).extend(found);
                }
            }
            _ => {}
        }
    }

    fn on_enter(&self, id: &Id, ctx: Context<'_, S>) {
        if let Some((recording, Part::Task(task))) = self.part(id, &ctx) {
            recording.enter(task, self.store.now());
        }
    }

    fn on_exit(&self, id: &Id, ctx: Context<'_, S>) {
        if let Some((recording, Part::Task(task))) = self.part(id, &ctx) {
            recording.exit(task, self.store.now());
        }
    }

    fn on_event(&self, event: &Event<'_>, ctx: Context<'_, S>) {
        let metadata = event.metadata();
        if metadata.target() != TARGET || *metadata.level() != Level::TRACE {
            return;
        }
        if let Some((recording, Part::Task(task))) =
            event.parent().and_then(|id| self.part(id, &ctx))
        {
            let now = self.store.now();
            let mut woken = Woken::default();
            event.record(&mut woken);
            if woken.0 {
                recording.wake(task, now);
            }
        }
    }

    fn on_close(&self, id: Id, ctx: Context<'_, S>) {
        if let Some((recording, part)) = self.part(&id, &ctx) {
            recording.end(
                part,
                Ending::from(Fields::default()),
                true,
                self.store.now(),
            );
        }
    }
}

impl From<Fields> for Ending {
    fn from(fields: Fields) -> Self {
        let outcome = fields.outcome.as_deref().map(Outcome::named);
        Ending {
            outcome,
            error: fields.error,
            skipped_for: fields.skipped_for,
        }
    }
}

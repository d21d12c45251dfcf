//! The layer, which picks the spans of graphs and tasks out of all spans.

use std::collections::BTreeMap;
use std::mem;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Instant;

use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::{LookupSpan, SpanRef};

use super::fields::{LabelVisitor, SpanFields, WokenVisitor};
use super::open_run::SpanEnd;
use super::recording::{PartId, Recording};
use super::scope::RecordScope;
use super::store::RunStore;
use crate::sync::Arc;
use crate::waterfall::model::run::Outcome;

const TARGET: &str = "conjoin";

/// What the layer sees of a program: the graphs, and the spans that have a label.
pub(in crate::waterfall) fn is_wanted(metadata: &Metadata<'_>, labels: &[String]) -> bool {
    metadata.target() == TARGET || (metadata.is_span() && has_label(metadata, labels))
}

fn has_label(metadata: &Metadata<'_>, labels: &[String]) -> bool {
    labels
        .iter()
        .any(|label| metadata.fields().field(label.as_str()).is_some())
}

/// The role of a span, which is stored with the span.
#[derive(Clone)]
enum SpanRole {
    Part(Arc<Recording>, PartId),
    /// The span and everything within it are not recorded.
    Omitted,
    /// Runs within it belong to a [`record`](crate::waterfall::Waterfalls::record).
    Scope(Arc<RecordScope>),
    Labels(Arc<BTreeMap<String, String>>),
}

/// A [`SpanRole`], with its layer, as there may be several.
struct RecordedSpan {
    layer: u64,
    node: SpanRole,
}

pub(in crate::waterfall) struct Recorder {
    id: u64,
    store: Arc<RunStore>,
}

/// What encloses a graph.
enum Enclosing {
    Part(Arc<Recording>, PartId),
    Omitted,
    Nothing(Option<Arc<RecordScope>>),
}

impl Recorder {
    pub(in crate::waterfall) fn new(store: Arc<RunStore>) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Recorder {
            id: NEXT.fetch_add(1, Relaxed),
            store,
        }
    }

    fn node<'a, S: LookupSpan<'a>>(&self, span: &SpanRef<'a, S>) -> Option<SpanRole> {
        let extensions = span.extensions();
        extensions
            .get::<RecordedSpan>()
            .filter(|kept| kept.layer == self.id)
            .map(|kept| kept.node.clone())
    }

    fn part<S>(&self, id: &Id, ctx: &Context<'_, S>) -> Option<(Arc<Recording>, PartId)>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        match self.node(&ctx.span(id)?)? {
            SpanRole::Part(recording, part) => Some((recording, part)),
            _ => None,
        }
    }

    /// Finds what encloses a graph. Collects the labels on the way, of which the innermost take precedence.
    fn around<'a, S: LookupSpan<'a>>(
        &self,
        graph: &SpanRef<'a, S>,
        labels: &mut BTreeMap<String, String>,
    ) -> Enclosing {
        let mut scope = None;
        for span in graph.scope().skip(1) {
            match self.node(&span) {
                Some(SpanRole::Part(recording, part)) if scope.is_none() => {
                    return Enclosing::Part(recording, part);
                }
                Some(SpanRole::Omitted) if scope.is_none() => return Enclosing::Omitted,
                Some(SpanRole::Scope(found)) => scope = scope.or(Some(found)),
                Some(SpanRole::Labels(found)) => {
                    for (name, value) in &*found {
                        labels.entry(name.clone()).or_insert_with(|| value.clone());
                    }
                }
                _ => {}
            }
        }
        Enclosing::Nothing(scope)
    }

    fn graph<'a, S: LookupSpan<'a>>(
        &self,
        span: &SpanRef<'a, S>,
        attributes: &Attributes<'_>,
        tasks: u64,
    ) -> SpanRole {
        let now = self.store.now();
        let metadata = attributes.metadata();
        let place = match (metadata.file(), metadata.line()) {
            (Some(file), Some(line)) => format!("{file}:{line}"),
            (file, _) => file.unwrap_or_default().to_owned(),
        };
        let graph = (place, usize::try_from(tasks).unwrap_or(usize::MAX));
        let mut labels = LabelVisitor::of(&self.store.labels, |visit| attributes.record(visit));
        let around = match self.around(span, &mut labels) {
            // What a task has spawned may outlive the run: then it is not in the run's picture.
            Enclosing::Part(outer, PartId::Task(_)) if outer.has_ended() => {
                outer.lend_labels(&mut labels);
                Enclosing::Nothing(outer.scope.clone())
            }
            around => around,
        };
        let part = match around {
            Enclosing::Part(recording, PartId::Task(task)) => recording
                .nest(task, graph, now)
                .map(|part| (recording, part)),
            // A graph in a final arm, for example: it is in no row of the outer graph, so it gets its own picture.
            Enclosing::Part(outer, PartId::Graph(_)) => {
                outer.lend_labels(&mut labels);
                self.begin(graph, now, labels, outer.scope.clone())
            }
            // A `record` gets all runs of its future.
            Enclosing::Nothing(scope) if scope.is_some() || self.store.samples() => {
                self.begin(graph, now, labels, scope)
            }
            Enclosing::Nothing(_) | Enclosing::Omitted => None,
        };
        part.map_or(SpanRole::Omitted, |(recording, part)| {
            SpanRole::Part(recording, part)
        })
    }

    fn begin(
        &self,
        graph: (String, usize),
        now: Instant,
        labels: BTreeMap<String, String>,
        scope: Option<Arc<RecordScope>>,
    ) -> Option<(Arc<Recording>, PartId)> {
        Recording::begin(&self.store, graph, now, labels, scope)
            .map(|recording| (recording, PartId::Graph(0)))
    }

    /// An item of a `for` task.
    fn item<'a, S: LookupSpan<'a>>(&self, span: &SpanRef<'a, S>, item: u64) -> Option<SpanRole> {
        let now = self.store.now();
        let SpanRole::Part(recording, PartId::Task(task)) = self.node(&span.parent()?)? else {
            return None;
        };
        let part = recording.start_item(task, span.metadata().name(), item, now);
        Some(part.map_or(SpanRole::Omitted, |part| SpanRole::Part(recording, part)))
    }

    fn task<'a, S: LookupSpan<'a>>(
        &self,
        span: &SpanRef<'a, S>,
        dependencies: String,
    ) -> Option<SpanRole> {
        let now = self.store.now();
        let SpanRole::Part(recording, PartId::Graph(graph)) = self.node(&span.parent()?)? else {
            return None;
        };
        let part = recording.start(graph, span.metadata().name(), dependencies, now);
        Some(part.map_or(SpanRole::Omitted, |part| SpanRole::Part(recording, part)))
    }
}

// Fields are read, and the clock too, before anything is locked, because user code formats them.
impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Recorder {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, ctx: Context<'_, S>) {
        let Some(span) = ctx.span(id) else { return };
        // Among several layers in one subscriber, the first one records.
        if span.extensions().get::<RecordedSpan>().is_some() {
            return;
        }
        let mut fields = SpanFields::default();
        if attributes.metadata().target() == TARGET {
            fields = SpanFields::of(|visit| attributes.record(visit));
        }
        let node = match &mut fields {
            SpanFields {
                tasks: Some(tasks), ..
            } => Some(self.graph(&span, attributes, *tasks)),
            SpanFields {
                dependencies: Some(dependencies),
                ..
            } => self.task(&span, mem::take(dependencies)),
            SpanFields {
                item: Some(item), ..
            } => self.item(&span, *item),
            SpanFields {
                recording: Some(scope),
                ..
            } => self.store.scope(*scope).map(SpanRole::Scope),
            _ if has_label(attributes.metadata(), &self.store.labels) => Some(SpanRole::Labels(
                Arc::new(LabelVisitor::of(&self.store.labels, |visit| {
                    attributes.record(visit);
                })),
            )),
            _ => None,
        };
        if let Some(node) = node {
            span.extensions_mut().insert(RecordedSpan {
                layer: self.id,
                node,
            });
            // A task that does not run ends when it starts.
            if let Some((recording, part)) = self.part(id, &ctx) {
                if let PartId::Graph(graph) = part {
                    recording.describe(graph, &mut fields, self.store.now());
                }
                if fields.outcome.is_some() {
                    recording.end(part, SpanEnd::from(fields), false, self.store.now());
                }
            }
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, ctx: Context<'_, S>) {
        let Some(span) = ctx.span(id) else { return };
        match self.node(&span) {
            Some(SpanRole::Part(recording, part)) => {
                let now = self.store.now();
                let mut fields = SpanFields::of(|visit| values.record(visit));
                match part {
                    PartId::Graph(graph) => recording.describe(graph, &mut fields, now),
                    PartId::Task(task) => {
                        let place = span.metadata().file().zip(span.metadata().line());
                        let place = place.map(|(file, line)| format!("{file}:{line}"));
                        recording.has_items(task, place, &fields, now);
                    }
                }
                recording.end(part, SpanEnd::from(fields), false, now);
            }
            Some(SpanRole::Labels(_)) => {
                let found = LabelVisitor::of(&self.store.labels, |visit| values.record(visit));
                if let Some(RecordedSpan {
                    node: SpanRole::Labels(labels),
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
        if let Some((recording, PartId::Task(task))) = self.part(id, &ctx) {
            recording.enter(task, self.store.now());
        }
    }

    fn on_exit(&self, id: &Id, ctx: Context<'_, S>) {
        if let Some((recording, PartId::Task(task))) = self.part(id, &ctx) {
            recording.exit(task, self.store.now());
        }
    }

    fn on_event(&self, event: &Event<'_>, ctx: Context<'_, S>) {
        let metadata = event.metadata();
        if metadata.target() != TARGET || *metadata.level() != Level::TRACE {
            return;
        }
        if let Some((recording, PartId::Task(task))) =
            event.parent().and_then(|id| self.part(id, &ctx))
        {
            let now = self.store.now();
            let mut woken = WokenVisitor::default();
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
                SpanEnd::from(SpanFields::default()),
                true,
                self.store.now(),
            );
        }
    }
}

impl From<SpanFields> for SpanEnd {
    fn from(fields: SpanFields) -> Self {
        let outcome = fields.outcome.as_deref().map(Outcome::named);
        SpanEnd {
            outcome,
            error: fields.error,
            skipped_for: fields.skipped_for,
        }
    }
}

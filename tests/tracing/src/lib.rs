//! A subscriber that records everything.

use std::collections::BTreeMap;
use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Dispatch, Event, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

/// A span that was there.
#[derive(Debug)]
pub struct Seen {
    /// What is static of it.
    pub metadata: &'static Metadata<'static>,
    /// Its place among all spans.
    pub parent: Option<usize>,
    /// Those that have a value.
    pub fields: BTreeMap<&'static str, String>,
    /// Whether nobody holds it any more.
    pub is_closed: bool,
}

/// What was seen.
#[derive(Debug, Default)]
pub struct Story {
    /// In the order in which they were made.
    pub spans: Vec<Seen>,
    /// What happened: `+user` made, `>user` entered, `<user` left, `-user` closed, `!user message` an event.
    pub log: Vec<String>,
}

/// Remembers all spans and events.
#[derive(Clone, Debug, Default)]
pub struct Recorder(Arc<Mutex<Story>>);

/// The place of a span in the story.
struct Place(usize);

impl Recorder {
    /// A subscriber that hands on to this what is not more detailed than `level`.
    #[must_use]
    pub fn subscriber(&self, level: LevelFilter) -> Dispatch {
        Dispatch::new(tracing_subscriber::registry().with(self.clone().with_filter(level)))
    }

    /// What was seen so far.
    ///
    /// # Panics
    ///
    /// Never.
    pub fn story(&self) -> MutexGuard<'_, Story> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Story {
    /// All spans as a tree: a line for each, with its outcome, if it has one.
    #[must_use]
    pub fn tree(&self) -> String {
        let mut tree = String::new();
        self.draw(None, 0, &mut tree);
        tree
    }

    fn draw(&self, parent: Option<usize>, depth: usize, tree: &mut String) {
        for (place, span) in self
            .spans
            .iter()
            .enumerate()
            .filter(|(_, span)| span.parent == parent)
        {
            let outcome = span
                .fields
                .get("outcome")
                .map(|outcome| format!(": {outcome}"))
                .unwrap_or_default();
            writeln!(
                tree,
                "{:depth$}{}{outcome}",
                "",
                span.metadata.name(),
                depth = depth * 2
            )
            .expect("a string takes all");
            self.draw(Some(place), depth + 1, tree);
        }
    }

    /// The only span of this name.
    ///
    /// # Panics
    ///
    /// If there is none, or more than one.
    #[must_use]
    pub fn span(&self, name: &str) -> &Seen {
        let all: Vec<_> = self
            .spans
            .iter()
            .filter(|span| span.metadata.name() == name)
            .collect();
        let [span] = all[..] else {
            panic!("{} spans `{name}` in {}", all.len(), self.tree())
        };
        span
    }

    /// A field of the only span of this name.
    #[must_use]
    pub fn field(&self, span: &str, field: &str) -> Option<&str> {
        self.span(span).fields.get(field).map(String::as_str)
    }
}

struct Fields<'s>(&'s mut BTreeMap<&'static str, String>);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }
}

impl<S: Subscriber + for<'s> LookupSpan<'s>> Layer<S> for Recorder {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let span = context.span(id).expect("it was just made");
        let place_of = |span: &tracing_subscriber::registry::SpanRef<'_, S>| {
            span.extensions().get::<Place>().map(|place| place.0)
        };
        let parent = span.parent().as_ref().and_then(place_of);
        let mut story = self.story();
        let mut fields = BTreeMap::new();
        attributes.record(&mut Fields(&mut fields));
        span.extensions_mut().insert(Place(story.spans.len()));
        story.log.push(format!("+{}", span.name()));
        story.spans.push(Seen {
            metadata: attributes.metadata(),
            parent,
            fields,
            is_closed: false,
        });
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let place = place(id, &context);
        values.record(&mut Fields(&mut self.story().spans[place].fields));
    }

    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        self.note('>', id, &context);
    }

    fn on_exit(&self, id: &Id, context: Context<'_, S>) {
        self.note('<', id, &context);
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        self.note('-', &id, &context);
        let place = place(&id, &context);
        self.story().spans[place].is_closed = true;
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = BTreeMap::new();
        event.record(&mut Fields(&mut fields));
        let span = context.event_span(event);
        let name = span.as_ref().map_or("", |span| span.name());
        let message = fields.get("message").map_or("", String::as_str);
        self.story().log.push(format!("!{name} {message}"));
    }
}

impl Recorder {
    fn note<S: Subscriber + for<'s> LookupSpan<'s>>(
        &self,
        what: char,
        id: &Id,
        context: &Context<'_, S>,
    ) {
        let span = context.span(id).expect("it is there");
        self.story().log.push(format!("{what}{}", span.name()));
    }
}

fn place<S: Subscriber + for<'s> LookupSpan<'s>>(id: &Id, context: &Context<'_, S>) -> usize {
    let span = context.span(id).expect("it is there");
    span.extensions()
        .get::<Place>()
        .expect("it was noted when it was made")
        .0
}

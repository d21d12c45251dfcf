//! Reads the relevant fields of spans and events.

use std::collections::BTreeMap;
use std::fmt::{self, Debug, Write};

use tracing::field::{Field, Visit};

/// The size to which errors' texts and labels are cut, in bytes.
const MAX_TEXT: usize = 1024;

/// The fields of a graph's or task's span, at its start or later.
#[derive(Debug, Default)]
pub(super) struct SpanFields {
    pub(super) tasks: Option<u64>,
    pub(super) function: Option<String>,
    pub(super) names: Option<String>,
    pub(super) dependencies: Option<String>,
    pub(super) outcome: Option<String>,
    pub(super) error: Option<String>,
    pub(super) skipped_for: Option<String>,
    pub(super) recording: Option<u64>,
    /// The index of an item in its task.
    pub(super) item: Option<u64>,
    /// How many items a task has, and how many of them have no span.
    pub(super) items: Option<u64>,
    pub(super) items_without_span: Option<u64>,
}

impl SpanFields {
    pub(super) fn of(record: impl FnOnce(&mut dyn Visit)) -> Self {
        let mut fields = SpanFields::default();
        record(&mut fields);
        fields
    }

    fn text(&mut self, name: &str) -> Option<&mut Option<String>> {
        match name {
            "outcome" => Some(&mut self.outcome),
            "exception.message" => Some(&mut self.error),
            "skipped_for" => Some(&mut self.skipped_for),
            _ => None,
        }
    }
}

impl Visit for SpanFields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        // These are names from the program text, so their number is bounded.
        let names = match field.name() {
            "dependencies" => Some(&mut self.dependencies),
            "names" => Some(&mut self.names),
            "code.function.name" => Some(&mut self.function),
            _ => None,
        };
        if let Some(names) = names {
            *names = Some(format!("{value:?}"));
        } else if let Some(text) = self.text(field.name()) {
            *text = Some(bounded(format_args!("{value:?}")));
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }

    // The type of an integer literal without a suffix.
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.record_u64(field, value.try_into().unwrap_or_default());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        match field.name() {
            "tasks" => self.tasks = Some(value),
            "recording" => self.recording = Some(value),
            "item" => self.item = Some(value),
            "items" => self.items = Some(value),
            "items_without_span" => self.items_without_span = Some(value),
            _ => {}
        }
    }
}

/// Collects the labels among the fields of a span.
pub(super) struct LabelVisitor<'a> {
    pub(super) wanted: &'a [String],
    pub(super) found: BTreeMap<String, String>,
}

impl<'a> LabelVisitor<'a> {
    pub(super) fn of(
        wanted: &'a [String],
        record: impl FnOnce(&mut dyn Visit),
    ) -> BTreeMap<String, String> {
        let mut labels = LabelVisitor {
            wanted,
            found: BTreeMap::new(),
        };
        if !wanted.is_empty() {
            record(&mut labels);
        }
        labels.found
    }
}

impl Visit for LabelVisitor<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if self.wanted.iter().any(|wanted| wanted == field.name()) {
            self.found
                .insert(field.name().to_owned(), bounded(format_args!("{value:?}")));
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }
}

/// Finds out whether the message of an event is `woken`.
#[derive(Default)]
pub(super) struct WokenVisitor(pub(super) bool);

impl Visit for WokenVisitor {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "message" {
            let mut text = BoundedText(String::new());
            self.0 = write!(text, "{value:?}").is_ok() && text.0 == "woken";
        }
    }
}

/// A text of at most [`MAX_TEXT`] bytes.
struct BoundedText(String);

impl Write for BoundedText {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = MAX_TEXT - self.0.len();
        let whole = (0..=room.min(text.len()))
            .rev()
            .find(|&end| text.is_char_boundary(end));
        self.0.push_str(&text[..whole.unwrap_or(0)]);
        if text.len() <= room {
            Ok(())
        } else {
            Err(fmt::Error)
        }
    }
}

/// Formats a text up to the limit; what exceeds it is not even formatted.
fn bounded(arguments: fmt::Arguments<'_>) -> String {
    let mut text = BoundedText(String::new());
    let is_whole = text.write_fmt(arguments).is_ok();
    if !is_whole {
        text.0.push('…');
    }
    text.0
}

#[cfg(test)]
mod tests {
    use super::bounded;

    #[test]
    fn a_text_is_cut_at_a_character() {
        assert_eq!(bounded(format_args!("{}", "ab")), "ab");
        assert_eq!(
            bounded(format_args!("{}", "a".repeat(1024))),
            "a".repeat(1024)
        );
        assert_eq!(
            bounded(format_args!("{}{}", "a".repeat(1023), "éé")),
            "a".repeat(1023) + "…"
        );
    }
}

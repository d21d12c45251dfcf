//! Texts for people.

use std::fmt::{self, Write};
use std::time::Duration;

use unicode_width::UnicodeWidthStr;

use crate::waterfall::model::run::Run;

/// A duration with three digits: `20 ms`, `1.25 s`, `312 µs`.
pub(super) fn duration(duration: Duration) -> String {
    if duration.is_zero() {
        return "0".to_owned();
    }
    // A value that would be rounded to 1000 of one unit is 1 of the next.
    let (unit, name) = match duration.as_nanos() {
        0..1_000 => (1e-9, "ns"),
        1_000..999_500 => (1e-6, "µs"),
        999_500..999_500_000 => (1e-3, "ms"),
        _ => (1.0, "s"),
    };
    let value = duration.as_secs_f64() / unit;
    let decimals = if value < 9.995 {
        2
    } else {
        usize::from(value < 99.95)
    };
    let text = format!("{value:.decimals$}");
    let text = if decimals > 0 {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        &text
    };
    format!("{text} {name}")
}

/// The names on the critical path; a long path is shortened in the middle.
pub(super) fn critical_path(run: &Run) -> String {
    let names: Vec<&str> = run.critical_path().map(|task| task.name.as_str()).collect();
    match names.as_slice() {
        [first @ .., last] if names.len() > 12 => {
            format!(
                "{} -> … {} more … -> {last}",
                first[..8].join(" -> "),
                names.len() - 9
            )
        }
        names => names.join(" -> "),
    }
}

/// The summary of a run.
pub(super) fn summary(run: &Run) -> String {
    let tasks = if run.declared == 1 { "task" } else { "tasks" };
    format!(
        "{} after {}, {} {tasks}",
        run.outcome,
        duration(run.duration),
        run.declared
    )
}

/// The place of a run, if its title does not say it, and its summary.
pub(super) fn place_and_summary(run: &Run) -> String {
    if run.title() == run.place || run.place.is_empty() {
        summary(run)
    } else {
        format!("{}: {}", run.place, summary(run))
    }
}

/// Replaces characters that control a terminal.
pub(super) fn printable(text: &str) -> String {
    text.chars()
        .map(|char| {
            if controls(char) {
                char::REPLACEMENT_CHARACTER
            } else {
                char
            }
        })
        .collect()
}

/// Whether a character affects the text around it. This includes characters that break lines or change the writing
/// direction, with which a label or an error could disguise the rest of its line.
fn controls(char: char) -> bool {
    char.is_control()
        || matches!(char, '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Cuts off the end of a text that takes more than this many columns.
pub(super) fn cut(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let ends = text
        .char_indices()
        .map(|(end, _)| end)
        .take_while(|&end| text[..end].width() < columns);
    format!("{}…", &text[..ends.last().unwrap_or(0)])
}

/// What a function writes, as `fmt::from_fn` of newer versions of std.
pub(super) struct Drawn<F>(pub(super) F);

impl<F: Fn(&mut fmt::Formatter<'_>) -> fmt::Result> fmt::Display for Drawn<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (self.0)(f)
    }
}

/// Escapes a text for XML or HTML, in an element or a quoted attribute.
pub(super) struct EscapedXml<'a>(pub(super) &'a str);

impl fmt::Display for EscapedXml<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for char in self.0.chars() {
            match char {
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '&' => f.write_str("&amp;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                '\t' | '\n' => f.write_char(char)?,
                // XML cannot represent these.
                '\u{FFFE}' | '\u{FFFF}' => f.write_char(char::REPLACEMENT_CHARACTER)?,
                _ if controls(char) => f.write_char(char::REPLACEMENT_CHARACTER)?,
                _ => f.write_char(char)?,
            }
        }
        Ok(())
    }
}

/// Round times for an axis, up to six of them with 0.
pub(super) fn ticks(total: Duration) -> Vec<Duration> {
    let total = total.as_nanos().max(1);
    // The smallest of 1, 2, 5, 10, 20 … of which at most five fit into the whole.
    let step = (0..).flat_map(|power| [1, 2, 5].map(|digit| digit * 10_u128.pow(power)));
    let step = step
        .take(80)
        .find(|step| step * 5 >= total)
        .unwrap_or(total);
    let times = (0..=total / step).map(|tick| tick * step);
    times
        .map(|nanos| Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_three_digits() {
        let nanos = [
            0,
            999,
            1_000,
            999_499,
            999_500,
            1_500_000,
            20_000_000,
            99_960_000,
            123_456_789,
            999_500_000,
        ];
        let texts: Vec<_> = nanos
            .into_iter()
            .map(|nanos| duration(Duration::from_nanos(nanos)))
            .collect();
        let expected = [
            "0", "999 ns", "1 µs", "999 µs", "1 ms", "1.5 ms", "20 ms", "100 ms", "123 ms", "1 s",
        ];
        assert_eq!(texts, expected);
        assert_eq!(duration(Duration::from_millis(9_996)), "10 s");
        assert_eq!(duration(Duration::from_secs(4_000)), "4000 s");
    }

    #[test]
    fn an_axis_has_round_times() {
        let ms = Duration::from_millis;
        assert_eq!(ticks(ms(40)), [0, 10, 20, 30, 40].map(ms));
        assert_eq!(ticks(ms(51)), [0, 20, 40].map(ms));
        assert_eq!(ticks(ms(100)), [0, 20, 40, 60, 80, 100].map(ms));
        assert_eq!(ticks(Duration::ZERO), [0, 1].map(Duration::from_nanos));
        assert!(ticks(Duration::MAX).len() <= 6);
    }

    #[test]
    fn texts_cannot_leave_their_place() {
        assert_eq!(
            EscapedXml("<a b='\"&'>\0\u{1b}\n").to_string(),
            "&lt;a b=&#39;&quot;&amp;&#39;&gt;\u{fffd}\u{fffd}\n"
        );
        assert_eq!(printable("a\u{1b}[2J\nb"), "a\u{fffd}[2J\u{fffd}b");
        assert_eq!(
            printable("\u{202e}a\u{2069}\u{2028}é"),
            "\u{fffd}a\u{fffd}\u{fffd}é"
        );
        assert_eq!(
            EscapedXml("\u{202e}a\u{200f}").to_string(),
            "\u{fffd}a\u{fffd}"
        );
    }
}

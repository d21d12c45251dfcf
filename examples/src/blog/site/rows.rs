//! The modes in the page: for each a name, a description and its source.

use std::fmt::{self, Display, Write};

use crate::blog::modes::{Mode, Shape};

/// The rows as HTML. The script fills in the bars.
pub(super) fn rows() -> String {
    let mut html = String::new();
    for mode in Mode::ALL {
        row(&mut html, mode).expect("a string takes all text");
    }
    html
}

fn row(html: &mut String, mode: Mode) -> fmt::Result {
    let (name, description) = (mode.name(), description(mode));
    writeln!(
        html,
        r#"    <article id="{name}" aria-labelledby="{name}-name">
      <header><h2 id="{name}-name">{name}</h2><p>{description}</p></header>
      <ol></ol>
      <p class="total"></p>
      <details><summary>source<span class="hidden"> of {name}</span></summary>"#
    )?;
    for shape in Shape::ALL {
        writeln!(
            html,
            r#"<pre tabindex="0" data-shape="{}" aria-label="Source of {name}">{}</pre>"#,
            shape.name(),
            Escaped(mode.source(shape))
        )?;
    }
    writeln!(html, "      </details>\n    </article>")
}

fn description(mode: Mode) -> &'static str {
    match mode {
        Mode::Sync => "one query after the other",
        Mode::Layers => "<code>try_join!</code>, layer by layer",
        Mode::Brew => "callbacks, counted by hand",
        Mode::Promise => "a chain of promises",
        Mode::Auto => "a graph in <code>auto!</code>",
        Mode::Concurrent => "the lines of sync in <code>concurrent!</code>",
    }
}

/// Text in an HTML element.
struct Escaped(&'static str);

impl Display for Escaped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|char| match char {
            '<' => f.write_str("&lt;"),
            '&' => f.write_str("&amp;"),
            _ => f.write_char(char),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_shows_both_sources_escaped() {
        let html = rows();
        for mode in Mode::ALL {
            assert!(html.contains(&format!("<article id=\"{}\"", mode.name())));
            for shape in Shape::ALL {
                let source = mode.source(shape);
                assert!(source.contains(&format!("async fn {}(db: &Queries", shape.name())));
                assert!(html.contains(&Escaped(source).to_string()));
            }
        }
        assert!(html.contains("Result&lt;Activity, AppError>") && !html.contains("Result<"));
    }
}

//! Tests the pictures: in the terminal, as SVG, as HTML.

use conjoin::auto;
use conjoin_adapters::Waterfalls;
use conjoin_adapters::waterfall::{Run, html};
use roxmltree::{Document, Node, ParsingOptions};
use unicode_width::UnicodeWidthStr;

use super::{only, page, sleep, span, watch};

/// A run with everything: a nested graph, an error with special characters, a task that waits.
async fn troubled() {
    let result = auto! {
        user => sleep(20).await,
        pages: [user as _] => page().await,
        fails: [user as _] => { sleep(30).await; Err::<(), _>("<b>\u{1b}[2J & \"no\"")? },
        never: [fails as _] => sleep(1).await,
    }
    .await;
    result.map(|_| ()).unwrap_err();
}

#[tokio::test(start_paused = true)]
async fn the_terminal_shows_the_page() {
    let waterfalls = Waterfalls::new();
    let _guard = watch(&waterfalls);
    page().await;
    let picture = only(&waterfalls).to_string();
    let (title, picture) = picture.split_once(": ").unwrap();
    assert!(
        title.starts_with("page (") && title.ends_with(&format!("main.rs:{})", super::PAGE)),
        "{title}"
    );
    let expected = "\
done after 40 ms, 3 tasks
                              0                                            40 ms
* user       20 ms critical   █────────────────────────█
* posts      20 ms critical   ·························█───────────█───────────█
  comments   10 ms +10 ms     ·························█───────────█╌╌╌╌╌╌╌╌╌╌╌╌
* critical path: user -> posts
█ polled  ╵ woken  ─ pending  · waiting  ╌ slack
";
    assert_eq!(picture, expected);

    // The documentation shows the same.
    let module = include_str!("../../src/waterfall.rs");
    for line in expected.lines() {
        assert!(module.contains(line), "not in the documentation: {line}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_terminal_shows_a_run_that_fails() {
    let waterfalls = Waterfalls::builder().label("who").build();
    let _guard = watch(&waterfalls);
    let request = tracing::info_span!("request", who = "me\r\nand you");
    tracing::Instrument::instrument(troubled(), request).await;
    let run = only(&waterfalls);
    let picture = run.terminal().width(60).color(false).to_string();
    let (_, picture) = picture.split_once(": ").unwrap();
    let expected = "\
failed after 50 ms, 4 tasks
who: me\u{fffd}\u{fffd}and you
                                0                      50 ms
* user         20 ms critical   █──────────█
  pages        30 ms cancelled  ···········█──────────█────█
    user       20 ms +0                    █──────────█
    posts      10 ms cancelled             ···········█────█
    comments   10 ms +0                    ···········█────█
* fails        30 ms failed     ···········█──────────█────█
  never              not started
fails failed: <b>\u{fffd}[2J & \"no\"
* critical path: user -> fails
█ polled  ╵ woken  ─ pending  · waiting  ╌ slack
";
    assert_eq!(picture, expected);
}

#[tokio::test(start_paused = true)]
async fn a_wake_shows_where_no_poll_has_followed_yet() {
    let waterfalls = Waterfalls::new();
    let _guard = watch(&waterfalls);
    let graph = span!(1);
    let late = span!(&graph, "late", "");
    sleep(5).await;
    tracing::trace!(target: "conjoin", parent: &late, "woken");
    sleep(5).await;
    drop(late.enter());
    late.record("outcome", "done");
    graph.record("outcome", "done");
    let picture = only(&waterfalls).to_string();
    let row = "* late   10 ms critical   ───────────────────────────╵─────────────────────────█\n";
    assert!(picture.contains(row), "{picture}");
}

#[tokio::test(start_paused = true)]
async fn colours_are_escapes_around_the_same_text() {
    let waterfalls = Waterfalls::new();
    let _guard = watch(&waterfalls);
    page().await;
    troubled().await;
    for run in waterfalls.runs() {
        let plain = run.terminal().width(100).color(false).to_string();
        let colored = run.terminal().width(100).color(true).to_string();
        assert!(!plain.contains('\u{1b}'));
        let mut stripped = String::new();
        for (index, part) in colored.split("\u{1b}[").enumerate() {
            stripped.push_str(if index == 0 {
                part
            } else {
                part.split_once('m').unwrap().1
            });
        }
        assert_eq!(stripped, plain);
        assert!(
            colored.contains("\u{1b}[32m█\u{1b}[0m\u{1b}[36m───"),
            "{colored}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn rows_are_as_wide_as_it_is_said() {
    let waterfalls = Waterfalls::new();
    let _guard = watch(&waterfalls);
    let graph = span!(3);
    drop(span!(&graph, "名前はとても長いですから切られます", ""));
    drop(span!(
        &graph,
        "a_name_that_is_rather_long_for_a_task_in_a_narrow_window",
        ""
    ));
    drop(span!(&graph, "short", ""));
    sleep(1).await;
    drop(graph);
    let run = only(&waterfalls);
    let svg = run.svg();
    assert!(
        svg.contains(">a_name_that_is_rather…</text>")
            && svg.contains(">名前はとても長いです…</text>"),
        "{svg}"
    );
    for width in (0..200).chain([100_000]) {
        let picture = run.terminal().width(width).color(false).to_string();
        let rows: Vec<_> = picture.lines().skip(1).take(4).collect();
        assert_eq!(rows[0].width(), width.clamp(40, 1_000), "{picture}");
        assert!(
            rows.iter().all(|row| row.width() <= rows[0].width()),
            "{picture}"
        );
        // The bars begin below the 0.
        for row in &rows[1..] {
            let before = row.find('█').or(row.find('─')).unwrap();
            assert_eq!(
                row[..before].width(),
                rows[0].find('0').unwrap(),
                "{picture}"
            );
        }
    }
}

fn class<'a>(document: &'a Document<'_>, class: &str) -> Vec<Node<'a, 'a>> {
    document
        .descendants()
        .filter(|node| node.attribute("class") == Some(class))
        .collect()
}

fn percent(node: &Node<'_, '_>, attribute: &str) -> f64 {
    node.attribute(attribute)
        .unwrap()
        .strip_suffix('%')
        .unwrap()
        .parse()
        .unwrap()
}

#[tokio::test(start_paused = true)]
async fn all_bars_of_an_svg_have_one_axis() {
    let waterfalls = Waterfalls::new();
    let _guard = watch(&waterfalls);
    page().await;
    let svg = only(&waterfalls).svg();
    let document = Document::parse(&svg).unwrap();
    let bars = |of| -> Vec<_> {
        let of = class(&document, of)
            .into_iter()
            .filter(|node| node.parent().unwrap().has_tag_name("g"));
        of.map(|bar| (percent(&bar, "x"), percent(&bar, "width")))
            .collect()
    };
    // 1 % is the start of the run, 99 % its end.
    assert_eq!(bars("waiting"), [(1.0, 0.0), (1.0, 49.0), (1.0, 49.0)]);
    assert_eq!(bars("pending"), [(1.0, 49.0), (50.0, 49.0), (50.0, 24.5)]);
    let polled = [1.0, 50.0, 50.0, 74.5, 99.0, 50.0, 74.5].map(|x| (x, 0.05));
    assert_eq!(bars("polled"), polled);
    let ticks: Vec<_> = class(&document, "grid")
        .iter()
        .map(|tick| percent(tick, "x1"))
        .collect();
    assert_eq!(ticks, [1.0, 25.5, 50.0, 74.5, 99.0]);
    // The critical path by a line and a weight; and from one task to the next.
    assert_eq!(class(&document, "critical").len(), 2 + 1);
    assert_eq!(class(&document, "then")[0].attribute("x1"), Some("50.00%"));
    let marked: Vec<_> = class(&document, "strong")
        .iter()
        .filter_map(Node::text)
        .skip(1)
        .collect();
    assert_eq!(marked, ["user", "posts"]);
}

#[tokio::test(start_paused = true)]
async fn an_svg_says_what_it_shows_in_words() {
    let waterfalls = Waterfalls::new();
    let _guard = watch(&waterfalls);
    page().await;
    let run = only(&waterfalls);
    let svg = run.svg();
    let document = Document::parse(&svg).unwrap();
    let root = document.root_element();
    assert_eq!(root.attribute("role"), Some("img"));
    let words: Vec<_> = root
        .children()
        .filter(Node::is_element)
        .take(2)
        .map(|node| node.text().unwrap())
        .collect();
    assert_eq!(words[0], "Waterfall of page");
    assert_eq!(
        words[1],
        "done after 40 ms, 3 tasks. Critical path: user -> posts. comments: 10 ms, 10 ms slack."
    );
    let details: Vec<_> = root
        .descendants()
        .filter(|node| node.has_tag_name("g"))
        .collect();
    let details: Vec<_> = details
        .iter()
        .map(|row| row.first_element_child().unwrap().text().unwrap())
        .collect();
    assert_eq!(
        details[2],
        "comments: done, waited 20 ms, took 10 ms of which 0 in 2 polls, 1 wakes, 10 ms slack"
    );
}

#[tokio::test(start_paused = true)]
async fn html_is_well_formed_and_self_contained() {
    let waterfalls = Waterfalls::builder().label("who").build();
    let _guard = watch(&waterfalls);
    page().await;
    let request = tracing::info_span!("request", who = "</style><script>alert(1)</script>\0");
    tracing::Instrument::instrument(troubled(), request).await;
    let html = html(&waterfalls.runs());
    let document = Document::parse_with_options(
        &html,
        ParsingOptions {
            allow_dtd: true,
            ..Default::default()
        },
    )
    .unwrap();

    assert!(
        document
            .descendants()
            .all(|node| !node.has_tag_name("script") && !node.has_tag_name("b"))
    );
    assert_eq!(
        html.replace("http://www.w3.org/2000/svg", "").find("http"),
        None
    );
    let texts: Vec<_> = document
        .descendants()
        .filter_map(|node| node.text())
        .collect();
    assert!(
        texts.contains(&"who: </style><script>alert(1)</script>\u{fffd}"),
        "{texts:?}"
    );
    assert!(
        texts.contains(&"fails failed: <b>\u{fffd}[2J & \"no\""),
        "{texts:?}"
    );
    let not_started = document
        .descendants()
        .filter(|node| node.is_text() && node.text() == Some("not started"));
    assert_eq!(not_started.count(), 2, "in the picture and in the table");

    // A table for each picture, which the keyboard reaches.
    let count = |name: &str| {
        document
            .descendants()
            .filter(|node| node.tag_name().name() == name)
            .count()
    };
    assert_eq!(
        (
            count("section"),
            count("figure"),
            count("details"),
            count("table")
        ),
        (2, 2, 2, 2)
    );
    assert_eq!(
        document
            .descendants()
            .filter(|node| node.attribute("tabindex") == Some("0"))
            .count(),
        2
    );
    let rows = document
        .descendants()
        .filter(|node| node.attribute("scope") == Some("row"));
    let rows: Vec<_> = rows.filter_map(|node| node.text()).collect();
    let indent = "\u{a0}\u{a0}";
    let nested = ["user", "posts", "comments"].map(|name| format!("{indent}{name}"));
    assert_eq!(
        rows,
        [
            "user", "posts", "comments", "user", "pages", &nested[0], &nested[1], &nested[2],
            "fails", "never"
        ]
    );
    // Dark or light by the reader's preference, for the page and for the pictures.
    assert_eq!(
        html.matches("@media (prefers-color-scheme: dark)").count(),
        2
    );
}

#[test]
fn inconsistent_run_is_drawn_without_a_panic() {
    let most = u64::MAX;
    let poll = |start, end| serde_json::json!({ "start_ns": start, "end_ns": end, "busy_ns": most, "count": most });
    let wake = serde_json::json!({ "at_ns": most, "count": most });
    let run = serde_json::json!({
        "id": 1, "place": "", "start_ns": most, "duration_ns": 9, "outcome": "?", "declared": 0, "omitted": most,
        "tasks": [{
            "name": "<\u{1}", "dependencies": ["<\u{1}", "nobody"], "waited_ns": 5, "end_ns": 0, "outcome": "done",
            "polls": [poll(most, 0), poll(5, 0)], "wakes": [wake, wake], "slack_ns": most, "is_critical": true,
            "omitted_graphs": most,
        }],
    });
    let run: Run = serde_json::from_value(run).unwrap();
    assert!(run.to_string().contains("<\u{fffd}"));
    let svg = run.svg();
    assert!(
        Document::parse(&svg).is_ok() && !svg.contains("width=\"-"),
        "{svg}"
    );
    assert!(html(std::slice::from_ref(&run)).contains("&lt;\u{fffd}"));
    assert!(run.chrome_trace().contains("<\\u0001"));
}

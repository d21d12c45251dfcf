//! Items of `for` tasks.

use conjoin::auto;
use conjoin_tests_tracing::Story;
use tracing::{info_span, trace_span};

use super::{later, seen_of};

/// A field of the first span `items`, which is that of the task.
fn field_of_task<'s>(story: &'s Story, field: &str) -> Option<&'s str> {
    let mut spans = story.spans.iter();
    let task = spans.find(|span| span.metadata.name() == "items")?;
    task.fields.get(field).map(String::as_str)
}

#[test]
fn an_item_is_a_child_of_its_task() {
    let (_, story) = seen_of(auto! {
        list => vec![1, 2],
        items: [list] for &number in list => {
            info_span!("query").in_scope(|| ());
            later(number).await
        },
        one for number in [3] => number,
    });
    let tree = [
        "auto: done",
        "  list: done",
        "  items: done",
        "    items: done",
        "      query",
        "    items: done",
        "      query",
        "  one: done",
        "    one: done\n",
    ];
    assert_eq!(story.tree(), tree.join("\n"));
    assert_eq!(field_of_task(&story, "items"), Some("2"));
    assert_eq!(field_of_task(&story, "items_without_span"), None);
    let indices = story
        .spans
        .iter()
        .filter_map(|span| span.fields.get("item"));
    assert_eq!(indices.collect::<Vec<_>>(), ["0", "1", "0"]);
}

#[test]
fn a_failed_item_ends_its_task() {
    let (_, story) = seen_of(auto! {
        items for number in [1, 2, 3] => later(if number == 2 { Err("two") } else { Ok(number) }).await?,
    });
    assert_eq!(
        story.tree(),
        "auto: failed\n  items: failed\n    items: cancelled\n    items: failed\n    items: cancelled\n"
    );
    let failed = story
        .spans
        .iter()
        .filter(|span| span.fields.contains_key("error.type"));
    assert_eq!(failed.count(), 3);
}

#[test]
fn under_settle_a_failed_item_ends_its_task_alone() {
    let (_, story) = seen_of(auto! {
        #![settle]
        items for number in [1, 2, 3] => later(if number == 2 { Err("two") } else { Ok(number) }).await?,
        other => later(1).await,
    });
    assert_eq!(
        story.tree(),
        "auto: done\n  items: failed\n    items: done\n    items: failed\n    items: cancelled\n  other: done\n"
    );
}

#[test]
fn items_beyond_1024_run_in_the_span_of_the_task() {
    let (_, story) = seen_of(auto! {
        items for number in 0..1030 => trace_span!("inner").in_scope(|| number),
    });
    assert_eq!(story.spans.len(), 2 + 1024);
    assert_eq!(field_of_task(&story, "items"), Some("1030"));
    assert_eq!(field_of_task(&story, "items_without_span"), Some("6"));
}

//! The result has the shape of the graph.

use conjoin::auto;

#[tokio::test]
async fn each_task_is_a_field() {
    let page = auto! {
        user => "ann",
        posts: [user] => vec![user.len(), 7],
    }
    .await;
    assert_eq!(page.user, "ann");
    assert_eq!(page.posts, [3, 7]);
}

#[tokio::test]
async fn a_field_can_be_moved_out() {
    let page = auto! {
        name => String::from("ann"),
        greeting: [name] => format!("hello {name}"),
    }
    .await;
    let (name, greeting): (String, String) = (page.name, page.greeting);
    assert_eq!((name.as_str(), greeting.as_str()), ("ann", "hello ann"));
}

#[tokio::test]
async fn tuple_is_in_declaration_order() {
    let tuple: (&str, u8, char) = auto! {
        last: [first, middle] => if *first == 'f' && *middle == 2 { "last" } else { "wrong" },
        middle: [first as _] => 2,
        first => 'f',
    }
    .await
    .into_tuple();
    assert_eq!(tuple, ("last", 2, 'f'));
}

#[tokio::test]
async fn one_task_gives_a_tuple_of_one() {
    let (only,) = auto! { only => 1 }.await.into_tuple();
    assert_eq!(only, 1);
}

#[tokio::test]
async fn a_graph_may_be_empty() {
    let () = auto! {}.await.into_tuple();
}

#[tokio::test]
async fn an_empty_graph_may_have_a_final_arm() {
    assert_eq!(auto! { => 5 }.await, 5);
}

#[tokio::test]
async fn all_three_brackets_are_accepted() {
    let round = auto!(one => 1, two: [one] => one + 1).await;
    let square = auto![one => 1, two: [one] => one + 1].await;
    let curly = auto! { one => 1, two: [one] => one + 1 }.await;
    assert_eq!([round.two, square.two, curly.two], [2; 3]);
}

#[tokio::test]
async fn commas_at_the_ends_may_be_written_or_left_out() {
    let with = auto! { one => 1, two: [one,] => one + 1, => one + two, }.await;
    let without = auto! { one => 1, two: [one] => one + 1, => one + two }.await;
    assert_eq!(with, without);
}

#[tokio::test]
async fn empty_brackets_are_no_dependencies() {
    assert_eq!(auto! { one: [] => 1 }.await.one, 1);
}

#[tokio::test]
async fn keywords_name_tasks_as_raw_identifiers() {
    let raw = auto! {
        r#type => "post",
        r#match: [r#type] => r#type.len(),
        r#plain => 1,
        sum: [r#match as &matched, plain] => matched + plain,
    }
    .await;
    assert_eq!(
        (raw.r#type, raw.r#match, raw.plain, raw.sum),
        ("post", 4, 1, 5)
    );
}

#[tokio::test]
async fn a_value_needs_no_trait() {
    struct Bare;
    let graph = auto! {
        bare => Bare,
        seen: [bare] => { let Bare = bare; true },
    }
    .await;
    let Bare = graph.bare;
    assert!(graph.seen);
}

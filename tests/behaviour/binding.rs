//! How a dependency appears in a body.

use conjoin::auto;

struct User {
    id: u32,
    name: String,
}

fn ann() -> User {
    User {
        id: 7,
        name: "ann".into(),
    }
}

#[tokio::test]
async fn a_dependency_is_a_reference_under_its_own_name() {
    let graph = auto! {
        user => ann(),
        id: [user] => { let user: &User = user; user.id },
    }
    .await;
    assert_eq!((graph.id, graph.user.name.as_str()), (7, "ann"));
}

#[tokio::test]
async fn several_tasks_share_a_dependency() {
    let graph = auto! {
        user => ann(),
        id: [user] => user.id,
        name: [user] => user.name.clone(),
    }
    .await;
    assert_eq!((graph.id, graph.name), (7, "ann".into()));
}

#[tokio::test]
async fn a_struct_pattern_takes_fields() {
    assert_eq!(
        auto! { user => ann(), twice: [user as User { id, .. }] => id * 2 }
            .await
            .twice,
        14
    );
}

#[tokio::test]
async fn a_reference_pattern_copies() {
    let graph =
        auto! { count => 3_u64, next: [count as &count] => { let next: u64 = count + 1; next } }
            .await;
    assert_eq!(graph.next, 4);
}

#[tokio::test]
async fn a_tuple_pattern_may_hold_commas_and_other_names() {
    let graph = auto! {
        pair => (1, "one"),
        list => [4, 5, 6],
        all: [pair as (number, word), list as &[first, .., last]] => format!("{number} {word} {first} {last}"),
    }
    .await;
    assert_eq!(graph.all, "1 one 4 6");
}

#[tokio::test]
async fn a_pattern_replaces_the_name() {
    let user = "an outer one";
    let graph = auto! { user => ann(), outer: [user as User { id, .. }] => (user, *id) }.await;
    assert_eq!(graph.outer, ("an outer one", 7));
}

#[tokio::test]
async fn an_underscore_orders_and_binds_nothing() {
    let ready = "an outer one";
    let graph = auto! { ready => (), after: [ready as _] => ready }.await;
    assert_eq!(graph.after, "an outer one");
}

#[tokio::test]
async fn a_value_may_hold_a_reference_to_something_outside() {
    let text = String::from("a b");
    let graph = auto! {
        words => text.split(' ').collect::<Vec<&str>>(),
        first: [words] => words[0],
    }
    .await;
    assert_eq!(graph.first, "a");
}

#[tokio::test]
async fn types_reach_dependents_in_every_plan() {
    let parsed = auto! {
        sum: [numbers] => numbers.iter().sum::<u8>(),
        numbers => "1 2 3".split(' ').map(|word| word.parse().expect("a number")).collect::<Vec<u8>>(),
        sorted: [numbers, words] => (numbers.len(), words.len()),
        words => ["one", "two"].map(str::to_owned).to_vec(),
        longest: [sorted as _, words] => words.iter().map(String::len).max(),
        total: [sum, longest] => usize::from(*sum) + longest.unwrap_or_default(),
    }
    .await;
    assert_eq!((parsed.total, parsed.sorted), (9, (3, 2)));
}

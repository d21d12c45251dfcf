//! `if CONDITION` before `=>`: the task has an `Option`.

use std::cell::{Cell, RefCell};
use std::future::ready;
use std::num::ParseIntError;

use conjoin::auto;
use conjoin_tests::Log;
use futures::FutureExt;
use tokio::task::yield_now;

#[derive(Debug, PartialEq)]
enum Role {
    Admin { level: u32 },
    Guest,
}

#[tokio::test]
async fn condition_decides_between_some_and_none() {
    let done = auto! { yes if true => 1, no if false => 2, computed if 1 + 1 == 2 => "two" }.await;
    assert_eq!(done.into_tuple(), (Some(1), None, Some("two")));
}

#[tokio::test]
async fn condition_sees_the_dependencies() {
    let done = auto! {
        user => "ann",
        limit => 2,
        short: [user, limit] if user.len() <= *limit => 1,
        long: [user, limit as &most] if user.len() >= most => user.len(),
    }
    .await;
    assert_eq!((done.short, done.long), (None, Some(3)));
}

#[tokio::test]
async fn condition_sees_outer_variables() {
    let wanted = true;
    let done = auto! { task if wanted => 1, unwanted if !wanted => 1 }.await;
    assert_eq!(done.into_tuple(), (Some(1), None));
}

#[tokio::test]
async fn a_pattern_binds_for_the_body() {
    let done = auto! {
        role => Role::Admin { level: 3 },
        guest => Role::Guest,
        level: [role] if let Role::Admin { level } = role => level + 1,
        no_level: [guest] if let Role::Admin { level } = guest => level + 1,
    }
    .await;
    assert_eq!((done.level, done.no_level), (Some(4), None));
}

#[tokio::test]
async fn let_chain_binds_and_tests_in_turn() {
    let done = auto! {
        text => "12",
        other => "x",
        both: [text, other] if let Ok(one) = text.parse::<u32>() && let Ok(two) = other.parse::<u32>() => one + two,
        one: [text] if !text.is_empty() && let Ok(number) = text.parse::<u32>() && number > 10 => number,
        late: [text] if let Ok(number) = text.parse::<u32>() && { yield_now().await; number % 5 == 2 } => number,
    }
    .await;
    assert_eq!((done.both, done.one, done.late), (None, Some(12), Some(12)));
}

#[tokio::test]
async fn condition_may_be_any_expression() {
    let done = auto! {
        role => Role::Admin { level: 3 },
        matched: [role] if matches!(role, Role::Admin { level } if *level > 2) => 1,
        compared: [role] if *role == (Role::Admin { level: 3 }) => 2,
        block: [role] if { let admin = Role::Admin { level: 3 }; *role == admin } => 3,
        closure: [role] if Some(role).is_some_and(|role| { *role == Role::Guest }) => 4,
        branches: [role] if match role { Role::Admin { .. } => true, Role::Guest => false } => 5,
        nested if if 1 < 2 { 3 >= 2 } else { false } => 6,
    }
    .await;
    assert_eq!(
        (done.matched, done.compared, done.block),
        (Some(1), Some(2), Some(3))
    );
    assert_eq!(
        (done.closure, done.branches, done.nested),
        (None, Some(5), Some(6))
    );
}

#[tokio::test]
async fn condition_may_await() {
    let done = auto! {
        waits if { yield_now().await; true } => 1,
        asks if ready(false).await => 2,
        finds if let Some(number) = ready(Some(3)).await => { yield_now().await; number },
    }
    .await;
    assert_eq!(done.into_tuple(), (Some(1), None, Some(3)));
}

#[tokio::test]
async fn question_mark_in_a_condition_is_the_tasks() {
    let number = async |text: &'static str| ready(text.parse::<u32>()).await;
    let graph = auto! { #![error(ParseIntError)] asked if number("7").await? == 7 => 1, unasked if number("8").await? == 7 => 1 };
    assert_eq!(
        graph.await.map(|done| (done.asked, done.unasked)),
        Ok((Some(1), None))
    );
    let graph = auto! {
        #![error(ParseIntError)]
        asked if number("x").await? == 7 => unreachable!("the condition failed"),
        after: [asked as _] => unreachable!("its task failed"),
    };
    assert_eq!(graph.await.map(drop), "x".parse::<u32>().map(drop));
}

#[tokio::test]
async fn body_of_a_false_condition_cannot_fail() {
    let graph = |wanted: bool| async move {
        auto! { task if wanted => Err::<u32, _>("no")?, => task }.await
    };
    assert_eq!(
        (graph(true).await, graph(false).await),
        (Err("no"), Ok(None))
    );
}

#[tokio::test(start_paused = true)]
async fn condition_runs_once_after_all_dependencies() {
    let log = Log::new();
    let asked = |name| log.start(name).end();
    let done = auto! {
        north_1 => log.work("north_1", 1).await,
        south_1 => log.work("south_1", 4).await,
        north_2: [north_1 as _] if { asked("north_2?"); true } => log.work("north_2", 2).await,
        south_2: [south_1 as _, north_1 as _] if { asked("south_2?"); false } => log.work("south_2", 1).await,
        north_3: [north_2] if { asked("north_3?"); north_2.is_some() } => log.work("north_3", 3).await,
    }
    .await;
    assert_eq!(
        (done.north_2, done.south_2, done.north_3),
        (Some("north_2"), None, Some("north_3"))
    );
    let times = [
        ("north_1", 0),
        ("south_1", 0),
        ("north_2?", 1),
        ("north_2", 1),
        ("north_3?", 3),
        ("north_3", 3),
    ];
    assert_eq!(log.started(), [&times[..], &[("south_2?", 4)]].concat());
}

#[tokio::test(start_paused = true)]
async fn waiting_condition_delays_no_other_task() {
    let log = Log::new();
    auto! {
        root => log.work("root", 1).await,
        slow: [root as _] if log.work("slow?", 5).await == "slow?" => log.work("slow", 1).await,
        quick: [root as _] => log.work("quick", 1).await,
        after_quick: [quick as _] => log.work("after_quick", 1).await,
    }
    .await;
    let times = [
        ("root", 0),
        ("slow?", 1),
        ("quick", 1),
        ("after_quick", 2),
        ("slow", 6),
    ];
    assert_eq!(log.started(), times);
}

#[tokio::test]
async fn false_condition_drops_the_body_unstarted() {
    let made = Cell::new(false);
    let text = String::from("text");
    let done = auto! {
        task if text.is_empty() => { made.set(true); yield_now().await },
        after: [task] => task.is_none(),
    }
    .await;
    assert!(done.after && !made.get());
}

#[tokio::test]
async fn dependents_get_an_option() {
    let done = auto! {
        some if true => String::from("a"),
        none if false => String::from("b"),
        lengths: [some, none] => (some.as_ref().map(String::len), none.as_ref().map(String::len)),
        bound: [some as text] => { let text: &Option<String> = text; text.is_some() },
        again: [some] if let Some(some) = some => { let some: &String = some; some.len() },
        otherwise: [none] if none.is_none() => "nothing",
        => (lengths, bound, again, otherwise, some, none)
    }
    .await;
    assert_eq!(
        done,
        (
            (Some(1), None),
            true,
            Some(1),
            Some("nothing"),
            Some("a".to_owned()),
            None
        )
    );
}

#[tokio::test]
async fn false_condition_ends_a_chain() {
    let asked = RefCell::new(Vec::new());
    let ask = |number: u32| asked.borrow_mut().push(number);
    let done = auto! {
        one if { ask(1); true } => 1,
        two: [one] if let Some(one) = one && { ask(2); true } => one + 1,
        three: [two] if let Some(two) = two && { ask(3); false } => two + 1,
        four: [three] if let Some(three) = three && { ask(4); true } => three + 1,
    }
    .await;
    assert_eq!(done.into_tuple(), (Some(1), Some(2), None, None));
    assert_eq!(*asked.borrow(), [1, 2, 3]);
}

#[tokio::test]
async fn taken_value_enters_pattern_and_body_by_value() {
    let done = auto! {
        list if true => vec![1],
        longer: [move list] if let Some(mut list) = list => { yield_now().await; list.push(2); list },
        other => Some(String::from("a")),
        text: [move other] if let Some(text) = other && !text.is_empty() => text + "b",
        plain => vec![3],
        kept: [move plain] if plain.len() == 1 => plain,
    }
    .await;
    assert_eq!(
        (done.longer, done.text, done.kept),
        (Some(vec![1, 2]), Some("ab".to_owned()), Some(vec![3]))
    );
}

struct Dropped<'d>(&'d Cell<bool>);

impl Drop for Dropped<'_> {
    fn drop(&mut self) {
        assert!(!self.0.replace(true), "it is dropped once");
    }
}

#[tokio::test]
async fn false_condition_drops_the_taken_value() {
    let dropped = Cell::new(false);
    auto! {
        value => Dropped(&dropped),
        taker: [move value] if { yield_now().await; _ = &value; false } => drop(value),
        after: [taker] => assert!(taker.is_none() && dropped.get()),
    }
    .await;
    dropped.set(false);
    auto! {
        value => Dropped(&dropped),
        south_1 => yield_now().await,
        taker: [move value] if { yield_now().await; _ = &value; false } => drop(value),
        south_2: [south_1 as _] => (),
        after: [taker, south_1 as _] => assert!(taker.is_none() && dropped.get()),
    }
    .await;
    assert!(dropped.get());
}

#[tokio::test]
async fn condition_and_body_may_change_a_value() {
    let done = auto! {
        count => 1,
        once: [mut count] if { *count += 1; *count == 2 } => { yield_now().await; *count += 10 },
        again: [mut count, once as _] if { *count += 1; false } => *count += 100,
        list => vec![3, 4],
        popped: [mut list] if let Some(last) = list.pop() => { list.push(last * 10); last },
        popped_again: [mut list, popped as _] if let [.., last] = &mut list[..] => { *last += 1; *last },
    }
    .await;
    assert_eq!((done.count, done.once, done.again), (13, Some(()), None));
    assert_eq!(
        (done.list, done.popped, done.popped_again),
        (vec![3, 41], Some(4), Some(41))
    );
}

#[test]
fn conditions_work_in_every_plan() {
    let series = auto! { one if true => 1, two: [one] if one.is_none() => 2, three: [two] if two.is_none() => 3 };
    let parallel = auto! { left if true => 1, right if false => 2, third => 3 };
    let n = auto! {
        user if true => 1,
        settings if false => 2,
        posts: [user] if let Some(user) = user => user + 1,
        page: [user, settings] if user.is_some() && settings.is_some() => 4,
    };
    let gated = auto! {
        north_1 if true => 1,
        south_1 if false => 2,
        north_2: [north_1] if let Some(north_1) = north_1 => north_1 + 1,
        south_2: [south_1] if let Some(south_1) = south_1 => south_1 + 1,
        north_3: [north_2, south_2] if north_2.is_some() && south_2.is_none() => 3,
        south_3: [south_2] if south_2.is_some() => 4,
    };
    assert_eq!(
        series.now_or_never().expect("nothing waits").into_tuple(),
        (Some(1), None, Some(3))
    );
    assert_eq!(
        parallel.now_or_never().expect("nothing waits").into_tuple(),
        (Some(1), None, 3)
    );
    assert_eq!(
        n.now_or_never().expect("nothing waits").into_tuple(),
        (Some(1), None, Some(2), None)
    );
    let gated = gated.now_or_never().expect("nothing waits").into_tuple();
    assert_eq!(gated, (Some(1), None, Some(2), None, Some(3), None));
}

#[tokio::test]
async fn condition_may_hold_a_graph_with_conditions() {
    let done = auto! {
        task if auto! { inner if true => 1, => inner }.await.is_some() => auto! { inner if false => 1 }.await.inner,
    }
    .await;
    assert_eq!(done.task, Some(None));
}

#[tokio::test]
async fn condition_works_with_raw_name_and_empty_list() {
    let done = auto! { r#if: [] if true => 1, r#else: [r#if] if r#if.is_none() => 2 }.await;
    assert_eq!((done.r#if, done.r#else), (Some(1), None));
}

#[rustfmt::skip]
#[tokio::test]
async fn condition_ends_at_its_arrow() {
    struct Pair { left: u32, right: String }
    let (list, three) = ([1, 2, 3], Some(3_u8));
    let done = auto! {
        spaceless if list.len()>=3=>1,
        slice if let [first, ..] = list && first==1=>{ first },
        range if let Some(number @ 1..=5) = three => number,
        open_range if let Some(..=5) = three => 2,
        closure if list.iter().any(|&number| number > 2) && !list.is_empty() => 3,
        fields if let Pair { left: 1.., right } = (Pair { left: 1, right: String::from("a") }) => right,
        generic if Vec::<Vec<u8>>::new().is_empty() => Vec::<i32>::from([1, 2]),
        body: [slice] if slice.is_some() => match three { Some(x) if x > 2 => 1, _ => 2 },
        compared if three<Some(9)=>4,
        last if !list.is_empty()=>(5)
    }
    .await;
    assert_eq!((done.spaceless, done.slice, done.range, done.open_range), (Some(1), Some(1), Some(3), Some(2)));
    assert_eq!((done.closure, done.fields.as_deref(), done.generic), (Some(3), Some("a"), Some(vec![1, 2])));
    assert_eq!((done.body, done.compared, done.last), (Some(1), Some(4), Some(5)));
}

#[tokio::test]
async fn values_pass_tasks_with_false_conditions() {
    let done = auto! {
        outside => vec![0],
        list: [outside as _] => vec![1],
        south_1: [outside as _] => yield_now().await,
        changes: [mut list, mut outside] if { outside.push(1); false } => list.push(2),
        south_2: [south_1 as _] => (),
        reads: [list, outside, changes as _] if list.len() == 9 => outside.len(),
        reads_too: [list, outside, changes as _, south_2 as _] if let [1] = list[..] => { outside.len() },
        south_3: [south_2 as _] => (),
        takes: [move list, reads as _, reads_too as _, mut outside] if { outside.push(7); false } => list,
    }
    .await;
    assert_eq!(
        (done.changes, done.reads, done.reads_too, done.takes),
        (None, None, Some(2), None)
    );
    assert_eq!(done.outside, [0, 1, 7]);
}

#[tokio::test]
async fn macro_fragment_in_a_condition_stays_whole() {
    macro_rules! graph {
        ($limit:expr, $condition:expr, $pattern:pat, $value:expr, $access:tt $name:ident) => {
            auto! {
                #![limit($limit)]
                $name => vec![1],
                both if $condition && false => 1,
                not if !$condition => 1,
                matched if let $pattern = $value => { 2 },
                changed: [$access $name] if $condition => $name.push($limit * 2),
            }
            .await
        };
    }
    let (yes, no) = (true, false);
    let done = graph!(1 + 1, no || yes, Some(1..), Some(3), mut list);
    assert_eq!((done.both, done.not, done.matched), (None, None, Some(2)));
    assert_eq!((done.list, done.changed), (vec![1, 4], Some(())));
}

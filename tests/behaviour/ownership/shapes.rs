//! Each shape that a part of a graph can have, with a value that tasks read, change and take in it.

use conjoin::auto;
use conjoin_tests::Log;
use tokio::task::yield_now;

#[tokio::test]
async fn a_series_reads_changes_and_takes() {
    let done = auto! {
        list => vec![1],
        first: [mut list] => { yield_now().await; list.push(2) },
        second: [mut list, first as _] => { list.push(3); yield_now().await },
        sum: [list, second as _] => { yield_now().await; list.iter().sum::<i32>() },
        text: [move list, sum] => { yield_now().await; format!("{list:?}: {sum}") },
    }
    .await;
    assert_eq!(done.into_tuple(), ((), (), 6, "[1, 2, 3]: 6".to_owned()));
}

#[tokio::test]
async fn changed_value_stays_in_the_result() {
    let done =
        auto! { count => 1, more: [mut count] => *count += 1, most: [mut count, more as _] => *count *= 10 }.await;
    assert_eq!(done.count, 20);
}

#[tokio::test]
async fn parallel_part_uses_earlier_values() {
    let done = auto! {
        changed => String::from("a"),
        taken => String::from("b"),
        unused => String::from("c"),
        ready: [changed as _, taken as _, unused as _] => (),
        changes: [mut changed, ready as _] => { yield_now().await; changed.push('1') },
        takes: [move taken, ready as _] => { yield_now().await; taken + "2" },
        reads: [unused, ready as _] => { yield_now().await; unused.len() },
        after: [changed, takes, changes as _, reads as _] => { yield_now().await; format!("{changed}{takes}") },
    }
    .await;
    assert_eq!(
        (
            done.changed.as_str(),
            done.takes.as_str(),
            done.after.as_str()
        ),
        ("a1", "b2", "a1b2")
    );
    assert_eq!((done.unused.as_str(), done.reads), ("c", 1));
}

#[tokio::test]
async fn parallel_chain_uses_its_own_value() {
    let done = auto! {
        made => vec![1],
        changed: [mut made] => { yield_now().await; made.push(2) },
        read: [made, changed as _] => { yield_now().await; made.len() },
        taken: [move made, read] => { yield_now().await; (made, *read) },
        beside => { yield_now().await; 7 },
        kept => vec![5],
        grown: [mut kept] => { yield_now().await; kept.push(6) },
    }
    .await;
    assert_eq!(
        (done.taken, done.beside, done.kept),
        ((vec![1, 2], 2), 7, vec![5, 6])
    );
}

#[tokio::test]
async fn parallel_chain_passes_an_earlier_value_on() {
    let done = auto! {
        list => vec![1],
        first: [mut list] => { yield_now().await; list.push(2) },
        second: [mut list, first as _] => { yield_now().await; list.push(3) },
        third: [list, second as _] => { yield_now().await; list.len() },
        other: [list as _] => yield_now().await,
        last: [mut list, third, other as _] => list.push(i32::try_from(*third).unwrap() * 10),
        taker: [move list, last as _] => list,
    }
    .await;
    assert_eq!((done.third, done.taker), (3, vec![1, 2, 3, 30]));
}

#[tokio::test]
async fn n_uses_values_with_one_user() {
    let done = auto! {
        user => String::from("ann"),
        settings => vec![1],
        posts: [move user] => { yield_now().await; user + "'s posts" },
        page: [user as _, mut settings] => { yield_now().await; settings.push(2); settings.len() },
    }
    .await;
    assert_eq!(
        (done.posts.as_str(), done.settings, done.page),
        ("ann's posts", vec![1, 2], 2)
    );
}

#[tokio::test]
async fn n_uses_earlier_values() {
    let done = auto! {
        changed => String::from("a"),
        taken => String::from("b"),
        ready: [changed as _, taken as _] => (),
        user: [ready as _] => { yield_now().await; 1 },
        settings: [ready as _] => { yield_now().await; 2 },
        posts: [user, mut changed] => { changed.push('1'); yield_now().await; changed.len() + user },
        page: [user, settings, move taken] => { yield_now().await; format!("{taken}{user}{settings}") },
        after: [mut changed, posts as _, page as _] => changed.push('!'),
    }
    .await;
    assert_eq!(
        (done.changed.as_str(), done.posts, done.page.as_str()),
        ("a1!", 3, "b12")
    );
}

/// An N in which one value has two users.
#[tokio::test(start_paused = true)]
async fn n_that_passes_a_value_keeps_its_schedule() {
    let log = Log::new();
    let done = auto! {
        user => { log.work("user", 2).await; vec![1] },
        settings => log.work("settings", 5).await,
        posts: [mut user] => { log.work("posts", 2).await; user.push(2) },
        page: [move user, posts as _, settings] => { log.work("page", 1).await; (user, *settings) },
    }
    .await;
    assert_eq!(
        log.started(),
        [("user", 0), ("settings", 0), ("posts", 2), ("page", 5)]
    );
    assert_eq!(done.page, (vec![1, 2], "settings"));
}

#[tokio::test]
async fn gated_part_uses_values_with_one_user() {
    let done = auto! {
        north_1 => String::from("n"),
        south_1 => String::from("s"),
        north_2: [mut north_1] => { yield_now().await; north_1.push('1'); String::from("m") },
        south_2: [move south_1] => { yield_now().await; south_1 + "1" },
        both: [move north_2, south_2] => { yield_now().await; north_2 + south_2 },
        south_3: [south_2] => { yield_now().await; south_2.len() },
    }
    .await;
    assert_eq!(
        done.into_tuple(),
        ("n1".to_owned(), "s1".to_owned(), "ms1".to_owned(), 2)
    );
}

#[tokio::test]
async fn a_gated_part_passes_a_value_from_task_to_task() {
    let done = auto! {
        list => vec![1],
        south_1 => yield_now().await,
        north_2: [mut list] => { yield_now().await; list.push(2) },
        south_2: [south_1 as _] => yield_now().await,
        north_3: [mut list, north_2 as _, south_2 as _] => { yield_now().await; list.push(3) },
        south_3: [south_2 as _] => yield_now().await,
        north_4: [mut list, north_3 as _] => list.push(4),
    }
    .await;
    assert_eq!(done.list, [1, 2, 3, 4]);
}

#[tokio::test]
async fn gated_part_allows_reads_between_changes() {
    let done = auto! {
        list => vec![1],
        south_1 => yield_now().await,
        grow: [mut list] => { yield_now().await; list.push(2) },
        south_2: [south_1 as _] => yield_now().await,
        first: [list, grow as _] => { yield_now().await; list[0] },
        last: [list, grow as _, south_2 as _] => { yield_now().await; list[1] },
        length: [list, grow as _] => list.len(),
        south_3: [south_2 as _] => yield_now().await,
        again: [mut list, first, last, length as _] => { yield_now().await; list.push(first + last) },
        taken: [move list, again as _] => { yield_now().await; list },
    }
    .await;
    assert_eq!(
        (done.first, done.last, done.length, done.taken),
        (1, 2, 2, vec![1, 2, 3])
    );
}

#[tokio::test]
async fn gated_part_passes_earlier_values_on() {
    let done = auto! {
        lent => vec![0],
        shared => vec![10],
        given => vec![20],
        start: [lent as _, shared as _, given as _] => (),
        north_1: [start as _, mut lent] => { yield_now().await; lent.push(1) },
        south_1: [start as _, mut shared] => { yield_now().await; shared.push(11) },
        north_2: [mut lent, north_1 as _] => { yield_now().await; lent.push(2) },
        south_2: [shared, south_1 as _, mut given] => { yield_now().await; given.push(shared[1]) },
        north_3: [mut lent, north_2 as _, south_2 as _] => lent.push(3),
        south_3: [shared, move given, south_2 as _] => { yield_now().await; (given, shared.len()) },
        last: [mut lent, mut shared, north_3 as _, south_3 as _] => { lent.push(4); shared.push(12) },
    }
    .await;
    assert_eq!(
        (done.lent, done.shared),
        (vec![0, 1, 2, 3, 4], vec![10, 11, 12])
    );
    assert_eq!(done.south_3, (vec![20, 11], 2));
}

#[tokio::test]
async fn nested_gated_part_passes_outer_values_on() {
    let done = auto! {
        list => vec![1],
        beside: [list as _] => yield_now().await,
        north_1: [mut list] => { yield_now().await; list.push(2) },
        south_1: [list as _] => yield_now().await,
        north_2: [mut list, north_1 as _] => { yield_now().await; list.push(3) },
        south_2: [south_1 as _] => yield_now().await,
        north_3: [list, north_2 as _, south_2 as _] => { yield_now().await; list.len() },
        south_3: [south_2 as _] => yield_now().await,
        after: [move list, beside as _, north_3 as _, south_3 as _] => list,
    }
    .await;
    assert_eq!((done.north_3, done.after), (3, vec![1, 2, 3]));
}

/// The main use of `mut`.
#[tokio::test(start_paused = true)]
async fn transaction_delays_no_independent_task() {
    let log = Log::new();
    let write =
        async |transaction: &mut Vec<&'static str>, name| transaction.push(log.work(name, 2).await);
    let done = auto! {
        transaction => { log.work("begin", 1).await; Vec::new() },
        user: [mut transaction] => write(transaction, "user").await,
        order: [mut transaction, user as _] => write(transaction, "order").await,
        stock: [mut transaction, order as _] => write(transaction, "stock").await,
        commit: [move transaction, stock as _, price as _] => { log.work("commit", 1).await; transaction },
        price: [rate as _] => log.work("price", 1).await,
        rate => log.work("rate", 1).await,
        mail: [rate as _, user as _] => log.work("mail", 9).await,
    }
    .await;
    assert_eq!(done.commit, ["user", "order", "stock"]);
    let times = [
        ("begin", 0),
        ("rate", 0),
        ("price", 1),
        ("user", 1),
        ("mail", 3),
        ("order", 3),
        ("stock", 5),
        ("commit", 7),
    ];
    assert_eq!(
        conjoin_tests::sorted(log.started()),
        conjoin_tests::sorted(times.to_vec())
    );
}

#[tokio::test]
async fn tasks_may_be_declared_in_any_order() {
    let done = auto! {
        taken: [move list, read, again as _] => (list, *read),
        again: [mut list, read as _] => { yield_now().await; list.push(3) },
        read: [list, grown as _] => { yield_now().await; list.len() },
        grown: [mut list] => list.push(2),
        list => vec![1],
    }
    .await;
    assert_eq!(done.taken, (vec![1, 2, 3], 2));
}

#[tokio::test]
async fn one_task_takes_changes_and_reads_values() {
    let done = auto! {
        left => vec![1],
        right => vec![2],
        read => vec![3],
        both: [move left, mut right, read] => { right.extend(left); right.extend(read); yield_now().await },
        => (right, read, both)
    }
    .await;
    assert_eq!(done, (vec![2, 1, 3], vec![3], ()));
}

#[tokio::test]
async fn a_taken_value_can_be_handed_on() {
    let done = auto! {
        first => vec![1],
        second: [move first] => { yield_now().await; first },
        third: [move second] => { yield_now().await; second },
        beside: [second as _] => yield_now().await,
        fourth: [move third, beside as _] => third,
    }
    .await;
    assert_eq!(done.into_tuple(), ((), vec![1]));
}

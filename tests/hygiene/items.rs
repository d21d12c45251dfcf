//! `for` tasks of every form, by hand and from a `macro_rules!` of the caller's.

use conjoin::auto;
use futures::FutureExt;

struct Pair<T> {
    left: T,
    right: T,
}

#[test]
fn an_iterable_may_be_any_expression() {
    let list = [3_u8, 1, 2];
    let text = "1 2 3";
    let graph = auto! {
        #![error(std::num::ParseIntError)]
        pairs => vec![Pair { left: 1, right: 2 }],
        a_range for n in 0..3 => n,
        an_inclusive_range for n in 1..=3 => n,
        a_reference for n in &list => *n,
        a_method_chain for n in list.iter().map(|n| n + 1).filter(|n| *n > 2) => n,
        a_turbofish for n in list.iter().copied().collect::<std::collections::BTreeSet<_>>() => n,
        a_block for n in { let mut list = list; list.sort_unstable(); list } => n,
        an_if for n in if list.len() > 2 { &list[1..] } else { &list } => *n,
        a_match for n in match list.len() { 0 => vec![], _ => vec![1, 2] } => n,
        a_macro for n in vec![1, 2] => n,
        an_await for n in std::future::ready(list).await => n,
        a_question_mark for n in 0.."3".parse::<u8>()? => n,
        a_struct_in_parentheses for n in [(Pair { left: 1, right: 2 }).right] => n,
        a_pattern: [pairs] for Pair { left, right } in pairs => left + right,
        a_tuple for (at, (n, ())) in list.iter().zip([(); 3]).enumerate() => at + usize::from(*n),
        alternatives for (Ok(n) | Err(n)) in [Ok(1), Err(2)] => n,
        a_closure for f in [|n: u8| n + 1, |n: u8| n + 2] => f(1),
        questions for word in text.split(' ') => word.parse::<u8>()?,
        => questions
    };
    assert_eq!(graph.now_or_never(), Some(Ok(vec![1, 2, 3])));
}

/// Groups without delimiters, as a macro passes them on.
macro_rules! each {
    ($name:ident, $pattern:pat, $iterable:expr, $body:expr) => {
        auto! {
            $name for $pattern in $iterable => $body,
            after: [$name] for n in $name.iter().rev() => *n,
        }
    };
}

#[test]
fn parts_may_come_from_a_macro() {
    let graph = each!(items, (n, _), [(1, 2), (3, 4)], n + 1);
    let output = graph.now_or_never().expect("it is ready");
    assert_eq!(output.items, [2, 4]);
    assert_eq!(output.after, [4, 2]);
}

#[test]
fn names_are_those_of_the_user() {
    // Constants and variables with the names that a `for` loop of ours could have.
    #[allow(non_upper_case_globals)]
    const item: u8 = 1;
    let items = [1_u8, 2];
    let iterator = 3;
    let room = 4;
    let graph = auto! {
        #[allow(clippy::needless_pass_by_value)]
        taken for value in items => value + item + iterator + room,
        => taken
    };
    assert_eq!(graph.now_or_never(), Some(vec![9, 10]));
}

async fn generic<'a, T: Clone + 'a, I: IntoIterator<Item = &'a T>>(list: I) -> Vec<T> {
    auto! {
        items for value in list => value.clone(),
        => items
    }
    .await
}

struct Shop {
    prices: Vec<u32>,
}

impl Shop {
    async fn price(&self, index: usize) -> Option<u32> {
        std::future::ready(self.prices.get(index).copied()).await
    }

    async fn sum(&self, indices: &[usize]) -> u32 {
        auto! {
            prices for &index in indices => self.price(index).await,
            => prices.into_iter().flatten().sum()
        }
        .await
    }
}

#[test]
fn generics_lifetimes_and_self_are_in_scope() {
    assert_eq!(generic(&[1, 2]).now_or_never(), Some(vec![1, 2]));
    let shop = Shop { prices: vec![3, 4] };
    assert_eq!(shop.sum(&[0, 1, 5]).now_or_never(), Some(7));
}

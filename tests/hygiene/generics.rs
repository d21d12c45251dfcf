//! Type parameters of the caller with the names of the result struct's, and a type with the struct's name.

use conjoin::auto;
use futures::FutureExt;

#[derive(Clone, Debug, PartialEq)]
struct Output<T0>(T0);

async fn pair<T0: Clone, T1: From<T0>>(value: &T0) -> (T0, T1) {
    let graph = auto! {
        copy => { let copy: T0 = value.clone(); copy },
        converted: [copy] => T1::from(copy.clone()),
    };
    graph.await.into_tuple()
}

#[test]
fn type_parameters_of_the_caller_are_visible() {
    assert_eq!(pair::<u8, u32>(&7).now_or_never(), Some((7, 7)));
}

#[test]
fn types_of_the_caller_win_in_bodies_and_final_arm() {
    let graph = auto! { value => Output(1), next: [value as Output(number)] => Output(number + 1) };
    let graph = graph.now_or_never().expect("all is ready");
    assert_eq!(graph.into_tuple(), (Output(1), Output(2)));
    let graph = auto! { value => 1, => Output(value) };
    assert_eq!(graph.now_or_never(), Some(Output(1)));
}

/// Passes its value through a chain of tasks that change it, concurrently with other tasks.
async fn threaded<T0: Clone + Extend<T1>, T1: PartialOrd, const N: usize>(
    start: T0,
    items: [T1; N],
    least: &T1,
) -> (Option<T0>, usize) {
    let [first, second] = [0, 1];
    auto! {
        #![limit(N.max(1))]
        list => start,
        items => items,
        all_are_large: [items] if items.iter().all(|item| item >= least) && N > 0 => N,
        filled: [mut list, move items, all_are_large as _] => list.extend(items),
        order => { let order: usize = first; order },
        copied: [list, filled as _] => list.clone(),
        sent: [move list, copied as _, all_are_large as &all] if all == Some(N) => list,
        dropped: [move copied as _, order] => order + second,
        => (sent, dropped)
    }
    .await
}

trait Repository {
    type Tx: Send;

    async fn begin(&self) -> Result<Self::Tx, String>;
    async fn add(&self, tx: &mut Self::Tx, item: u32) -> Result<(), String>;
    async fn commit(&self, tx: Self::Tx) -> Result<u32, String>;

    async fn order(&self, items: &[u32]) -> Result<Option<u32>, String> {
        let most = |numbers: &[u32]| numbers.iter().copied().max();
        auto! {
            #![error(String)]
            tx => self.begin().await?,
            most => most(items),
            first: [mut tx] if let Some(&item) = items.first() => self.add(tx, item).await?,
            last: [mut tx, first as _, most] if let (Some(&item), Some(_)) = (items.last(), most) => {
                self.add(tx, item).await?;
            },
            sum: [move tx, last] if last.is_some() => self.commit(tx).await?,
            => sum
        }
        .await
    }
}

struct Memory;

impl Repository for Memory {
    type Tx = Vec<u32>;

    async fn begin(&self) -> Result<Vec<u32>, String> {
        Ok(Vec::new())
    }

    async fn add(&self, tx: &mut Vec<u32>, item: u32) -> Result<(), String> {
        tx.push(item);
        Ok(())
    }

    async fn commit(&self, tx: Vec<u32>) -> Result<u32, String> {
        Ok(tx.iter().sum())
    }
}

#[test]
fn values_of_any_type_are_changed_and_taken() {
    assert_eq!(
        threaded(vec![1], [2, 3], &2).now_or_never(),
        Some((Some(vec![1, 2, 3]), 1))
    );
    assert_eq!(
        threaded(vec![1], [2, 3], &3).now_or_never(),
        Some((None, 1))
    );
}

#[test]
fn a_method_of_a_trait_may_thread_an_associated_type() {
    assert_eq!(Memory.order(&[1, 2, 3]).now_or_never(), Some(Ok(Some(4))));
    assert_eq!(Memory.order(&[]).now_or_never(), Some(Ok(None)));
}

#[test]
fn a_closure_may_hold_and_call_such_graphs() {
    let start = String::from("a");
    let graph = async |end: &str| {
        auto! {
            text => start.clone(),
            longer: [mut text] => text.push_str(end),
            length: [text, longer as _] => text.len(),
            => (text, length)
        }
        .await
    };
    assert_eq!(graph("bc").now_or_never(), Some(("abc".to_owned(), 3)));
    assert_eq!(graph("").now_or_never(), Some(("a".to_owned(), 1)));
}

//! Type parameters of the caller that are named as the result struct's, and a type of his with the struct's name.

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
fn type_parameters_of_the_caller_are_his() {
    assert_eq!(pair::<u8, u32>(&7).now_or_never(), Some((7, 7)));
}

#[test]
fn a_type_of_the_caller_s_is_his_in_bodies_and_in_the_final_arm() {
    let graph = auto! { value => Output(1), next: [value as Output(number)] => Output(number + 1) };
    let graph = graph.now_or_never().expect("all is ready");
    assert_eq!(graph.into_tuple(), (Output(1), Output(2)));
    let graph = auto! { value => 1, => Output(value) };
    assert_eq!(graph.now_or_never(), Some(Output(1)));
}

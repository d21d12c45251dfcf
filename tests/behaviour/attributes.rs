//! Inner attributes go to the result struct, outer ones to a field, and a false `#[cfg]` removes a task.

use conjoin::auto;
use serde::Serialize;

#[tokio::test]
async fn derives_go_to_the_struct() {
    let page = auto! {
        #![derive(Debug, Clone, PartialEq)]
        user => "ann",
        posts: [user] => vec![user.len()],
    }
    .await;
    let copy = page.clone();
    assert_eq!(page, copy);
    assert_eq!(format!("{copy:?}"), r#"Output { user: "ann", posts: [3] }"#);
}

#[tokio::test]
async fn serde_sees_the_struct_and_its_fields() {
    let page = auto! {
        #![derive(Serialize)]
        #![serde(rename_all = "camelCase")]
        user_name => "ann",
        #[serde(rename = "articles")]
        posts: [user_name] => vec![user_name.len()],
        #[serde(skip)]
        secret => "hidden",
    }
    .await;
    assert_eq!(
        serde_json::to_string(&page).expect("it is JSON"),
        r#"{"userName":"ann","articles":[3]}"#
    );
    assert_eq!(page.secret, "hidden");
}

#[tokio::test]
async fn doc_comments_are_allowed_everywhere() {
    let graph = auto! {
        //! What a page shows.

        /// Whose page it is.
        user => "ann",
        /// What she wrote,
        /// newest first.
        posts: [user] => vec![user.len()],
    }
    .await;
    assert_eq!((graph.user, graph.posts), ("ann", vec![3]));
}

#[tokio::test]
async fn doc_comments_are_allowed_with_a_final_arm() {
    let graph = auto! {
        /// Whose page it is.
        user => "ann",
        => user
    };
    assert_eq!(graph.await, "ann");
}

#[tokio::test]
#[deny(unused_variables)]
async fn allow_on_a_task_covers_its_body() {
    let graph = auto! {
        #[allow(unused_variables)]
        lenient => {
            let unused = 1;
            2
        },
    };
    assert_eq!(graph.await.lenient, 2);
}

#[tokio::test]
async fn expect_on_a_task_covers_its_body() {
    let graph = auto! {
        #[expect(unused_variables)]
        lenient => {
            let unused = 1;
            2
        },
    };
    assert_eq!(graph.await.lenient, 2);
}

#[tokio::test]
async fn true_cfg_keeps_a_task() {
    let graph = auto! {
        #[cfg(test)]
        kept => 1,
        next: [kept] => kept + 1,
    }
    .await;
    assert_eq!(graph.into_tuple(), (1, 2));
}

#[tokio::test]
async fn false_cfg_removes_a_task_unread() {
    let graph = auto! {
        #[cfg(not(test))]
        gone: [nothing_of_this_name] => compile_error!("this must not be expanded"),
        kept => 1,
    }
    .await;
    assert_eq!(graph.into_tuple(), (1,));
}

#[tokio::test]
async fn all_of_several_cfgs_must_hold() {
    let graph = auto! {
        #[cfg(test)]
        #[cfg(not(test))]
        gone => compile_error!("this must not be expanded"),
        #[cfg(test)]
        #[cfg(any(test, windows))]
        kept => 1,
    }
    .await;
    assert_eq!(graph.into_tuple(), (1,));
}

#[tokio::test]
async fn opposite_cfgs_allow_one_name_twice() {
    let graph = auto! {
        #[cfg(not(test))]
        source => "the network",
        #[cfg(test)]
        source => "a fixture",
        length: [source] => source.len(),
    }
    .await;
    assert_eq!(graph.into_tuple(), ("a fixture", 9));
}

#[tokio::test]
async fn cfg_works_with_attributes_and_a_final_arm() {
    let sum = auto! {
        #[cfg(test)]
        #[allow(clippy::unnecessary_cast)]
        one => 1_u8 as u8,
        #[cfg(not(test))]
        one => 100_u8,
        two: [one] => one + 1,
        => one + two
    };
    assert_eq!(sum.await, 3);
}

#[tokio::test]
async fn bodies_use_outer_variables_despite_a_cfg() {
    let outer = 5;
    let graph = auto! {
        #[cfg(test)]
        one => outer,
        two: [one] => one + outer,
    };
    assert_eq!(graph.await.into_tuple(), (5, 10));
}

#[tokio::test]
async fn a_cfg_attr_goes_to_the_field() {
    let graph = auto! {
        #![derive(Serialize)]
        #[cfg_attr(test, serde(rename = "tested"))]
        plain => 1,
    };
    assert_eq!(
        serde_json::to_string(&graph.await).expect("it is JSON"),
        r#"{"tested":1}"#
    );
}

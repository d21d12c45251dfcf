//! `#![settle]`, compared with a join of `Result`s by hand, which also skips what cannot run.

use std::hint::black_box;

use conjoin::auto;
use counted::{looped, run};
use futures::join;

use crate::tasks::{Holds, Tasks, Yields};
use crate::{Pair, Row};

async fn by_auto<T: Tasks>(db: &T) -> impl Sized {
    auto! {
        #![settle]
        first => db.run::<0>(0).await?,
        second: [first] => db.run::<1>(first.0).await?,
        third: [first] => db.run::<2>(first.0).await?,
        fourth: [second, third] => db.run::<3>(second.0 + third.0).await?,
    }
    .await
}

async fn by_hand<T: Tasks>(db: &T) -> impl Sized {
    let first = db.run::<0>(0).await;
    let (second, third) = match &first {
        Ok(first) => {
            let (second, third) = join!(db.run::<1>(first.0), db.run::<2>(first.0));
            (Some(second), Some(third))
        }
        Err(_) => (None, None),
    };
    let fourth = match (&second, &third) {
        (Some(Ok(second)), Some(Ok(third))) => Some(db.run::<3>(second.0 + third.0).await),
        _ => None,
    };
    (first, second, third, fourth)
}

pub(crate) fn row() -> Row {
    Row {
        name: "diamond, `settle`",
        ready: Some(Pair {
            hand: looped(|| _ = black_box(run(by_hand(&Yields::<false>)))),
            auto: looped(|| _ = black_box(run(by_auto(&Yields::<false>)))),
        }),
        yields: Some(Pair {
            hand: looped(|| _ = black_box(run(by_hand(&Yields::<true>)))),
            auto: looped(|| _ = black_box(run(by_auto(&Yields::<true>)))),
        }),
        bytes: Some(Pair {
            hand: size_of_val(&by_hand(&Holds)),
            auto: size_of_val(&by_auto(&Holds)),
        }),
        ..Row::default()
    }
}

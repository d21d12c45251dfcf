//! What the spans of a graph cost, compared with spans by hand: instructions for a diamond with a subscriber. Its argument
//! is the subscriber: `none`, `filtered` (it wants no spans) or `registry` (it keeps them and prints nothing).

#![allow(missing_docs)]

#[allow(dead_code, reason = "some are only in `distinct`")]
#[path = "distinct/tasks.rs"]
mod tasks;

use std::env;
use std::hint::black_box;
use std::process::ExitCode;

use counted::{Case, Counts, looped, run};
use tracing::dispatcher::with_default;
use tracing::level_filters::LevelFilter;
use tracing::{Dispatch, Instrument, info_span};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry;

use tasks::{Error, Tasks, Value, Yields};

#[allow(dead_code, reason = "the graph by hand, without spans")]
mod graphs {
    use crate::tasks::{Error, Tasks};

    include!(concat!(env!("OUT_DIR"), "/traced.rs"));
}

use graphs::diamond::auto;

async fn hand<T: Tasks>(db: &T) -> Result<Value<3>, Error> {
    let diamond = async {
        let query = db.run::<0>(0);
        let t0 = query
            .instrument(info_span!("t0", dependencies = ""))
            .await?;
        let (left, right) = (db.run::<1>(t0.0), db.run::<2>(t0.0));
        let (t1, t2) = futures::try_join!(
            left.instrument(info_span!("t1", dependencies = "t0")),
            right.instrument(info_span!("t2", dependencies = "t0")),
        )?;
        let query = db.run::<3>(t1.0 + t2.0);
        let span = info_span!("t3", dependencies = "t1, t2");
        query.instrument(span).await
    };
    diamond.instrument(info_span!("auto", tasks = 4)).await
}

fn main() -> ExitCode {
    let argument = env::args().nth(1).unwrap_or_default();
    let subscriber = match &*argument {
        "none" => None,
        "filtered" => Some(Dispatch::new(registry().with(LevelFilter::WARN))),
        "registry" => Some(Dispatch::new(registry())),
        _ => {
            eprintln!("which subscriber?\n\nhelp: write `none`, `filtered` or `registry`");
            return ExitCode::FAILURE;
        }
    };
    let within = |case: Case| -> Case {
        let subscriber = subscriber.clone();
        Box::new(move |times| match &subscriber {
            Some(subscriber) => with_default(subscriber, || case(times)),
            None => case(times),
        })
    };
    macro_rules! case {
        ($graph:ident, $yields:literal) => {
            within(looped(|| {
                assert!(black_box(run($graph(&Yields::<$yields>))).is_ok());
            }))
        };
    }
    let mut counts = Counts::default();
    counts.add(("ready", "hand"), case!(hand, false));
    counts.add(("ready", "auto"), case!(auto, false));
    counts.add(("yields", "hand"), case!(hand, true));
    counts.add(("yields", "auto"), case!(auto, true));
    let counts = counts.count();
    for kind in ["ready", "yields"] {
        let (auto, hand) = (counts[&(kind, "auto")], counts[&(kind, "hand")]);
        println!("{kind}: {:.2} ({auto:.0} / {hand:.0})", auto / hand);
    }
    ExitCode::SUCCESS
}

//! Random graphs. Each must run exactly as its longest paths, or its limit, allow.

mod loads;
mod oracle;
#[path = "generate/random.rs"]
mod random;
mod run;
mod trials;

#[allow(
    clippy::large_futures,
    clippy::similar_names,
    clippy::too_many_lines,
    reason = "no one wrote or reads it"
)]
mod generated {
    use futures::FutureExt;

    use crate::oracle::Task;
    use crate::run::{Run, value_of_items};

    include!(concat!(env!("OUT_DIR"), "/graphs.rs"));
}

#[allow(
    clippy::large_futures,
    clippy::similar_names,
    clippy::too_many_lines,
    reason = "no one wrote or reads it"
)]
mod generated_trials {
    use crate::trials::{
        Any, Condition, Ending, Limit, Spec, Task, Trial, Use, change, failed, keep, read, settled,
        take,
    };

    include!(concat!(env!("OUT_DIR"), "/trials.rs"));
}

#[allow(
    clippy::large_futures,
    clippy::similar_names,
    clippy::too_many_lines,
    reason = "no one wrote or reads it"
)]
mod generated_loads {
    use conjoin_adapters::BatchError;

    use crate::loads::{Numbers, check};

    include!(concat!(env!("OUT_DIR"), "/loads.rs"));
}

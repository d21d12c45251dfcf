//! Random graphs, each of which must run exactly as the longest paths in it say.

mod oracle;
mod run;

#[allow(clippy::large_futures, clippy::similar_names, clippy::too_many_lines, reason = "no one wrote or reads it")]
mod generated {
    use futures::FutureExt;

    use crate::oracle::Task;
    use crate::run::Run;

    include!(concat!(env!("OUT_DIR"), "/graphs.rs"));
}

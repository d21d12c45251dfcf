//! A module for each graph, with a function for each peer, from the build script.

#![allow(
    clippy::manual_async_fn,
    reason = "an `async fn` would be one more block around `auto!`"
)]
#![allow(
    clippy::pedantic,
    reason = "hundreds of names that are similar, and long functions"
)]
#![allow(
    clippy::drop_non_drop,
    reason = "in the expansion of `join_me_maybe::join!`"
)]

use futures_concurrency::future::TryJoin as _;

use crate::drive::Drive;
use crate::peers::{Peer, Runs};
use crate::tasks::{Needs, Outcome, Tasks};

include!(concat!(env!("OUT_DIR"), "/graphs.rs"));

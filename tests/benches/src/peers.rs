//! What is compared, and how a graph is put together with what is no macro.

pub(crate) mod async_dag;
mod bookkeeping;
pub(crate) mod dagx;
pub(crate) mod futures_unordered;
pub(crate) mod join_set;

use crate::drive::Run;

/// A graph with each peer that can express it, and be driven so.
pub(crate) type Runs = Vec<(Peer, Option<Run>)>;

#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) enum Peer {
    ByHand,
    Auto,
    Tokio,
    FuturesConcurrency,
    Enjoin,
    JoinMeMaybe,
    FuturesUnordered,
    JoinSet,
    AsyncDag,
    Dagx,
}

impl Peer {
    pub(crate) const ALL: [Peer; 10] = [
        Peer::ByHand,
        Peer::Auto,
        Peer::Tokio,
        Peer::FuturesConcurrency,
        Peer::Enjoin,
        Peer::JoinMeMaybe,
        Peer::FuturesUnordered,
        Peer::JoinSet,
        Peer::AsyncDag,
        Peer::Dagx,
    ];

    /// As the table and the plots call it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Peer::ByHand => "by hand",
            Peer::Auto => "auto!",
            Peer::Tokio => "tokio",
            Peer::FuturesConcurrency => "futures-concurrency",
            Peer::Enjoin => "enjoin",
            Peer::JoinMeMaybe => "join_me_maybe",
            Peer::FuturesUnordered => "FuturesUnordered",
            Peer::JoinSet => "JoinSet",
            Peer::AsyncDag => "async_dag",
            Peer::Dagx => "dagx",
        }
    }

    /// The package that it is of.
    pub(crate) fn package(self) -> &'static str {
        match self {
            Peer::ByHand | Peer::FuturesUnordered => "futures",
            Peer::Auto => "conjoin",
            Peer::Tokio | Peer::JoinSet => "tokio",
            peer => peer.name(),
        }
    }
}

//! What is compared, and how peers that are not macros build a graph.

pub(crate) mod async_dag;
mod bookkeeping;
pub(crate) mod dagx;
pub(crate) mod futures_unordered;
pub(crate) mod join_set;

/// A run of a graph with each peer that can express it.
pub(crate) type Runs<R> = Vec<(Peer, R)>;

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

    /// The name in the table and the plots.
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

    /// The package that has it.
    pub(crate) fn package(self) -> &'static str {
        match self {
            Peer::ByHand | Peer::FuturesUnordered => "futures",
            Peer::Auto => "conjoin",
            Peer::Tokio | Peer::JoinSet => "tokio",
            peer => peer.name(),
        }
    }
}

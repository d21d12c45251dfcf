//! What several of the runnable programs share, which are the binaries in `src/bin`.

mod until;

pub use until::Until;

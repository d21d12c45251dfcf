//! The runnable programs are the binaries in `src/bin`.

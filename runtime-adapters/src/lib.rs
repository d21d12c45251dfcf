//! Callback code, promises, queues, brokers and clusters as plain futures, for use with `conjoin::auto!`.
//!
//! This crate is empty as yet: it is not published before it holds its first adapter.

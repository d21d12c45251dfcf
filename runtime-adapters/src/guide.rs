//! From callbacks to `auto!`: one handler, written four times.
//!
//! It answers with a page of a user, their posts and their comments, over a driver that calls back. The posts and the
//! comments need the user, but not each other. This is the driver:
//!
//! ```
#![doc = include_str!("guide/driver.rs")]
//! ```
//!
#![doc = include_str!("guide.md")]

//! The names of rooms.

/// The longest name of a room, in bytes.
pub const MAX_ROOM: usize = 1024;

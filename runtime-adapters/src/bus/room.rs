//! The names of rooms.

/// How long a room's name may be, in bytes.
pub const MAX_ROOM: usize = 1024;

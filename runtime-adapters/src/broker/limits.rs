//! How long calls and shutdowns may take.

use std::time::Duration;

/// The default deadline of a call.
pub(super) const DEADLINE: Duration = Duration::from_secs(30);

/// How long running calls have to end in a shutdown.
pub(super) const GRACE: Duration = Duration::from_secs(10);

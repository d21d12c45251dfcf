//! How long calls and shutdowns may take.

use std::time::Duration;

/// Time that a call has, unless it or its broker is told otherwise.
pub(super) const DEADLINE: Duration = Duration::from_secs(30);

/// Time that calls under way have to end when the broker is shut down.
pub(super) const GRACE: Duration = Duration::from_secs(10);

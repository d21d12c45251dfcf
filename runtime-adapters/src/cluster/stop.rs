//! How the slots learn that the cluster stops.

use tokio::sync::watch;

#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub(super) enum StopMode {
    No,
    Drain,
    Kill,
}

/// The receiver of the stop signal.
#[derive(Clone, Debug)]
pub(super) struct StopSignal(pub(super) watch::Receiver<StopMode>);

impl StopSignal {
    pub(super) async fn asked(&mut self) {
        // Without a supervisor, everything stops.
        let _ = self.0.wait_for(|&stop| stop >= StopMode::Drain).await;
    }

    pub(super) async fn killed(&mut self) {
        let _ = self.0.wait_for(|&stop| stop >= StopMode::Kill).await;
    }
}

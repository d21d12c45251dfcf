//! The side of a connection that writes.

use std::io;

use futures_util::SinkExt;
use tokio::sync::Notify;
use tokio::task::yield_now;

use super::frame::Frame;
use super::hello::Writer;

/// Where the frames come from.
pub(super) trait Outgoing {
    /// Appends the next frames, about as many bytes as this.
    fn take(&self, bytes: usize, frames: &mut Vec<Frame>) -> Taken;

    /// Whether there is more under way than what was to be written last.
    fn is_busy(&self) -> bool;

    /// Is notified when there are frames where there were none, or when it is over.
    fn changed(&self) -> &Notify;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    Frames,
    Nothing,
    /// And there will be nothing more.
    Over,
}

/// Writes all there is, as much at once as there is, until it is over.
pub(super) async fn write(writer: &mut Writer, from: &impl Outgoing) -> io::Result<()> {
    let chunk = writer.backpressure_boundary();
    let mut frames = Vec::new();
    loop {
        match from.take(chunk, &mut frames) {
            Taken::Frames => {
                for frame in frames.drain(..) {
                    writer.feed(frame).await?;
                }
            }
            Taken::Nothing => {
                writer.flush().await?;
                from.changed().notified().await;
                // Where one has something to say, others may have: it goes with the same call of the system.
                if from.is_busy() {
                    yield_now().await;
                }
            }
            Taken::Over => return writer.flush().await,
        }
    }
}

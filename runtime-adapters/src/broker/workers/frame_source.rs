//! The side of a connection that writes.

use std::io;

use futures_util::SinkExt;
use tokio::sync::Notify;
use tokio::task::yield_now;

use super::frame::Frame;
use super::handshake::FrameWriter;

/// Where the frames come from.
pub(super) trait FrameSource {
    /// Appends the next frames, about as many bytes as this.
    fn take(&self, bytes: usize, frames: &mut Vec<Frame>) -> NextFrames;

    /// Whether there is more under way than what was to be written last.
    fn is_busy(&self) -> bool;

    /// Is notified when there are frames where there were none, or when it is over.
    fn changed(&self) -> &Notify;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NextFrames {
    Frames,
    Empty,
    /// And there will be nothing more.
    Ended,
}

/// Writes all there is, as much at once as there is, until it is over.
pub(super) async fn write(writer: &mut FrameWriter, from: &impl FrameSource) -> io::Result<()> {
    let chunk = writer.backpressure_boundary();
    let mut frames = Vec::new();
    loop {
        match from.take(chunk, &mut frames) {
            NextFrames::Frames => {
                for frame in frames.drain(..) {
                    writer.feed(frame).await?;
                }
            }
            NextFrames::Empty => {
                writer.flush().await?;
                from.changed().notified().await;
                // Where one has something to say, others may have: it goes with the same call of the system.
                if from.is_busy() {
                    yield_now().await;
                }
            }
            NextFrames::Ended => return writer.flush().await,
        }
    }
}

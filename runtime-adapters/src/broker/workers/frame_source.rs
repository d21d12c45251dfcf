//! The writing side of a connection.

use std::io;

use futures_util::SinkExt;
use tokio::sync::Notify;
use tokio::task::yield_now;

use super::frame::Frame;
use super::handshake::FrameWriter;

/// A source of frames.
pub(super) trait FrameSource {
    /// Appends the next frames, of about this many bytes.
    fn take(&self, bytes: usize, frames: &mut Vec<Frame>) -> NextFrames;

    /// Whether more is in progress than what was last written.
    fn is_busy(&self) -> bool;

    /// Notified when there are frames again, or when the source has ended.
    fn changed(&self) -> &Notify;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NextFrames {
    Frames,
    Empty,
    /// These are the last ones.
    Ended,
}

/// Writes all frames until the source ends, as many as there are at once.
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
                // If one task has something to write, others may have too: it goes into the same system call.
                if from.is_busy() {
                    yield_now().await;
                }
            }
            NextFrames::Ended => return writer.flush().await,
        }
    }
}

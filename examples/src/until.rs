use std::fmt;
use std::future::pending;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;

use axum::serve::Listener;
use tokio::net::{TcpListener, TcpStream};

/// Accepts connections until a future resolves, and closes the listener then.
///
/// `axum::serve` has one signal for two things: that it accepts nothing more, and that idle connections are closed. One
/// that was accepted the moment before is idle as long as nothing was read, though the client has sent a request. With
/// this, the first can happen before the second, which leaves time to read.
pub struct Until {
    listener: Option<TcpListener>,
    address: SocketAddr,
    end: Pin<Box<dyn Future<Output = ()> + Send>>,
}

impl Until {
    /// Accepts from `listener` until `end` resolves.
    ///
    /// # Errors
    ///
    /// When the listener does not know its address.
    pub fn new(
        listener: TcpListener,
        end: impl Future<Output = ()> + Send + 'static,
    ) -> io::Result<Self> {
        Ok(Self {
            address: listener.local_addr()?,
            listener: Some(listener),
            end: Box::pin(end),
        })
    }
}

impl Listener for Until {
    type Io = TcpStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (TcpStream, SocketAddr) {
        if let Some(listener) = &mut self.listener {
            tokio::select! {
                biased;
                () = &mut self.end => self.listener = None,
                accepted = Listener::accept(listener) => return accepted,
            }
        }
        pending().await
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

impl fmt::Debug for Until {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Until")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

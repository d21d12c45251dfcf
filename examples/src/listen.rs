//! The value of `--listen`.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Parses where to listen: an address with a port, or a port alone, which means loopback.
///
/// It is a value parser for `clap`: `#[arg(long, value_parser = listen_address)]`.
///
/// ```
/// # use examples::listen_address;
/// let loopback = "127.0.0.1:8000".parse().unwrap();
/// for text in ["127.0.0.1:8000", "localhost:8000", ":8000", "8000"] {
///     assert_eq!(listen_address(text), Ok(loopback));
/// }
/// assert_eq!(listen_address("0.0.0.0:80").unwrap().port(), 80);
/// ```
///
/// # Errors
///
/// A message with examples, if `text` is neither.
pub fn listen_address(text: &str) -> Result<SocketAddr, String> {
    if let Ok(address) = text.parse() {
        return Ok(address);
    }
    let port = text
        .strip_prefix("localhost")
        .unwrap_or(text)
        .strip_prefix(':')
        .unwrap_or(text);
    let ip: IpAddr = Ipv4Addr::LOCALHOST.into();
    port.parse()
        .map(|port| SocketAddr::new(ip, port))
        .map_err(|_| {
            "write a port, such as 8000, or an address with a port, such as 127.0.0.1:8000"
                .to_owned()
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn port_alone_is_loopback() {
        for text in ["8000", ":8000", "localhost:8000", "127.0.0.1:8000"] {
            assert_eq!(
                listen_address(text),
                Ok(([127, 0, 0, 1], 8000).into()),
                "{text}"
            );
        }
    }

    #[test]
    fn other_addresses_stay_as_written() {
        for text in ["0.0.0.0:80", "[::1]:0", "192.0.2.1:65535"] {
            assert_eq!(
                listen_address(text).map(|address| address.to_string()),
                Ok(text.to_owned())
            );
        }
    }

    #[test]
    fn error_shows_what_to_write() {
        for text in [
            "",
            "localhost",
            "127.0.0.1",
            "example.com:80",
            "65536",
            "-1",
            "localhost8000",
            "::1",
        ] {
            let error = listen_address(text).expect_err(text);
            assert!(error.contains("such as 8000"), "{text}: {error}");
        }
    }
}

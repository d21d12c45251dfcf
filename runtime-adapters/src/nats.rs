//! Shared by the users of a NATS server: its addresses, our credentials, and what it refuses.

mod inbox;
mod refusal;
mod refusals;

use std::fmt;
use std::io;

use async_nats::{ConnectOptions, ServerAddr};
use percent_encoding::percent_decode_str;

pub(crate) use self::inbox::Inbox;
#[cfg(feature = "bus")]
pub(crate) use self::refusal::Refusal;
pub(crate) use self::refusal::RefusedOperation;
pub(crate) use self::refusals::RefusalLog;

/// The servers of one cluster, at least one.
#[derive(Clone)]
pub(crate) struct NatsServers {
    pub(crate) addresses: Vec<ServerAddr>,
    user: Option<Credentials>,
}

/// The credentials in the first address that has some.
#[derive(Clone)]
enum Credentials {
    Token(String),
    Password(String, String),
}

impl NatsServers {
    /// Parses a URL, or several separated by commas.
    ///
    /// # Errors
    ///
    /// The reason, without the URL, which may contain a password.
    pub(crate) fn parse(urls: &str) -> Result<Self, String> {
        let addresses = urls
            .split(',')
            .map(address)
            .collect::<Result<Vec<_>, _>>()?;
        let user = addresses.iter().find_map(user).transpose()?;
        Ok(NatsServers { addresses, user })
    }

    /// The options with the credentials in the URLs, `user:password@` or `token@`, which other clients accept. The
    /// crate parses them but does not use them (<https://github.com/nats-io/nats.rs/issues/1623>).
    pub(crate) fn options(&self) -> ConnectOptions {
        match self.user.clone() {
            Some(Credentials::Password(user, password)) => {
                ConnectOptions::with_user_and_password(user, password)
            }
            Some(Credentials::Token(token)) => ConnectOptions::with_token(token),
            None => ConnectOptions::new(),
        }
    }
}

fn address(url: &str) -> Result<ServerAddr, String> {
    let address: ServerAddr = url
        .trim()
        .parse()
        .map_err(|error: io::Error| error.to_string())?;
    match address.scheme() {
        _ if address.host().is_empty() => Err("a URL of a NATS server names no host".to_owned()),
        "nats" | "tls" => Ok(address),
        other => Err(format!(
            "the URL of a NATS server begins with `nats://` or `tls://`, not `{other}://`"
        )),
    }
}

fn user(address: &ServerAddr) -> Option<Result<Credentials, String>> {
    let decode = |text| {
        let text = percent_decode_str(text).decode_utf8();
        text.map(String::from)
            .map_err(|_| "the user or the password in the URL is not UTF-8".to_owned())
    };
    let user = address.username()?;
    Some(match address.password() {
        Some(password) => {
            decode(user).and_then(|user| Ok(Credentials::Password(user, decode(password)?)))
        }
        None => decode(user).map(Credentials::Token),
    })
}

/// Without credentials.
impl fmt::Display for NatsServers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, address) in self.addresses.iter().enumerate() {
            let comma = if index > 0 { ", " } else { "" };
            write!(
                f,
                "{comma}{}://{}:{}",
                address.scheme(),
                address.host(),
                address.port()
            )?;
        }
        Ok(())
    }
}

impl fmt::Debug for NatsServers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

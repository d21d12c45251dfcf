//! What everything that talks to a NATS server shares.

use async_nats::{ConnectOptions, ServerAddr};
use percent_encoding::percent_decode_str;

/// What a URL says, or several with commas between them.
pub(crate) struct Address {
    pub(crate) servers: Vec<ServerAddr>,
    user: Option<String>,
    password: Option<String>,
}

impl Address {
    /// # Errors
    ///
    /// What is wrong with it, without the URL, which may have a password.
    pub(crate) fn parse(url: &str) -> Result<Self, String> {
        let servers = url.split(',').map(|url| url.trim().parse()).collect::<Result<Vec<ServerAddr>, _>>();
        let servers = servers.map_err(|error| error.to_string())?;
        let decode = |text: &str| {
            let text = percent_decode_str(text).decode_utf8();
            text.map(String::from).map_err(|_| "the user or the password is not UTF-8".to_owned())
        };
        let (user, password) = match servers.iter().find(|server| server.has_user_pass()) {
            Some(server) => (server.username().map(decode), server.password().map(decode)),
            None => (None, None),
        };
        Ok(Address { servers, user: user.transpose()?, password: password.transpose()? })
    }

    /// For all servers, the credentials of the first that has any: `user:password@` or `token@`, as other clients take
    /// them. The crate parses them and leaves them out (<https://github.com/nats-io/nats.rs/issues/1623>).
    pub(crate) fn options(&self) -> ConnectOptions {
        match (self.user.clone(), self.password.clone()) {
            (Some(user), Some(password)) => ConnectOptions::with_user_and_password(user, password),
            (Some(token), None) => ConnectOptions::with_token(token),
            (None, _) => ConnectOptions::new(),
        }
    }

    /// For messages: nothing secret.
    pub(crate) fn hosts(&self) -> String {
        let hosts = self.servers.iter().map(|server| format!("{}:{}", server.host(), server.port()));
        hosts.collect::<Vec<_>>().join(", ")
    }
}

//! The command line.

use std::net::SocketAddr;
use std::num::NonZero;

use crate::queries::Engine;

/// Serves a user's page over HTTP, put together in several ways, and publishes new posts.
#[derive(Debug, clap::Parser)]
#[command(name = "blog", version)]
pub(crate) struct Options {
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8000")]
    pub(crate) listen: SocketAddr,

    /// `sqlite://FILE`, made at the first start, or `postgres://USER@HOST/DATABASE`
    ///
    /// The service makes tables whose names begin with `conjoin_blog_`, fills those for users, posts and comments with
    /// made-up rows, and touches no others. PostgreSQL is spoken without TLS: on loopback or a private network
    /// only.
    // The value may hold a password, which `--help` would print.
    #[arg(
        long,
        value_name = "URL",
        env = "DATABASE_URL",
        hide_env_values = true,
        default_value = "sqlite://blog.db"
    )]
    pub(crate) database: String,

    /// Wait added before each query, as if the database were far away: this is what makes the modes differ
    #[arg(long, value_name = "DURATION", default_value = "20ms")]
    pub(crate) latency: humantime::Duration,

    /// Time that a client has to send the head of a request; idle connections close after it, too
    #[arg(long, value_name = "DURATION", default_value = "10s")]
    pub(crate) head_limit: humantime::Duration,

    #[command(flatten)]
    pub(crate) broker: BrokerOptions,

    /// Time that the moderator takes to read a new post
    #[arg(long, value_name = "DURATION", default_value = "60ms")]
    pub(crate) review_latency: humantime::Duration,

    /// Time after which a request is given up, with all its queries, and answered with 503
    #[arg(long, value_name = "DURATION", default_value = "10s")]
    pub(crate) time_limit: humantime::Duration,
}

/// Where the queries are answered.
#[derive(Debug, clap::Args)]
pub(crate) struct BrokerOptions {
    /// Where the queries of a page are answered
    #[arg(
        long,
        value_enum,
        value_name = "ENGINE",
        env = "BROKER",
        default_value = "in-process"
    )]
    pub(crate) broker: Engine,

    /// How many child processes answer queries, with `--broker workers`
    #[arg(long, value_name = "NUMBER", default_value = "2")]
    pub(crate) query_workers: NonZero<usize>,

    /// The server, with `--broker nats`
    #[arg(
        long,
        value_name = "URL",
        env = "NATS_URL",
        hide_env_values = true,
        default_value = "nats://127.0.0.1:4222"
    )]
    pub(crate) nats: String,
}

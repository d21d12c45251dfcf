//! The command line.

use std::net::SocketAddr;
use std::num::NonZero;

use crate::blog::queries::Engine;
use crate::listen_address;

/// Serves a user's page over HTTP, put together in several ways, and publishes new posts
#[derive(Debug, clap::Parser)]
#[command(name = "blog", version)]
pub struct Options {
    /// An address with a port, or a port alone; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8000", value_parser = listen_address)]
    pub listen: SocketAddr,

    /// `sqlite://FILE`, created on first start, or `postgres://USER@HOST/DATABASE`
    ///
    /// The service creates tables whose names begin with `conjoin_blog_`, fills those for users, posts and comments with
    /// made-up rows, and touches no others. It connects to PostgreSQL without TLS: use it on loopback or a private
    /// network only.
    // The value may hold a password, which `--help` would print.
    #[arg(
        long,
        value_name = "URL",
        env = "DATABASE_URL",
        hide_env_values = true,
        default_value = "sqlite://blog.db"
    )]
    pub(crate) database: String,

    /// Wait added to each query, as if the database were far away; this makes the modes differ
    #[arg(long, value_name = "DURATION", default_value = "20ms")]
    pub(crate) latency: humantime::Duration,

    /// How long a client may take to send the head of a request; idle connections close after it, too
    #[arg(long, value_name = "DURATION", default_value = "10s")]
    pub head_limit: humantime::Duration,

    #[command(flatten)]
    pub(crate) broker: BrokerOptions,

    /// How long the moderator takes to read a new post
    #[arg(long, value_name = "DURATION", default_value = "60ms")]
    pub(crate) review_latency: humantime::Duration,

    /// How long a request may take; then its queries are cancelled and it is answered with 503
    #[arg(long, value_name = "DURATION", default_value = "10s")]
    pub(crate) time_limit: humantime::Duration,
}

/// Where the queries of a page are answered.
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

    /// The NATS server, with `--broker nats`
    #[arg(
        long,
        value_name = "URL",
        env = "NATS_URL",
        hide_env_values = true,
        default_value = "nats://127.0.0.1:4222"
    )]
    pub(crate) nats: String,
}

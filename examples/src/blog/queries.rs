//! The modes' queries, as requests to a broker. This process answers them, or child processes, or any service on the same
//! NATS server; the modes need not know.
//!
//! Queries only read, so when a worker dies, another one gets its queries.

use std::collections::BTreeSet;
use std::error::Error as _;
use std::time::Duration;

use conjoin_adapters::BoxError;
use conjoin_adapters::broker::{Broker, BrokerError, Handlers, Request};
use serde::{Deserialize, Serialize};

use crate::blog::database::Database;
use crate::blog::error::AppError;
use crate::blog::options::BrokerOptions;
use crate::blog::page::{Comment, Post, User};
use crate::blog::site::Watch;

macro_rules! query {
    ($name:literal, $query:ident { $($field:ident: $type:ty),* }, $response:ty) => {
        #[derive(Clone, Serialize, Deserialize)]
        struct $query {
            $($field: $type,)*
        }

        impl Request for $query {
            const NAME: &'static str = $name;
            const IDEMPOTENT: bool = true;
            type Response = $response;
            type Error = QueryError;
        }
    };
}

query!("blog.user", UserOf { id: i64 }, User);
query!("blog.posts", PostsOf { id: i64 }, Vec<Post>);
query!("blog.comments", CommentsOf { id: i64 }, Vec<Comment>);
query!(
    "blog.slow_comments",
    SlowCommentsOf { id: i64 },
    Vec<Comment>
);
query!("blog.replies", RepliesTo { posts: Vec<i64> }, Vec<Comment>);
query!("blog.threads", Threads { posts: Vec<i64> }, Vec<Post>);

/// Why a query failed, in a form that crosses processes.
#[derive(Debug, Serialize, Deserialize)]
enum QueryError {
    UnknownUser(i64),
    Away(String),
    Internal(String),
}

/// Where queries are answered.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(crate) enum Engine {
    /// In the service itself
    InProcess,
    /// In child processes of the service
    Workers,
    /// By all services that are on the same NATS server
    Nats,
}

/// When a worker on another machine dies, nothing reports its queries as lost.
#[cfg(feature = "nats")]
const PATIENCE: Duration = Duration::from_secs(2);

/// Sends queries to the broker, which clones share.
#[derive(Clone, Debug)]
pub(crate) struct Queries {
    broker: Broker,
    /// How long to wait for an answer before the query is sent again.
    patience: Duration,
    /// Hears of each query.
    watch: Option<Watch>,
}

impl Queries {
    /// Starts the broker that `options` select. In a worker process of that broker, this never returns.
    pub(crate) async fn start(
        options: &BrokerOptions,
        database: &Database,
    ) -> Result<Self, BoxError> {
        let handlers = handlers(database);
        Ok(match options.broker {
            Engine::InProcess => Self::new(Broker::in_process(handlers)),
            #[cfg(unix)]
            Engine::Workers => {
                Self::new(Broker::workers(options.query_workers.get(), handlers).await?)
            }
            #[cfg(not(unix))]
            Engine::Workers => {
                return Err("`--broker workers` needs Unix; use `--broker in-process`".into());
            }
            #[cfg(not(feature = "nats"))]
            Engine::Nats => return Err(crate::NO_NATS.into()),
            #[cfg(feature = "nats")]
            Engine::Nats => Self {
                patience: PATIENCE,
                ..Self::new(Broker::nats(&options.nats, handlers).await?)
            },
        })
    }

    #[cfg(test)]
    pub(crate) fn in_process(database: &Database) -> Self {
        Self::new(Broker::in_process(handlers(database)))
    }

    fn new(broker: Broker) -> Self {
        // Requests have a time limit of their own.
        Self {
            broker: broker.deadline(Duration::MAX),
            patience: Duration::MAX,
            watch: None,
        }
    }

    /// The same queries, watched.
    pub(crate) fn watched(&self, watch: Watch) -> Self {
        Self {
            watch: Some(watch),
            ..self.clone()
        }
    }

    pub(crate) async fn user(&self, id: i64) -> Result<User, AppError> {
        self.ask("user", UserOf { id }).await
    }

    pub(crate) async fn posts(&self, user_id: i64) -> Result<Vec<Post>, AppError> {
        self.ask("posts", PostsOf { id: user_id }).await
    }

    pub(crate) async fn comments(&self, user_id: i64) -> Result<Vec<Comment>, AppError> {
        self.ask("comments", CommentsOf { id: user_id }).await
    }

    /// The same as [`comments`](Self::comments), but slow.
    pub(crate) async fn slow_comments(&self, user_id: i64) -> Result<Vec<Comment>, AppError> {
        self.ask("comments", SlowCommentsOf { id: user_id }).await
    }

    /// The comments under `posts`. Slow, too.
    pub(crate) async fn replies(&self, posts: &[Post]) -> Result<Vec<Comment>, AppError> {
        let posts = posts.iter().map(|post| post.id).collect();
        self.ask("replies", RepliesTo { posts }).await
    }

    /// The posts that `comments` are under, once each, without `own`.
    pub(crate) async fn threads(
        &self,
        own: &[Post],
        comments: &[Comment],
    ) -> Result<Vec<Post>, AppError> {
        let posts: BTreeSet<i64> = comments.iter().map(|comment| comment.post_id).collect();
        let is_own = |id: &i64| own.iter().any(|post| post.id == *id);
        let posts = posts.into_iter().filter(|id| !is_own(id)).collect();
        self.ask("threads", Threads { posts }).await
    }

    /// Sends a query, for the task of this name.
    async fn ask<Q: Request<Error = QueryError>>(
        &self,
        task: &'static str,
        query: Q,
    ) -> Result<Q::Response, AppError> {
        match &self.watch {
            None => self.answer(query).await,
            Some(watch) => watch.query(task, self.answer(query)).await,
        }
    }

    async fn answer<Q: Request<Error = QueryError>>(
        &self,
        query: Q,
    ) -> Result<Q::Response, AppError> {
        match self.broker.call(&query).deadline(self.patience).await {
            Err(BrokerError::TimedOut) => Ok(self.broker.call(&query).await?),
            answer => Ok(answer?),
        }
    }

    /// Ends the workers, if any, once they have answered.
    pub(crate) async fn close(&self) {
        self.broker.shutdown().await;
    }
}

fn handlers(database: &Database) -> Handlers {
    let [user, posts, comments, slow_comments, replies, threads] =
        [(); 6].map(|()| database.clone());
    Handlers::new()
        .on::<UserOf>(move |UserOf { id }| {
            let database = user.clone();
            async move { Ok(database.user(id).await?) }
        })
        .on::<PostsOf>(move |PostsOf { id }| {
            let database = posts.clone();
            async move { Ok(database.posts(id).await?) }
        })
        .on::<CommentsOf>(move |CommentsOf { id }| {
            let database = comments.clone();
            async move { Ok(database.comments(id).await?) }
        })
        .on::<SlowCommentsOf>(move |SlowCommentsOf { id }| {
            let database = slow_comments.clone();
            async move { Ok(database.slow_comments(id).await?) }
        })
        .on::<RepliesTo>(move |RepliesTo { posts }| {
            let database = replies.clone();
            async move { Ok(database.replies(&posts).await?) }
        })
        .on::<Threads>(move |Threads { posts }| {
            let database = threads.clone();
            async move { Ok(database.threads(&posts).await?) }
        })
}

impl From<AppError> for QueryError {
    fn from(error: AppError) -> Self {
        let cause = || {
            error
                .source()
                .map_or_else(|| error.to_string(), ToString::to_string)
        };
        match error {
            AppError::UnknownUser(id) => Self::UnknownUser(id),
            AppError::Away(_) => Self::Away(cause()),
            _ => Self::Internal(cause()),
        }
    }
}

impl From<BrokerError<QueryError>> for AppError {
    fn from(error: BrokerError<QueryError>) -> Self {
        match error {
            BrokerError::Failed(QueryError::UnknownUser(id)) => Self::UnknownUser(id),
            BrokerError::Failed(QueryError::Away(cause)) => Self::Away(cause.into()),
            BrokerError::Failed(QueryError::Internal(cause)) => Self::Internal(cause.into()),
            BrokerError::Panicked(message) => Self::Internal(format!("panicked: {message}").into()),
            unanswered => Self::Unanswered(unanswered.map(|_| "").to_string().into()),
        }
    }
}

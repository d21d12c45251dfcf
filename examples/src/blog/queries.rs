//! The modes' queries, as requests to a broker: in this process, in child processes, or wherever a NATS server finds
//! workers.
//!
//! Which of them it is the modes do not see. Queries only read, so one whose worker dies is asked again of another.

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
    ($query:ident, $name:literal, $response:ty) => {
        #[derive(Clone, Serialize, Deserialize)]
        struct $query {
            id: i64,
        }

        impl Request for $query {
            const NAME: &'static str = $name;
            const IDEMPOTENT: bool = true;
            type Response = $response;
            type Error = QueryError;
        }
    };
}

query!(UserOf, "blog.user", User);
query!(PostsOf, "blog.posts", Vec<Post>);
query!(CommentsOf, "blog.comments", Vec<Comment>);

/// Why a query failed, in a form that goes from process to process.
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

/// A worker that dies on another machine takes its queries along, and nobody is told.
#[cfg(feature = "nats")]
const PATIENCE: Duration = Duration::from_secs(2);

/// Asks a user's data of wherever it is; clones share the broker.
#[derive(Clone, Debug)]
pub(crate) struct Queries {
    broker: Broker,
    /// After which time a query is asked again.
    patience: Duration,
    /// Who is told of each query.
    watch: Option<Watch>,
}

impl Queries {
    /// Starts what `options` ask for. In a child process that was started by this it never returns.
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
            Engine::Workers => return Err("child processes that answer queries need Unix".into()),
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
        // A request has a time limit already.
        Self {
            broker: broker.deadline(Duration::MAX),
            patience: Duration::MAX,
            watch: None,
        }
    }

    /// The same, under the eyes of somebody.
    pub(crate) fn watched(&self, watch: Watch) -> Self {
        Self {
            watch: Some(watch),
            ..self.clone()
        }
    }

    pub(crate) async fn user(&self, id: i64) -> Result<User, AppError> {
        self.ask(UserOf { id }).await
    }

    pub(crate) async fn posts(&self, user_id: i64) -> Result<Vec<Post>, AppError> {
        self.ask(PostsOf { id: user_id }).await
    }

    pub(crate) async fn comments(&self, user_id: i64) -> Result<Vec<Comment>, AppError> {
        self.ask(CommentsOf { id: user_id }).await
    }

    async fn ask<Q: Request<Error = QueryError>>(&self, query: Q) -> Result<Q::Response, AppError> {
        match &self.watch {
            None => self.answer(query).await,
            Some(watch) => watch.query(Q::NAME, self.answer(query)).await,
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

    /// Ends the workers, if there are any, when they have answered.
    pub(crate) async fn close(&self) {
        self.broker.shutdown().await;
    }
}

fn handlers(database: &Database) -> Handlers {
    let [users, posts, comments] = [(); 3].map(|()| database.clone());
    Handlers::new()
        .on::<UserOf>(move |UserOf { id }| {
            let database = users.clone();
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

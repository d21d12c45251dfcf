//! The modes' queries, as requests to a broker: in this process, in child processes, or wherever a NATS server finds workers.
//!
//! Which of them it is the modes do not see. Queries only read, so one whose worker dies is asked again of another.

use std::error::Error;
use std::time::Duration;

use conjoin_adapters::broker::{Broker, BrokerError, Handlers, Request};
use serde::{Deserialize, Serialize};

use crate::database::Database;
use crate::error::AppError;
use crate::page::{Comment, Post, User};

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

/// Asks a user's data of wherever it is; clones share the broker.
#[derive(Clone, Debug)]
pub(crate) struct Queries {
    broker: Broker,
}

impl Queries {
    pub(crate) fn in_process(database: &Database) -> Self {
        Self::new(Broker::in_process(handlers(database)))
    }

    fn new(broker: Broker) -> Self {
        // A request has a time limit already.
        Self { broker: broker.deadline(Duration::MAX) }
    }

    pub(crate) async fn user(&self, id: i64) -> Result<User, AppError> {
        Ok(self.broker.call(&UserOf { id }).await?)
    }

    pub(crate) async fn posts(&self, user_id: i64) -> Result<Vec<Post>, AppError> {
        Ok(self.broker.call(&PostsOf { id: user_id }).await?)
    }

    pub(crate) async fn comments(&self, user_id: i64) -> Result<Vec<Comment>, AppError> {
        Ok(self.broker.call(&CommentsOf { id: user_id }).await?)
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
        let cause = || error.source().map_or_else(|| error.to_string(), ToString::to_string);
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

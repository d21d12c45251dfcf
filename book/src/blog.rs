//! A blog without a database: what the snippets ask, and what a reader can copy to type along.
#![allow(
    dead_code,
    reason = "a program that has a copy of this may not use all of it"
)]

use std::error::Error;
use std::fmt;
use std::time::Duration;

use tokio::time::sleep;

/// Time that each query takes, as if the database were a network away.
pub const LATENCY: Duration = Duration::from_millis(20);

/// A user.
#[derive(Clone, Debug, PartialEq)]
pub struct User {
    /// The number they are asked for by.
    pub id: u32,
    /// What they are called.
    pub name: &'static str,
}

/// Everything about one user.
#[derive(Debug, PartialEq)]
pub struct Page {
    /// Whose page it is.
    pub user: User,
    /// Titles of what they wrote.
    pub posts: Vec<&'static str>,
    /// What they wrote under the posts of others.
    pub comments: Vec<&'static str>,
}

/// Why a query fails.
#[derive(Clone, Debug, PartialEq)]
pub enum DbError {
    /// Nobody has this number.
    UnknownUser(u32),
}

impl fmt::Display for DbError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::UnknownUser(id) = self;
        write!(f, "there is no user {id}")
    }
}

impl Error for DbError {}

/// A handle on the database, in which there is one user: 7.
#[derive(Clone, Debug, Default)]
pub struct Db;

impl Db {
    /// The user of this number.
    ///
    /// # Errors
    ///
    /// There is no such user.
    pub async fn user(&self, id: u32) -> Result<User, DbError> {
        sleep(LATENCY).await;
        if id == 7 {
            Ok(User { id, name: "ann" })
        } else {
            Err(DbError::UnknownUser(id))
        }
    }

    /// The titles of a user's posts.
    ///
    /// # Errors
    ///
    /// There is no such user.
    pub async fn posts(&self, user: u32) -> Result<Vec<&'static str>, DbError> {
        self.user(user).await?;
        Ok(vec!["On graphs", "On joins"])
    }

    /// What a user wrote under the posts of others.
    ///
    /// # Errors
    ///
    /// There is no such user.
    pub async fn comments(&self, user: u32) -> Result<Vec<&'static str>, DbError> {
        self.user(user).await?;
        Ok(vec!["First!"])
    }

    /// Begins what is written as a whole or not at all.
    ///
    /// # Errors
    ///
    /// None: a database that can be away has some.
    pub async fn begin(&self) -> Result<Transaction, DbError> {
        sleep(LATENCY).await;
        Ok(Transaction { rows: Vec::new() })
    }
}

/// Rows that are there when it is committed, and were never there when it is dropped.
#[derive(Debug)]
pub struct Transaction {
    rows: Vec<String>,
}

impl Transaction {
    /// Writes a row, and returns its number.
    ///
    /// # Errors
    ///
    /// None: a database that can be away has some.
    pub async fn insert(&mut self, row: &str) -> Result<usize, DbError> {
        sleep(LATENCY).await;
        self.rows.push(row.to_owned());
        Ok(self.rows.len())
    }

    /// Makes the rows last, and returns them.
    ///
    /// # Errors
    ///
    /// None: a database that can be away has some.
    pub async fn commit(self) -> Result<Vec<String>, DbError> {
        sleep(LATENCY).await;
        Ok(self.rows)
    }
}

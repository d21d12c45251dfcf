//! The types in the fixture's graphs. No other type has members of these names.

use std::fmt;

pub struct User {
    pub id: u64,
    pub name: Name,
}

pub struct Name {
    pub first: &'static str,
}

pub struct Posts {
    pub count: usize,
}

#[derive(Debug)]
pub struct Error;

impl User {
    pub fn is_new(&self) -> bool {
        self.id == 0
    }

    pub fn rename(&mut self, name: Name) {
        self.name = name;
    }

    pub fn into_name(self) -> Name {
        self.name
    }
}

impl Posts {
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.first)
    }
}

pub async fn load_user(id: u64) -> Result<User, Error> {
    Ok(User { id, name: Name { first: "Ann" } })
}

pub async fn load_posts(user: u64) -> Result<Posts, Error> {
    Ok(Posts { count: usize::from(user > 0) })
}

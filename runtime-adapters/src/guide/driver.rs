use std::thread;

/// A handle, cheap to clone. Each query calls back once, later, on another thread.
#[derive(Clone)]
struct Database;

#[derive(Clone)]
struct User { id: u32, name: &'static str }

impl Database {
    fn user(&self, id: u32, done: impl FnOnce(Result<User, String>) + Send + 'static) {
        thread::spawn(move || match id {
            7 => done(Ok(User { id, name: "ann" })),
            _ => done(Err(format!("no user {id}"))),
        });
    }

    fn posts(&self, of: u32, done: impl FnOnce(Result<Vec<u32>, String>) + Send + 'static) {
        thread::spawn(move || done(Ok(vec![of, of + 1])));
    }

    fn comments(&self, of: u32, done: impl FnOnce(Result<Vec<u32>, String>) + Send + 'static) {
        thread::spawn(move || done(Ok(vec![of; 3])));
    }
}

fn render(user: &User, posts: &[u32], comments: &[u32]) -> String {
    format!("{}: {} posts, {} comments", user.name, posts.len(), comments.len())
}

//! The code in the book's tables. `tests/text` compares them.

use std::convert::Infallible;
use std::time::Duration;

use conjoin::auto;
use conjoin_adapters::around::{Permits, Timeouts};
use conjoin_adapters::broker::{Broker, Handlers};
use conjoin_adapters::{
    Batch, CallbackError, ComputeError, IntoCallback, Policy, Promise, Promisify, Queue, Resolver,
    blocking, cpu, events, from_callback, spawn,
};
use conjoin_book::blog::{Db, DbError, User};
use futures::future::ready;
use futures::{StreamExt, stream};

fn read(path: &str, done: impl FnOnce(Result<usize, String>)) {
    done(Ok(path.len()));
}

fn read_in_node(path: &str, done: impl FnOnce(Option<String>, Option<usize>)) {
    done(None, Some(path.len()));
}

#[tokio::test]
async fn callbacks_become_futures() -> Result<(), CallbackError<String>> {
    let path = "a.txt";
    let size = from_callback(|done| read(path, done.callback())).await?;
    assert_eq!(size, 5);

    let size = from_callback(|done| read_in_node(path, |error, size| done.node(error, size)));
    assert_eq!(size.await?, 5);

    let read = (|path: &'static str, done: Resolver<_, _>| read(path, done.callback())).promisify();
    assert_eq!(read("a.txt").await?, 5);

    let mut ticks = events(16, Policy::DropOldest, |emitter| emitter.emit(1).ok());
    assert!(matches!(ticks.next().await, Some(Ok(1))));

    let promise = Promise::<u32, String>::resolved(7).then(|seven| seven + 1);
    assert_eq!(promise.await, Ok(8));

    let (sent, answer) = tokio::sync::oneshot::channel();
    let task = async { 7 }.into_callback(tokio::spawn, |result| sent.send(result).unwrap());
    task.await.unwrap();
    assert_eq!(answer.await.unwrap(), Ok(7));
    Ok(())
}

#[tokio::test]
async fn work_becomes_futures() {
    let queue = Queue::new(4, async |item: u32| Ok::<_, Infallible>(item + 1));
    assert_eq!(queue.push(7).await, Ok(8));

    let db = Db;
    let users = Batch::new(async |ids: Vec<u32>| {
        let mut users = Vec::new();
        for id in ids {
            users.push(db.user(id).await?);
        }
        Ok::<Vec<User>, DbError>(users)
    });
    assert_eq!(users.load(7).await.unwrap().name, "ann");

    let broker = Broker::in_process(Handlers::new());
    broker.shutdown().await;
}

#[tokio::test]
async fn threads_become_futures() -> Result<(), ComputeError> {
    let bytes = [1, 2, 3];
    let sum = cpu(move || bytes.iter().sum::<i32>()).await?;
    let path = "Cargo.toml";
    let text = blocking(move || std::fs::read_to_string(path)).await?;
    let future = async { 7 };
    let seven = spawn(future).await?;
    assert_eq!((sum, text.is_ok(), seven), (6, true, 7));
    Ok(())
}

#[tokio::test]
async fn options_stand_at_the_top() {
    #[derive(Debug, thiserror::Error)]
    enum AppError {
        #[error(transparent)]
        Db(#[from] DbError),
        #[error("too slow")]
        Slow(#[from] conjoin_adapters::around::Elapsed),
    }

    let db = Db;
    let timeouts = Timeouts::new(Duration::from_secs(2));
    let permits = Permits::named([("user", 4)]);
    let name = auto! {
        #![around((&permits, &timeouts))]
        #![error(AppError)]
        user => db.user(7).await?,
        => user.name,
    };
    assert_eq!(name.await.ok(), Some("ann"));

    let cached = Some("cached");
    let page = auto! {
        cached => if let Some(page) = cached { break page },
        #[cfg(unix)]
        unix: [cached as _] => 1,
        => "new",
    };
    assert_eq!(page.await, "cached");

    let page = auto! {
        #![derive(Debug)]
        #![limit(4)]
        user => db.user(7).await?,
        posts: [..] => db.posts(user.id).await?,
        count: [posts] => posts.len(),
        line: [count as &n] => n + 1,
        #[limit(3)]
        pages: [posts] for post in posts => post.len(),
    };
    assert_eq!(page.await.map(|page| page.line).ok(), Some(3));
}

#[tokio::test]
async fn streams_bound_their_futures() {
    let n = 2;
    let numbers = || stream::iter([ready(1), ready(2)]);
    let all: Vec<i32> = numbers()
        .buffer_unordered(n)
        .chain(numbers().buffered(n))
        .collect()
        .await;
    assert_eq!(all.len(), 4);
}

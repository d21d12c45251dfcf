//! Bindings, moves and drops are those of the block in sequence.

use std::cell::RefCell;
use std::future::ready;

use conjoin::concurrent;

struct Noisy<'l> {
    name: &'static str,
    log: &'l RefCell<Vec<&'static str>>,
}

impl Drop for Noisy<'_> {
    fn drop(&mut self) {
        self.log.borrow_mut().push(self.name);
    }
}

type Log = RefCell<Vec<&'static str>>;

async fn noisy<'l>(log: &'l Log, name: &'static str) -> Noisy<'l> {
    ready(Noisy { name, log }).await
}

async fn look<'l>(seen: &Noisy<'l>, name: &'static str) -> Noisy<'l> {
    noisy(seen.log, name).await
}

async fn eat<'l>(eaten: Noisy<'l>, name: &'static str) -> Noisy<'l> {
    noisy(eaten.log, name).await
}

#[tokio::test]
async fn bindings_drop_in_reverse() {
    let log = Log::default();
    concurrent!({
        let a = noisy(&log, "a").await;
        let b = noisy(&log, "b").await;
        let c = look(&a, "c").await;
        let d = look(&b, "d").await;
        let e = look(&c, "e").await;
        log.borrow_mut()
            .push(if e.name == d.name { "same" } else { "end" });
    })
    .await;
    assert_eq!(log.take(), ["end", "e", "d", "c", "b", "a"]);
}

#[tokio::test]
async fn crossing_bindings_drop_in_reverse() {
    let log = Log::default();
    concurrent!({
        let a = noisy(&log, "a").await;
        let b = noisy(&log, "b").await;
        let c = look(&a, "c").await;
        let d = look(&b, "d").await;
        let e = look([&c, &d][0], "e").await;
        let f = look(&d, "f").await;
        log.borrow_mut()
            .push(if e.name == f.name { "same" } else { "end" });
    })
    .await;
    assert_eq!(log.take(), ["end", "f", "e", "d", "c", "b", "a"]);
}

#[tokio::test]
async fn chain_moves_its_binding() {
    let log = Log::default();
    concurrent!({
        let a = noisy(&log, "a").await;
        let b = noisy(&log, "b").await;
        let c = eat(a, "c").await;
        let d = eat(b, "d").await;
        log.borrow_mut()
            .push(if c.name == d.name { "same" } else { "end" });
    })
    .await;
    assert_eq!(log.take(), ["a", "b", "end", "d", "c"]);
}

#[tokio::test]
async fn patterns_bind_by_value() {
    struct Point {
        x: String,
        y: u8,
    }

    let made = concurrent!({
        let (mut a, _, [b, .., c]) = ready((vec![1], 2, [3, 4, 5])).await;
        let Point { ref x, y } = ready(Point {
            x: "x".to_owned(),
            y: 1,
        })
        .await;
        let whole @ (first, _) = ready((7, 8)).await;
        a.push(b + c);
        (a, x.clone(), y, whole, first)
    })
    .await;
    assert_eq!(made, (vec![1, 8], "x".to_owned(), 1, (7, 8), 7));
}

#[tokio::test]
async fn types_are_those_that_are_written() {
    let made = concurrent!({
        let a: Vec<u8> = ready("".bytes().collect()).await;
        let b: Box<dyn Fn() -> u8> = Box::new({
            let n = ready(3).await;
            move || n
        });
        let c: [Box<dyn Fn() -> u8>; 1] = [Box::new({
            let n = ready(4).await;
            move || n
        })];
        (a, b(), c[0]())
    })
    .await;
    assert_eq!(made, (vec![], 3, 4));
}

#[tokio::test]
async fn names_may_be_used_again() {
    let made = concurrent!({
        let x = ready(1).await;
        let y = ready(x + 1).await;
        let x = ready("x").await;
        let z = ready(format!("{x}{y}")).await;
        let x = ready(x.len()).await;
        (x, y, z)
    })
    .await;
    assert_eq!(made, (1, 2, "x2".to_owned()));
}

#[tokio::test]
async fn shadowed_binding_lives_until_the_end() {
    let log = Log::default();
    concurrent!({
        let a = noisy(&log, "a1").await;
        let a = look(&a, "a2").await;
        let b = noisy(&log, "b").await;
        let a = look(&a, "a3").await;
        log.borrow_mut()
            .push(if a.name == b.name { "same" } else { "end" });
    })
    .await;
    assert_eq!(log.take(), ["end", "a3", "b", "a2", "a1"]);
}

#[tokio::test]
async fn visible_changes_keep_their_order() {
    async fn push(log: &mut Vec<u8>, n: u8) -> usize {
        tokio::task::yield_now().await;
        log.push(n);
        log.len()
    }

    let mut log = Vec::new();
    let total = concurrent!({
        let a = push(&mut log, 1).await;
        let b = ready(2).await;
        let c = push(&mut log, 3).await;
        let d = ready(log.len()).await;
        a + b + c + d
    })
    .await;
    assert_eq!((log, total), (vec![1, 3], 7));
}

#[tokio::test]
async fn crossing_lines_pass_on_what_they_change() {
    async fn push(log: &mut Vec<u8>, n: u8) -> u8 {
        tokio::task::yield_now().await;
        log.push(n);
        n
    }

    let mut log = Vec::new();
    let total = concurrent!({
        let a = push(&mut log, 1).await;
        let b = ready(2).await;
        let c = push(&mut log, a).await;
        let d = ready(b).await;
        let e = ready(c + d).await;
        let f = ready(d).await;
        a + b + c + d + e + f
    })
    .await;
    assert_eq!((log, total), (vec![1, 1], 11));
    let conn = &mut Vec::new();
    let total = concurrent!({
        let a = push(&mut *conn, 1).await;
        let b = ready(2).await;
        let c = push(&mut *conn, a).await;
        let d = ready(b).await;
        let e = ready(c + d).await;
        let f = ready(d).await;
        a + b + c + d + e + f
    })
    .await;
    assert_eq!((&*conn, total), (&vec![1, 1], 11));
}

#[tokio::test]
async fn lent_bindings_read_as_values() {
    struct Page {
        user: String,
        n: usize,
    }

    fn same(list: Vec<usize>) -> Vec<usize> {
        list
    }

    async fn page(user: &str, n: usize) -> Page {
        ready(()).await;
        Page {
            user: user.to_owned(),
            n,
        }
    }

    let made = concurrent!({
        let user = ready("ann".to_owned()).await;
        let n = ready(2).await;
        let a = ready(format!("{user}{}", user.len())).await;
        let b = ready(n + 1).await;
        let c = page(&user, {
            let user = b;
            user
        })
        .await;
        let d = ready(Page { user: a.clone(), n }).await;
        let e = ready(
            same(vec![n, b])
                .iter()
                .map(|n| n + user.len())
                .sum::<usize>(),
        )
        .await;
        (c.user, c.n, d.user, d.n, e)
    })
    .await;
    assert_eq!(made, ("ann".to_owned(), 3, "ann3".to_owned(), 2, 11));
}

#[tokio::test]
async fn blocks_within_have_groups_of_their_own() {
    let log = conjoin_tests::Log::new();
    let made = concurrent!({
        let a = {
            let b = log.work("b", 1).await;
            let c = log.work("c", 1).await;
            b.len() + c.len()
        };
        let mut all = Vec::new();
        for n in [1, 2] {
            let d = log.work("d", n).await;
            let e = log.work("e", n).await;
            if n > 1 {
                let f = log.work("f", n).await;
                let g = log.work("g", n).await;
                all.push([d, e, f, g].len());
            }
        }
        match a {
            0 => 0,
            1 => 1,
            _ => {
                let h = log.work("h", 1).await;
                let i = log.work("i", 1).await;
                h.len() + i.len() + all.len()
            }
        }
    })
    .await;
    assert_eq!(made, 3);
}

#[tokio::test]
async fn woven_chains_hold_plain_variables() {
    struct Connection<'l>(&'l Log, usize);

    impl<'l> Connection<'l> {
        /// Hides its mutable borrow.
        #[allow(
            clippy::needless_pass_by_ref_mut,
            reason = "the count only says that the borrow is mutable"
        )]
        async fn load(&mut self, name: &'static str) -> Result<Noisy<'l>, &'static str> {
            self.1 += 1;
            if name == "none" {
                return Err("none");
            }
            Ok(noisy(self.0, name).await)
        }
    }

    for (last, expected) in [("d", Ok(2)), ("none", Err("none"))] {
        let log = Log::default();
        let (mut left, mut right) = (Connection(&log, 0), Connection(&log, 0));
        let made = concurrent!({
            let a = left.load("a").await?;
            let b = right.load("b").await?;
            let c = left.load(eat(a, "c").await.name).await?;
            let d = right.load([b.name, last][1]).await?;
            log.borrow_mut().push("end");
            Ok([c.name, d.name].len())
        })
        .await;
        assert_eq!(made, expected);
        let log = log.take();
        assert_eq!(log.contains(&"end"), expected.is_ok(), "{log:?}");
        if expected.is_ok() {
            let end = log.iter().position(|it| *it == "end");
            assert_eq!(&log[end.unwrap_or(0)..], ["end", "d", "c"]);
        }
    }
}

#[tokio::test]
async fn woven_bindings_drop_in_reverse() {
    let log = Log::default();
    let made: Result<(), ()> = concurrent!({
        let a = Ok::<_, ()>(noisy(&log, "a").await)?;
        let b = Ok::<_, ()>(noisy(&log, "b").await)?;
        let c = Ok::<_, ()>(look(&a, "c").await)?;
        let d = Ok::<_, ()>(look(&b, "d").await)?;
        log.borrow_mut().push([c.name, d.name, "end"][2]);
        Ok(())
    })
    .await;
    assert_eq!(made, Ok(()));
    assert_eq!(log.take(), ["end", "d", "c", "b", "a"]);
}

#[tokio::test]
async fn fields_may_be_copied_or_moved_out_of_a_chain() {
    struct Session {
        token: String,
        n: usize,
    }

    let log = Log::default();
    let made = concurrent!({
        let first = noisy(&log, "first").await;
        let other = noisy(&log, "other").await;
        let copied = noisy(&log, [first.name, "copied"][1]).await;
        let session = ready(Session {
            token: "t".to_owned(),
            n: 1,
        })
        .await;
        log.borrow_mut().push([copied.name, other.name, "end"][2]);
        session.n
    });
    assert_eq!(made.await, 1);
    assert_eq!(log.take(), ["end", "copied", "other", "first"]);

    let made = concurrent!({
        let session = ready(Session {
            token: "t".to_owned(),
            n: 1,
        })
        .await;
        let other = ready(2).await;
        let length = ready(session.token.into_bytes()).await.len();
        other + length + session.n
    });
    assert_eq!(made.await, 4);
}

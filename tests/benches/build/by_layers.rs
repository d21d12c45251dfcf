//! Peers that join futures: a graph is a sequence of joins, and a layer waits for the whole previous layer.

use crate::graphs::{Graph, names};

/// `futures-concurrency` joins no tuples of more futures than this, only arrays, whose futures have one type.
const LARGEST_TUPLE: usize = 12;

/// With 256, `join_me_maybe::join!` compiles for minutes.
const MOST_ARMS: usize = 64;

/// Prints a join of the calls of a layer, which binds their names.
type Join = fn(&str, &[String]) -> String;

/// Each peer's name and the body of its function, without the peers that have nothing to join.
pub(crate) fn bodies(graph: &Graph) -> Vec<(&'static str, String)> {
    let peers: [(_, Join); 5] = [
        ("ByHand", |names, calls| {
            format!("let ({names}) = futures::try_join!({})?;", list(calls))
        }),
        ("Tokio", |names, calls| {
            format!("let ({names}) = tokio::try_join!({})?;", list(calls))
        }),
        ("FuturesConcurrency", |names, calls| match calls.len() {
            ..=LARGEST_TUPLE => format!("let ({names}) = ({}).try_join().await?;", list(calls)),
            _ => format!("let [{names}] = [{}].try_join().await?;", list(calls)),
        }),
        ("Enjoin", |names, calls| {
            let blocks: Vec<_> = calls
                .iter()
                .map(|call| format!("{{ {call}.await? }}"))
                .collect();
            format!("let ({names}) = enjoin::join!({});", list(&blocks))
        }),
        ("JoinMeMaybe", |names, calls| {
            let arms: Vec<_> = calls
                .iter()
                .map(|call| format!("value = {call} => value?"))
                .collect();
            format!("let ({names}) = join_me_maybe::join!({});", list(&arms))
        }),
    ];
    let layers = graph.layers();
    let widest = layers.iter().map(Vec::len).max().unwrap_or(0);
    let peers = peers.into_iter().filter(|(peer, _)| match *peer {
        "ByHand" => true,
        "JoinMeMaybe" => (2..=MOST_ARMS).contains(&widest),
        _ => widest > 1,
    });
    peers
        .map(|(peer, join)| (peer, body(graph, join)))
        .collect()
}

fn body(graph: &Graph, join: Join) -> String {
    let mut body = String::from("async {\n");
    for layer in graph.layers() {
        let calls: Vec<_> = layer
            .iter()
            .map(|&task| {
                format!(
                    "T::run({task}, {})",
                    graph.input(task, |need| format!("t{need}"))
                )
            })
            .collect();
        let names = names(layer);
        let line = match &calls[..] {
            [call] => format!("let {names} = {call}.await?;"),
            _ => join(&names, &calls),
        };
        body += &line;
        body += "\n";
    }
    body + "Ok([" + &names(0..graph.needs.len()) + "])\n}"
}

fn list(items: &[String]) -> String {
    items.join(",\n")
}

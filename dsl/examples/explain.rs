//! Prints a graph in a format of choice: `cargo run -p conjoin --features svg --example explain -- order text`.
//!
//! `tests/pictures.sh` hands what this prints to the tools that read it.

use std::process::ExitCode;

use conjoin::explain;
use conjoin::explain::Explanation;

/// Fan-out: the page of a user.
const PAGE: Explanation = explain! {
    user => db.user(id).await?,
    posts:    [user] => db.posts(user.id).await?,
    comments: [user] => db.comments(user.id).await?,
};

/// Values that are changed and taken, and tasks on a condition.
const ORDER: Explanation = explain! {
    #![error(AppError)]
    tx => pool.begin().await?,
    items: [mut tx] => tx.insert(&cart.items).await?,
    customer => crm.customer(cart.customer).await?,
    discount: [customer] if customer.is_regular() => prices.discount(customer).await?,
    total: [items, discount] => price(items, discount.as_ref()),
    paid: [customer, total] => payments.charge(customer, *total).await?,
    commit: [move tx, paid as _] => tx.commit().await?,
    receipt: [paid, commit as _] => mail.receipt(paid).await?,
};

/// Names that are words elsewhere, in two scripts, and parts that have nothing to do with each other.
const NAMES: Explanation = explain! {
    end => 1,
    r#type: [end] => end + 1,
    subgraph: [r#type, mut node] => *node += r#type,
    node => 1,
    人間 => 2,
    größe: [人間 as _] => 3,
    a_name_so_long_that_it_needs_a_wide_box_to_stand_in: [größe, move 人間] => 人間,
    click => (),
};

/// A list: a query for each item.
const LIST: Explanation = explain! {
    ids => db.ids().await?,
    #[limit(8)]
    names: [ids] for id in ids => db.name(*id).await?,
    counts: [ids] for id in ids => db.count(*id).await?,
    page: [names, counts] => render(names, counts),
};

const EMPTY: Explanation = explain! {};

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let graph = match arguments.next().as_deref() {
        Some("page") => PAGE,
        Some("order") => ORDER,
        Some("names") => NAMES,
        Some("list") => LIST,
        Some("empty") => EMPTY,
        _ => return usage(),
    };
    match arguments.next().as_deref() {
        Some("text") => print!("{graph}"),
        Some("mermaid") => print!("{}", graph.mermaid()),
        Some("dot") => print!("{}", graph.dot()),
        Some("svg") => print!("{}", graph.svg()),
        _ => return usage(),
    }
    ExitCode::SUCCESS
}

fn usage() -> ExitCode {
    eprintln!("usage: explain <page|order|names|list|empty> <text|mermaid|dot|svg>");
    ExitCode::from(2)
}

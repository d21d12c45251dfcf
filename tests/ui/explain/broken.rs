// Tokens that are no graph, and what is no future.

use conjoin::explain;
use conjoin::explain::Explanation;

const QUOTED: Explanation = explain! { a: ["b"] => 1; c };

async fn awaited() {
    let explanation: Explanation = explain!(42);
    explain! { a => explanation }.await;
}

fn main() {}

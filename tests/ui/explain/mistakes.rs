// What is wrong with a graph is wrong with it here, too.

use conjoin::explain;

fn main() {
    let _ = explain! {
        #![limt(2)]
        user => 1,
        posts: [usr] => return,
        comments: [user, user] -> 2,
        a: [b] => 1,
        b: [a] => 2,
        tx => begin(),
        one: [mut tx] => 1,
        two: [move tx] => 2,
    };
}

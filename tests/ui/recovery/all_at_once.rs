use conjoin::auto;

fn main() {
    let _ = auto! {
        user: fetch(),
        posts: ["user"] => 1,
        posts -> 2,
        comments: [psots, comments] => { return 3; },
        likes: [&shares] => 1
        shares: [likes] => 1,
    };
}

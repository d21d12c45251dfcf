use conjoin::auto;

fn main() {
    let _ = auto! {
        user,
        posts: [user] => ,
        comments: [user],
        likes: [user] => user + 1,
    };
}

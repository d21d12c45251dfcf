use conjoin::auto;

fn main() {
    let _ = auto! {
        user => {
            let id = 1;
            id + 1
        }
        posts: [user] => user + 1
        #[cfg(all())]
        comments => 3
        => (user, posts, comments)
    };
}

use conjoin::auto;

fn main() {
    let _ = auto! {
        #[cfg(any())]
        user => 1,
        posts: [user] => user + 1,
    };
}

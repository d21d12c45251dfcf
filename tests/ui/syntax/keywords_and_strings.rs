use conjoin::auto;

fn main() {
    let _ = auto! {
        type => 1,
        posts: [type] => 2,
        "a user" => 3,
        async => 4,
    };
}

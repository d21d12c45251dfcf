use conjoin::auto;

fn main() {
    let early = true;
    let _ = auto! {
        user => {
            if early {
                return 1;
            }
            2
        },
        posts: [user] => {
            let nested = || return 3;
            user + nested()
        },
    };
}

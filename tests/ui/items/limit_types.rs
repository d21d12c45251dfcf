use conjoin::auto;

fn main() {
    let _ = auto! {
        #[limit("2")]
        items for x in [1] => x,
    };
}

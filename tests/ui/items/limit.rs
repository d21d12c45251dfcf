use conjoin::auto;

fn main() {
    let _ = auto! {
        #[limit(0)]
        zero for x in [1] => x,
        #[limit]
        none for x in [1] => x,
        #[limit = 3]
        value for x in [1] => x,
        #[limit(1)]
        #[limit(2)]
        twice for x in [1] => x,
        #[limit(4)]
        no_items => 1,
        #[settle]
        settles for x in [1] => x,
    };
}

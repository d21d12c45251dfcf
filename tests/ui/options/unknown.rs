use conjoin::auto;

fn main() {
    let _ = auto! {
        #![eror(String)]
        user => 1,
    };
    let _ = auto! {
        #![error]
        user => 1,
    };
    let _ = auto! {
        #![error(String)]
        #![error(String)]
        user => 1,
        #![derive(Debug)]
        posts => 2,
    };
}

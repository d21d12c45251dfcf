use conjoin::auto;

fn main() {
    let _ = auto! { => };
    let _ = auto! { , };
    let _ = auto! { #[allow(dead_code)] };
    let _ = auto! { user: };
}

use conjoin::auto;

fn main() {
    let _ = auto! {
        user => || 1,
        posts => |a: u32, b: u32| a + b,
        comments => async move |x: u32| x,
        likes => async { 1 },
    };
}

use conjoin::auto;

fn later(n: u32) -> impl Future<Output = u32> {
    auto! { double => n * 2, => double + 1 }
}

fn main() {
    drop(later(1));
}

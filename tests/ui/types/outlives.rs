use conjoin::auto;

fn later(n: u32) -> impl Future<Output = u32> {
    auto! { double => n * 2, => double + 1 }
}

fn without_tasks(n: u32) -> impl Future<Output = u32> {
    auto! { => n * 2 }
}

fn main() {
    drop((later(1), without_tasks(2)));
}

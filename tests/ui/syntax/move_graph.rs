use conjoin::auto;

fn main() {
    let n = 1;
    let _ = auto! { move double => n * 2, => double + 1 };
}

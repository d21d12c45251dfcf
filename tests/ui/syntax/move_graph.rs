use conjoin::auto;

fn main() {
    let n = 1;
    let _ = auto! { move double => n * 2, => double + 1 };
    let _ = auto! { => move n * 2 };
    let _ = auto! { => move || n * 2 };
}

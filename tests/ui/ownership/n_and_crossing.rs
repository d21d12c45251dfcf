use conjoin::auto;

fn main() {
    // The shape of an N.
    let _ = auto! {
        a => 1,
        b => 2,
        c: [mut a] => *a += 1,
        d: [mut a, b] => *a += b,
    };
    // Two chains that cross.
    let _ = auto! {
        north_1 => String::new(),
        north_2: [mut north_1] => north_1.push('n'),
        north_3: [north_2 as _, move north_1] => north_1,
        south_1 => 1,
        south_2: [south_1] => south_1 + 1,
        south_3: [south_2, north_1] => south_2 + north_1.len(),
    };
}

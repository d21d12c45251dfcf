//! The type at the end of a condition is not the name of a task that a comma is missing before.

use conjoin::auto;

fn main() {
    let (many, few) = (10, 2_u8);
    let _ = auto! {
        a if many > few as usize => 1,
        b: [a] if a.is_some() && 3 == few as _ => 2,
        c if let 2 = few as u16 => 3,
    };
}

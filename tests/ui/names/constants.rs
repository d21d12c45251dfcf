use conjoin::auto;

#[allow(non_upper_case_globals)]
static pool: u8 = 1;
#[allow(non_upper_case_globals)]
const limit: u8 = 2;
#[allow(non_camel_case_types)]
struct mailer;

fn main() {
    let _ = auto! { pool => 1, next: [pool] => pool + 1 };
    let _ = auto! { limit => 1, next: [limit] => limit + 1 };
    let _ = auto! { mailer => 1, other => 2, next: [mailer, other] => mailer + other };
}

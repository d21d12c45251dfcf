use std::ffi::c_void;

use conjoin_adapters::ffi::{self, UserData};
use conjoin_adapters_c_library::call_wide;

use crate::wait;

#[test]
fn six_parameters_arrive_around_the_user_data() {
    let (returned, future) = call_wide(|a, b, c, _: UserData, d, e, f| {
        let all = [
            f64::from(a),
            f64::from(b),
            f64::from(c),
            f64::from(i32::try_from(d).unwrap()),
            f64::from(e),
            f,
        ];
        (Ok::<_, ()>(all), 42)
    });
    assert_eq!(returned, 42);
    assert_eq!(wait(future), Ok([1.0, 2.0, 3.0, 4.0, 5.0, 6.0]));
}

#[test]
fn user_data_stands_first_last_or_alone() {
    let (call, _future) = ffi::keyed(|_: UserData, _: u8| -> Result<(), ()> { Ok(()) });
    let _: (unsafe extern "C" fn(*mut c_void, u8), _) = call.into_raw();
    let (call, _future) = ffi::keyed(|_: u8, _: UserData| -> Result<(), ()> { Ok(()) });
    let _: (unsafe extern "C" fn(u8, *mut c_void), _) = call.into_raw();
    let (call, _future) = ffi::keyed(|_: UserData| -> Result<(), ()> { Ok(()) });
    let _: (unsafe extern "C" fn(*mut c_void), _) = call.into_raw();
}

#[test]
fn another_pointer_may_stand_beside_the_user_data() {
    let (call, _future) =
        ffi::keyed(|_: *mut c_void, _: UserData, _: *mut c_void| (Ok::<(), ()>(()), 1_u64));
    let (_, key): (
        unsafe extern "C" fn(*mut c_void, *mut c_void, *mut c_void) -> u64,
        _,
    ) = call.into_raw();
    assert!(!key.is_null());
}

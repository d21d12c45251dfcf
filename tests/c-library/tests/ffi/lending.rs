use std::sync::mpsc;

use conjoin_adapters::ffi::{self, UserData};
use conjoin_adapters_c_library::Pool;

use crate::{receive, wait};

const LENGTH: usize = 4096;

type Filled = Result<Vec<u8>, isize>;

fn filled(count: isize, buffer: UserData<Vec<u8>>) -> Filled {
    let mut buffer = buffer.into_lent();
    buffer.truncate(usize::try_from(count).map_err(|_| count)?);
    Ok(buffer)
}

#[test]
fn the_buffer_comes_back_filled() {
    let pool = Pool::new(1);
    let (call, future) = ffi::once_lending(vec![0; LENGTH], filled);
    pool.fill(call);
    assert_eq!(wait(future), Ok(vec![b'x'; LENGTH]));
}

#[test]
fn buffer_outlives_a_dropped_future() {
    let pool = Pool::new(1);
    pool.hold(true);
    let (sent, received) = mpsc::channel();
    let (call, future) = ffi::once_lending(vec![0; LENGTH], filled);
    pool.fill(call.unclaimed(move |buffer| sent.send(buffer).unwrap()));
    drop(future);
    assert_eq!(received.try_recv(), Err(mpsc::TryRecvError::Empty));
    pool.hold(false);
    assert_eq!(receive(&received), Ok(vec![b'x'; LENGTH]));
}

#[test]
fn keyed_buffer_outlives_a_dropped_future() {
    let pool = Pool::new(1);
    pool.hold(true);
    let (sent, received) = mpsc::channel();
    let (call, future) = ffi::keyed_lending(vec![0; LENGTH], filled);
    pool.fill_keyed(call.unclaimed(move |buffer| sent.send(buffer).unwrap()));
    drop(future);
    pool.hold(false);
    assert_eq!(receive(&received), Ok(vec![b'x'; LENGTH]));
}

#[test]
fn cancellation_completes_when_the_buffer_returns() {
    let pool = Pool::new(1);
    pool.hold(true);
    let (sent, received) = mpsc::channel();
    let (call, future) = ffi::keyed_lending(vec![0; LENGTH], filled);
    pool.fill_keyed(call.unclaimed(move |buffer| sent.send(buffer).unwrap()));
    let mut cancelled = Box::pin(future.cancel());
    assert!(futures::FutureExt::now_or_never(cancelled.as_mut()).is_none());
    pool.hold(false);
    wait(cancelled);
    assert_eq!(receive(&received), Ok(vec![b'x'; LENGTH]));
}

#[test]
fn lent_buffer_does_not_move_with_its_handle() {
    let (mut call, _future) =
        ffi::once_lending([0_u8; 64], |_: UserData<[u8; 64]>| -> Result<(), ()> {
            Ok(())
        });
    let before = call.lent().as_ptr();
    let mut moved = Box::new(call);
    assert_eq!(moved.lent().as_ptr(), before);
}

#[test]
fn a_refused_callback_gives_back_what_was_lent() {
    let (call, future) = ffi::once_lending(vec![1, 2], |_: UserData<Vec<u8>>| -> Result<(), i32> {
        Ok(())
    });
    assert_eq!(call.register(|_, _| Err::<(), _>(5)), Err(vec![1, 2]));
    assert_eq!(wait(future).unwrap_err().rejection(), Some(5));

    let (call, future) =
        ffi::keyed_lending(vec![1, 2], |_: UserData<Vec<u8>>| -> Result<(), i32> {
            Ok(())
        });
    assert_eq!(call.register(|_, _| Err::<(), _>(5)), Err(Some(vec![1, 2])));
    assert_eq!(wait(future).unwrap_err().rejection(), Some(5));
}

//! Tasks in static storage, a flag for each that is to be polled, and raw wakers that set it.

use core::cell::UnsafeCell;
use core::mem::{MaybeUninit, align_of, size_of};
use core::pin::Pin;
use core::sync::atomic::{AtomicBool, Ordering};
use core::task::{Context, Poll, RawWaker, RawWakerVTable, Waker};

use crate::timer;

/// Room for one future of up to `SIZE` bytes, for the whole run of the program.
#[repr(align(16))]
pub(crate) struct Storage<const SIZE: usize> {
    room: UnsafeCell<MaybeUninit<[u8; SIZE]>>,
    is_taken: AtomicBool,
    is_woken: AtomicBool,
}

// SAFETY: only who takes the storage reaches the room, and it is taken once.
unsafe impl<const SIZE: usize> Sync for Storage<SIZE> {}

impl<const SIZE: usize> Storage<SIZE> {
    pub(crate) const fn new() -> Self {
        Storage {
            room: UnsafeCell::new(MaybeUninit::uninit()),
            is_taken: AtomicBool::new(false),
            is_woken: AtomicBool::new(false),
        }
    }

    /// Moves a future there, for good.
    fn hold<F: Future<Output = ()> + 'static>(&'static self, future: F) -> Pin<&'static mut F> {
        assert!(size_of::<F>() <= SIZE && align_of::<F>() <= 16);
        assert!(!self.is_taken.swap(true, Ordering::AcqRel));
        let place = self.room.get().cast::<F>();
        // SAFETY: the room is large enough, aligned, and nobody else's. It is never moved.
        unsafe {
            place.write(future);
            Pin::new_unchecked(&mut *place)
        }
    }
}

pub(crate) struct Executor {
    tasks: [Option<Task>; 2],
}

struct Task {
    future: Pin<&'static mut dyn Future<Output = ()>>,
    is_woken: &'static AtomicBool,
}

impl Executor {
    pub(crate) fn new() -> Self {
        Executor {
            tasks: [None, None],
        }
    }

    pub(crate) fn spawn<const SIZE: usize>(
        &mut self,
        storage: &'static Storage<SIZE>,
        future: impl Future<Output = ()> + 'static,
    ) {
        let future = storage.hold(future);
        storage.is_woken.store(true, Ordering::Release);
        let free = self.tasks.iter_mut().find(|task| task.is_none());
        *free.expect("there is room for a task") = Some(Task {
            future,
            is_woken: &storage.is_woken,
        });
    }

    /// Runs until all tasks have ended.
    pub(crate) fn run(&mut self) {
        while self.tasks.iter().any(Option::is_some) {
            let mut is_idle = true;
            for place in &mut self.tasks {
                let Some(task) = place else { continue };
                if task.is_woken.swap(false, Ordering::AcqRel) {
                    is_idle = false;
                    let waker = waker(task.is_woken);
                    if task.future.as_mut().poll(&mut Context::from_waker(&waker))
                        == Poll::Ready(())
                    {
                        *place = None;
                    }
                }
            }
            if is_idle {
                // The processor sleeps until this.
                timer::interrupt();
            }
        }
    }
}

/// A waker that sets a flag.
fn waker(flag: &'static AtomicBool) -> Waker {
    static VTABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake, |_| {});

    fn clone(flag: *const ()) -> RawWaker {
        RawWaker::new(flag, &VTABLE)
    }

    fn wake(flag: *const ()) {
        // SAFETY: the pointer is that of a flag that lives as long as the program.
        unsafe { &*flag.cast::<AtomicBool>() }.store(true, Ordering::Release);
    }

    let flag: *const AtomicBool = flag;
    // SAFETY: the functions keep to what is asked of them for a pointer to a flag.
    unsafe { Waker::from_raw(RawWaker::new(flag.cast(), &VTABLE)) }
}

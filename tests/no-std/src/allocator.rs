//! An allocator that never frees.

use core::alloc::{GlobalAlloc, Layout};
use core::cell::UnsafeCell;
use core::ptr;
use core::sync::atomic::{AtomicUsize, Ordering};

const SIZE: usize = 64 * 1024;

#[repr(align(64))]
struct Arena {
    room: UnsafeCell<[u8; SIZE]>,
    used: AtomicUsize,
}

// SAFETY: each part of the room is given away once.
unsafe impl Sync for Arena {}

// SAFETY: what it gives away is within the room, aligned as asked for, and nobody else's.
unsafe impl GlobalAlloc for Arena {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let size = layout.size().next_multiple_of(64);
        let start = self.used.fetch_add(size, Ordering::Relaxed);
        if layout.align() > 64 || start + size > SIZE {
            return ptr::null_mut();
        }
        self.room.get().cast::<u8>().wrapping_add(start)
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
}

#[global_allocator]
static ARENA: Arena = Arena {
    room: UnsafeCell::new([0; SIZE]),
    used: AtomicUsize::new(0),
};

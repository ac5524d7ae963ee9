//! An allocator that hands out memory in order and takes back only the newest block.
//!
//! Right because an instance lives for one call, and fast because that call then
//! asks the host for memory only when the arena is used up. The arena is part of
//! the module's own zeroed memory, so no linker flag is needed.
#![allow(unsafe_code, reason = "an allocator hands out raw memory; the module has one thread")]

use std::alloc::{GlobalAlloc, Layout};
use std::arch::wasm32;
use std::cell::{Cell, UnsafeCell};
use std::mem::MaybeUninit;
use std::ptr;

/// Enough for a check of a document of some 100 KiB, in bytes.
const ARENA: usize = 512 * 1024;
/// What more is asked of the host at a time, in bytes, unless a block is larger.
const GROWTH: usize = 1024 * 1024;
const PAGE: usize = 64 * 1024;

#[global_allocator]
static BUMP: Bump = Bump { newest: Cell::new(0), next: Cell::new(0), end: Cell::new(0) };

struct Arena(UnsafeCell<MaybeUninit<[u8; ARENA]>>);

// SAFETY: the module has one thread.
unsafe impl Sync for Arena {}

static MEMORY: Arena = Arena(UnsafeCell::new(MaybeUninit::uninit()));

/// All three are addresses; nothing was handed out yet while `end` is 0.
struct Bump {
    newest: Cell<usize>,
    next: Cell<usize>,
    end: Cell<usize>,
}

// SAFETY: the module has one thread.
unsafe impl Sync for Bump {}

impl Bump {
    /// Makes room for `size` bytes more, or says that there is none.
    fn grow(&self, size: usize) -> bool {
        if self.end.get() == 0 {
            let start = MEMORY.0.get() as usize;
            self.next.set(start);
            self.end.set(start + ARENA);
            return true;
        }
        let Some(size) = size.max(GROWTH).checked_next_multiple_of(PAGE) else { return false };
        let pages = wasm32::memory_grow(0, size / PAGE);
        if pages == usize::MAX {
            return false;
        }
        let start = pages * PAGE;
        if start != self.end.get() {
            self.next.set(start);
        }
        // The last page of the address space ends just past `usize::MAX`.
        self.end.set(start.saturating_add(size));
        true
    }
}

// SAFETY: blocks never overlap, because each starts at or after the end of the
// last one, and they lie in the arena or in pages that only this allocator asked for.
unsafe impl GlobalAlloc for Bump {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        loop {
            let Some(start) = self.next.get().checked_next_multiple_of(layout.align()) else {
                return ptr::null_mut();
            };
            match start.checked_add(layout.size()) {
                Some(end) if end <= self.end.get() => {
                    self.newest.set(start);
                    self.next.set(end);
                    return start as *mut u8;
                }
                _ if self.grow(layout.size().saturating_add(layout.align())) => {}
                _ => return ptr::null_mut(),
            }
        }
    }

    unsafe fn dealloc(&self, block: *mut u8, _: Layout) {
        if block as usize == self.newest.get() {
            self.next.set(self.newest.get());
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let start = block as usize;
        let end = start.checked_add(size);
        if start == self.newest.get() && end.is_some_and(|end| end <= self.end.get()) {
            self.next.set(start + size);
            return block;
        }
        if size <= layout.size() {
            return block;
        }
        // SAFETY: the caller vouches for `size` and for the block; the new block is
        // larger and cannot overlap the old one.
        unsafe {
            let moved = self.alloc(Layout::from_size_align_unchecked(size, layout.align()));
            if !moved.is_null() {
                ptr::copy_nonoverlapping(block, moved, layout.size());
            }
            moved
        }
    }
}

//! An allocator that cuts blocks off in order and keeps those that come back, by
//! size, for the next that asks.
//!
//! An instance lives for one call, so nothing is ever merged or given back to the
//! host; but one call may judge thousands of documents, so what one document no
//! longer needs serves the next. The first blocks come from an arena inside the
//! module's own zeroed memory: a usual call never asks the host for memory, which
//! is what makes threads of one process wait for each other, and no linker flag is
//! needed.
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
/// Every block is a power of two of at least this many bytes, and so aligned.
const SMALLEST: usize = 16;
const CLASSES: usize = usize::BITS as usize;

#[global_allocator]
static BLOCKS: Blocks = Blocks {
    free: [const { Cell::new(ptr::null_mut()) }; CLASSES],
    next: Cell::new(0),
    end: Cell::new(0),
};

/// A block that came back: the one before it that did, of the same size.
struct Free {
    before: *mut Free,
}

struct Blocks {
    /// The newest block of each size that came back; block sizes are `1 << index`.
    free: [Cell<*mut Free>; CLASSES],
    /// The address of the first byte that was never handed out.
    next: Cell<usize>,
    /// The address past the last byte that may be; 0 before the first block.
    end: Cell<usize>,
}

// SAFETY: the module has one thread.
unsafe impl Sync for Blocks {}

struct Arena(UnsafeCell<MaybeUninit<[u8; ARENA]>>);

// SAFETY: the module has one thread.
unsafe impl Sync for Arena {}

static MEMORY: Arena = Arena(UnsafeCell::new(MaybeUninit::uninit()));

/// The size of the block for a request, if there can be one.
fn block_size(size: usize) -> Option<usize> {
    size.max(SMALLEST).checked_next_power_of_two()
}

impl Blocks {
    fn free_list(&self, size: usize) -> Option<&Cell<*mut Free>> {
        self.free.get(size.trailing_zeros() as usize)
    }

    /// A block that was never handed out; null when the host has no memory left.
    fn cut(&self, size: usize, align: usize) -> *mut u8 {
        loop {
            let start = self.next.get().checked_next_multiple_of(align);
            let block = start.and_then(|start| Some((start, start.checked_add(size)?)));
            match block {
                Some((start, end)) if end <= self.end.get() => {
                    self.next.set(end);
                    return start as *mut u8;
                }
                _ if self.grow(size.saturating_add(align)) => {}
                _ => return ptr::null_mut(),
            }
        }
    }

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

// SAFETY: a block is either cut off once, beyond all others, from memory that only
// this allocator uses, or it came back and is in exactly one list, which it leaves
// when it is handed out again. It is at least as large as asked for, and starts at
// a multiple of `SMALLEST`, or of a larger alignment if that was asked for.
unsafe impl GlobalAlloc for Blocks {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let Some(size) = block_size(layout.size()) else { return ptr::null_mut() };
        if layout.align() > SMALLEST {
            return self.cut(size, layout.align());
        }
        let Some(list) = self.free_list(size) else { return ptr::null_mut() };
        let block = list.get();
        if block.is_null() {
            return self.cut(size, SMALLEST);
        }
        // SAFETY: what is in a list was written by `dealloc` and not handed out since.
        list.set(unsafe { (*block).before });
        block.cast()
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        let list = block_size(layout.size()).and_then(|size| self.free_list(size));
        let Some(list) = list else { return };
        let block = block.cast::<Free>();
        // SAFETY: the block is the caller's, has at least `SMALLEST` bytes and is aligned.
        unsafe { block.write(Free { before: list.get() }) };
        list.set(block);
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let has = block_size(layout.size()).unwrap_or(0);
        if size <= has && block_size(size) == Some(has) {
            return block;
        }
        // SAFETY: the caller vouches for `size` and for the block, which holds at
        // least as many bytes as are copied; the new block cannot overlap it.
        unsafe {
            let moved = self.alloc(Layout::from_size_align_unchecked(size, layout.align()));
            if !moved.is_null() {
                ptr::copy_nonoverlapping(block, moved, size.min(layout.size()));
                self.dealloc(block, layout);
            }
            moved
        }
    }
}

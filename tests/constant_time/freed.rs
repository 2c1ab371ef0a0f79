//! An allocator that looks at memory before it is freed: whether it still holds what should have been wiped.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    slice,
};

/// How many bytes are looked for: the text of a secret, and the two SHA-256 states of a key.
pub(crate) const LENGTH: usize = 64;

/// What must not be in freed memory.
#[derive(Clone, Copy)]
enum Wanted {
    These([u8; LENGTH]),
    /// As many hexadecimal digits: a secret that is not known before it is made.
    AnyDigits,
}

impl Wanted {
    fn is(self, bytes: &[u8]) -> bool {
        match self {
            Self::These(wanted) => bytes == wanted,
            Self::AnyDigits => bytes.iter().all(u8::is_ascii_hexdigit),
        }
    }
}

#[derive(Clone, Copy)]
struct Watch {
    wanted: Wanted,
    /// In how many freed blocks it was.
    found: usize,
    /// The last block of [`KEY_BLOCK`] bytes that was allocated.
    key_block: *mut u8,
}

/// A reference count of strong and of weak pointers, and the key: what `Arc<MacKey>` allocates.
const KEY_BLOCK: usize = 2 * size_of::<usize>() + LENGTH;

thread_local! {
    static WATCH: Cell<Option<Watch>> = const { Cell::new(None) };
}

struct Watching;

#[global_allocator]
static ALLOCATOR: Watching = Watching;

// SAFETY: `System` does the work.
unsafe impl GlobalAlloc for Watching {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the promises of `alloc`.
        let block = unsafe { System.alloc(layout) };
        if layout.size() == KEY_BLOCK
            && let Some(watch) = WATCH.get()
        {
            WATCH.set(Some(Watch { key_block: block, ..watch }));
        }
        block
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if let Some(watch) = WATCH.get() {
            // SAFETY: the block is allocated until the call below. Bytes that were never written are read as
            // whatever they are: this is a test's way to see what another reader of this memory would see.
            let bytes = unsafe { slice::from_raw_parts(block, layout.size()) };
            if bytes.windows(LENGTH).any(|window| watch.wanted.is(window)) {
                WATCH.set(Some(Watch { found: watch.found + 1, ..watch }));
            }
        }
        // SAFETY: the caller keeps the promises of `dealloc`.
        unsafe { System.dealloc(block, layout) }
    }
}

/// Runs `body` and returns how many blocks it freed that held `wanted`.
pub(crate) fn holding(wanted: [u8; LENGTH], body: impl FnOnce()) -> usize {
    count(Wanted::These(wanted), body)
}

/// Runs `body` and returns how many blocks it freed that held as many hexadecimal digits as a secret has.
pub(crate) fn holding_any_digits(body: impl FnOnce()) -> usize {
    count(Wanted::AnyDigits, body)
}

fn count(wanted: Wanted, body: impl FnOnce()) -> usize {
    WATCH.set(Some(Watch { wanted, found: 0, key_block: std::ptr::null_mut() }));
    body();
    WATCH.take().map_or(0, |watch| watch.found)
}

/// Makes something that owns one key, and returns it with the key's 64 bytes.
pub(crate) fn with_its_key<T>(make: impl FnOnce() -> T) -> (T, [u8; LENGTH]) {
    WATCH.set(Some(Watch {
        wanted: Wanted::These([0xff; LENGTH]),
        found: 0,
        key_block: std::ptr::null_mut(),
    }));
    let owner = make();
    let block = WATCH.take().map_or(std::ptr::null_mut(), |watch| watch.key_block);
    assert!(!block.is_null(), "no block of {KEY_BLOCK} bytes was allocated: does a key look different now?");
    let mut key = [0; LENGTH];
    // SAFETY: `owner` keeps the block, whose last bytes are the key's.
    unsafe { block.add(KEY_BLOCK - LENGTH).copy_to_nonoverlapping(key.as_mut_ptr(), LENGTH) };
    (owner, key)
}

//! What is left of one request for the next. /count counts in a static (always 1 when requests do not see each other),
//! /write?mb=N leaves a pattern all over N megabytes of heap, the stack and a static, /scan looks for it in all of the
//! memory and answers `hits N pages M` (0 in a fresh state), /scan?write=1 does both, /grow?pages=N answers with the pages
//! before, /env changes the environment and answers with what it found, /time with the monotonic clock as the instance
//! first saw it and now.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use std::sync::OnceLock;
use support::{answer, Target};
use wasi::clocks::monotonic_clock;
use wasi::http::types::*;

struct State;

static COUNT: AtomicU32 = AtomicU32::new(0);
static FIRST_SEEN: OnceLock<u64> = OnceLock::new();
static PLACE: [AtomicU64; 1024] = [const { AtomicU64::new(0) }; 1024];

/// The pattern with every bit turned, so that it stands nowhere in the program and `scan` never holds it itself.
const INVERTED: u64 = !u64::from_le_bytes(*b"secret-9");

fn pattern() -> u64 {
    !std::hint::black_box(INVERTED)
}

#[inline(never)]
fn on_stack() -> u8 {
    let mut frame = [pattern(); 512];
    std::hint::black_box(&mut frame);
    frame[7] as u8
}

fn write(megabytes: u64) -> String {
    let heap = vec![pattern(); (megabytes << 17) as usize];
    std::mem::forget(std::hint::black_box(heap));
    for place in &PLACE {
        place.store(pattern(), Relaxed);
    }
    on_stack();
    "written".to_string()
}

fn scan() -> String {
    let pages = core::arch::wasm32::memory_size(0);
    // Address 0 is no valid pointer for Rust; nothing of interest lies there.
    let hits = (1..pages * 8192).filter(|at| unsafe { std::ptr::read_volatile((at * 8) as *const u64) } ^ std::hint::black_box(INVERTED) == u64::MAX);
    format!("hits {} pages {pages}", hits.count())
}

impl wasi::exports::http::incoming_handler::Guest for State {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let target = Target::of(&request);
        if target.get("write").is_some() {
            write(target.number("write", 1));
        }
        let text = match target.path.as_str() {
            "/write" => write(target.number("mb", 1)),
            "/scan" => scan(),
            "/grow" => format!("{}", core::arch::wasm32::memory_grow(0, target.number("pages", 1) as usize) as isize),
            "/env" => {
                let found = std::env::var("LEFT_BEHIND");
                std::env::set_var("LEFT_BEHIND", "yes");
                format!("{found:?}")
            }
            "/time" => {
                let first = *FIRST_SEEN.get_or_init(monotonic_clock::now);
                format!("{} {}", first, monotonic_clock::now())
            }
            _ => format!("{}", COUNT.fetch_add(1, Relaxed) + 1),
        };
        answer(out, 200, &format!("{text}\n"));
    }
}

wasi::http::proxy::export!(State);

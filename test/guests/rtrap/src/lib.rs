//! Fails the way the path says: /panic /unreachable /memory (out of bounds) /stack (endless recursion) /table
//! (call through a null function pointer) /oom (allocates until it cannot) /loop (for ever) /exit0 /exit1.
//! /after/<way> sets the response and writes `first part` before it fails; anything else answers `ok`.

use std::hint::black_box;
use support::{begin, write_all, Target};
use wasi::http::types::*;

struct Trap;

#[inline(never)]
#[allow(unconditional_recursion)]
fn deeper(depth: u64) -> u64 {
    let frame = black_box([depth; 32]);
    black_box(deeper(depth + 1)) + frame[(depth % 32) as usize]
}

#[allow(clippy::empty_loop)]
fn fail(way: &str) {
    match way {
        "panic" => panic!("the guest was told to panic"),
        "unreachable" => core::arch::wasm32::unreachable(),
        "memory" => unsafe {
            black_box(core::ptr::read_volatile(black_box(0xffff_fff0usize) as *const u64));
        },
        "stack" => {
            black_box(deeper(0));
        }
        "table" => unsafe {
            let nowhere: fn() = core::mem::transmute(black_box(0xffff_usize));
            nowhere();
        },
        "oom" => {
            let mut hoard = Vec::new();
            loop {
                hoard.push(black_box(vec![1u8; 16 << 20]));
            }
        }
        "loop" => loop {
            black_box(());
        },
        "exit0" => std::process::exit(0),
        "exit1" => std::process::exit(1),
        _ => {}
    }
}

impl wasi::exports::http::incoming_handler::Guest for Trap {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let path = Target::of(&request).path;
        if let Some(way) = path.strip_prefix("/after/") {
            let body = begin(out, 200, &[]);
            let stream = body.write().unwrap();
            let _ = write_all(&stream, b"first part\n");
            fail(way);
            return;
        }
        fail(&path[1..]);
        support::answer(out, 200, "ok\n");
    }
}

wasi::http::proxy::export!(Trap);

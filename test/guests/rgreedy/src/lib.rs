//! Takes as much of one thing as it gets, keeps all of it, and answers with how much that was and why no more:
//! /handles /files?path=P /listings /readers?path=P /memory (pages). What cannot refuse takes `n`: /timers?n=N polls N timers
//! at once, /bodies?n=N writes two megabytes into each of N responses that are never sent, /fields?n=N makes N field lists
//! of 100 kB, /print?n=N writes N kilobytes to stdout. /random asks for all random bytes there are, /recurse recurses
//! without touching memory. All but the last two answer when they are let.

use std::hint::black_box;
use support::{answer, Target};
use wasi::cli::stdout::get_stdout;
use wasi::clocks::monotonic_clock::subscribe_duration;
use wasi::filesystem::preopens::get_directories;
use wasi::filesystem::types::{Descriptor, DescriptorFlags, ErrorCode, OpenFlags, PathFlags};
use wasi::http::types::{Fields, IncomingRequest, OutgoingResponse, ResponseOutparam};
use wasi::io::poll::{poll, Pollable};

struct Greedy;

/// `N things, then ERROR`.
fn until_refused<T>(mut ask: impl FnMut() -> Result<T, ErrorCode>) -> String {
    let mut kept = Vec::new();
    loop {
        match ask() {
            Ok(thing) => kept.push(thing),
            Err(code) => return format!("{}, then {}", kept.len(), code.name()),
        }
    }
}

fn open(root: &Descriptor, path: &str) -> Result<Descriptor, ErrorCode> {
    root.open_at(PathFlags::empty(), path, OpenFlags::empty(), DescriptorFlags::READ)
}

fn on_files(target: &Target) -> String {
    let (root, _) = get_directories().into_iter().next().expect("a mount");
    let path = target.get("path").unwrap_or_default();
    match target.path.as_str() {
        "/files" => until_refused(|| open(&root, &path)),
        "/listings" => until_refused(|| root.read_directory()),
        _ => {
            let file = open(&root, &path).expect("the file");
            until_refused(|| file.read_via_stream(0))
        }
    }
}

fn handles() -> String {
    let mut kept = Vec::new();
    loop {
        kept.push(Fields::new());
        black_box(&kept);
    }
}

fn memory() -> String {
    let mut pages = core::arch::wasm32::memory_size(0);
    while core::arch::wasm32::memory_grow(0, 1) != usize::MAX {
        pages += 1;
    }
    format!("{pages} pages")
}

fn timers(n: u64) -> String {
    let kept: Vec<Pollable> = (0..n).map(|at| subscribe_duration(1_000_000 + at * 1_000)).collect();
    let ready = poll(&kept.iter().collect::<Vec<_>>());
    format!("{} polled, some ready: {}", kept.len(), !ready.is_empty())
}

fn bodies(n: u64) -> String {
    let chunk = vec![b'x'; 1 << 20];
    let mut kept = Vec::new();
    let mut taken = 0;
    for _ in 0..n {
        let response = OutgoingResponse::new(Fields::new());
        let body = response.body().unwrap();
        let stream = body.write().unwrap();
        while stream.check_write().unwrap_or(0) >= chunk.len() as u64 {
            stream.write(&chunk).unwrap();
            taken += 1;
        }
        kept.push((stream, body, response));
    }
    format!("{taken} megabytes")
}

fn fields(n: u64) -> String {
    let value = vec![b'v'; 1000];
    let list: Vec<(String, Vec<u8>)> = (0..100).map(|at| (format!("x-{at}"), value.clone())).collect();
    let kept: Vec<Fields> = (0..n).map(|_| Fields::from_list(&list).unwrap()).collect();
    format!("{} lists", kept.len())
}

fn print(kilobytes: u64) -> String {
    let stream = get_stdout();
    let line = [b'p'; 1024];
    for _ in 0..kilobytes {
        stream.blocking_write_and_flush(&line).unwrap();
    }
    format!("{kilobytes} kB")
}

/// Through a pointer, so that it stays a call; with nothing to keep in memory.
#[inline(never)]
fn deeper(depth: u32, next: fn(u32) -> u32) -> u32 {
    next(depth.wrapping_add(1)).wrapping_mul(31)
}

fn recurse(depth: u32) -> u32 {
    deeper(depth, black_box(recurse)) ^ depth
}

impl wasi::exports::http::incoming_handler::Guest for Greedy {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let target = Target::of(&request);
        let n = target.number("n", 1);
        let text = match target.path.as_str() {
            "/files" | "/listings" | "/readers" => on_files(&target),
            "/handles" => handles(),
            "/memory" => memory(),
            "/timers" => timers(n),
            "/bodies" => bodies(n),
            "/fields" => fields(n),
            "/print" => print(n),
            "/random" => format!("{} bytes", wasi::random::random::get_random_bytes(u64::MAX).len()),
            "/recurse" => format!("{}", recurse(0)),
            _ => "ok".to_string(),
        };
        answer(out, 200, &format!("{text}\n"));
    }
}

wasi::http::proxy::export!(Greedy);

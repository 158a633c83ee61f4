//! A CGI program, told what to do by the pairs of its query, in order: `raw=TEXT` prints it (percent-decoded), `head`
//! prints the head of a text response, `x=N` prints N bytes, `lines=N` N header lines of 1,000 bytes; `echo` copies the
//! input to the output, `read=N` reads N bytes and prints how many came; `wait=MS` sleeps, `err=TEXT` writes to stderr,
//! `count` prints how often this instance has counted; `exit=CODE`, `panic`, `loop` and `hog` (all memory) end it.

use std::io::{copy, stderr, stdin, stdout, Read, Write};
use std::sync::atomic::{AtomicU32, Ordering};

static COUNT: AtomicU32 = AtomicU32::new(0);

fn decoded(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut out = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let code = (bytes[at] == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        match code.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    out
}

fn print(bytes: &[u8]) {
    let mut out = stdout().lock();
    // A client that has left is no reason to panic.
    if out.write_all(bytes).and_then(|()| out.flush()).is_err() {
        std::process::exit(7);
    }
}

fn main() {
    let query = std::env::var("QUERY_STRING").unwrap_or_default();
    for pair in query.split('&') {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let number: usize = value.parse().unwrap_or(0);
        match name {
            "raw" => print(&decoded(value)),
            "head" => print(b"content-type: text/plain\n\n"),
            "x" => {
                let piece = [b'x'; 65_536];
                let mut left = number;
                while left > 0 {
                    let size = left.min(piece.len());
                    print(&piece[..size]);
                    left -= size;
                }
            }
            "lines" => (0..number).for_each(|n| print(format!("x-{n:06}: {}\n", "h".repeat(989)).as_bytes())),
            "echo" => {
                copy(&mut stdin().lock(), &mut stdout().lock()).unwrap();
            }
            "read" => {
                let mut piece = vec![0; number];
                let read = stdin().lock().read_exact(&mut piece).map(|()| number);
                print(format!("read {read:?}\n").as_bytes());
            }
            "wait" => std::thread::sleep(std::time::Duration::from_millis(number as u64)),
            "err" => stderr().write_all(&decoded(value)).unwrap(),
            "count" => print(format!("count {}\n", COUNT.fetch_add(1, Ordering::Relaxed) + 1).as_bytes()),
            "exit" => std::process::exit(number as i32),
            "panic" => panic!("the guest was told to panic"),
            "loop" => loop {
                COUNT.fetch_add(1, Ordering::Relaxed);
            },
            "hog" => {
                let mut all: Vec<Vec<u8>> = Vec::new();
                loop {
                    all.push(vec![1; 1 << 20]);
                }
            }
            _ => {}
        }
    }
}

//! The request and its body, seen from the guest.

use crate::Case;
use support::read_all;
use wasi::http::types::*;
use wasi::io::streams::StreamError;

fn kind<T>(result: &Result<T, StreamError>) -> &'static str {
    match result {
        Ok(_) => "ok",
        Err(StreamError::Closed) => "closed",
        Err(StreamError::LastOperationFailed(_)) => "failed",
    }
}

pub fn run(name: &str, case: &mut Case) -> Option<String> {
    let request = &case.request;
    let consume = || request.consume().unwrap();
    Some(match name {
        "consume-twice" => {
            let first = request.consume();
            format!("{} {}", first.is_ok(), request.consume().is_ok())
        }
        "stream-twice" => {
            let body = consume();
            let first = body.stream();
            format!("{} {}", first.is_ok(), body.stream().is_ok())
        }
        // The first 3 bytes are skipped, the rest is the answer.
        "skip" => {
            let body = consume();
            let stream = body.stream().unwrap();
            let skipped = stream.blocking_skip(3).unwrap();
            let rest = stream.blocking_read(1000).unwrap_or_default();
            format!("{skipped} {}", String::from_utf8_lossy(&rest))
        }
        "read-zero" => {
            let body = consume();
            let stream = body.stream().unwrap();
            format!("{} {}", kind(&stream.read(0)), kind(&stream.blocking_read(0)))
        }
        "read-after-end" => {
            let body = consume();
            let stream = body.stream().unwrap();
            while stream.blocking_read(65536).is_ok() {}
            let after = [stream.read(1), stream.blocking_read(1)];
            format!("{} {} {}", kind(&after[0]), kind(&after[1]), stream.subscribe().ready())
        }
        // Sizes of the pieces in which the host hands out the body.
        "pieces" => {
            let body = consume();
            let stream = body.stream().unwrap();
            let mut sizes = Vec::new();
            while let Ok(piece) = stream.blocking_read(case.target.number("read", 1 << 20)) {
                sizes.push(piece.len().to_string());
            }
            sizes.join(" ")
        }
        "trailers-twice" => {
            let body = consume();
            let _ = body.stream().map(|s| while s.blocking_read(65536).is_ok() {});
            let future = IncomingBody::finish(body);
            future.subscribe().block();
            let first = future.get().map(|r| r.map(|r| r.map(|f| f.is_some())));
            format!("{first:?} {:?}", future.get().map(|r| r.is_ok()))
        }
        // Finished without reading: the host has to throw the body away.
        "trailers-unread" => {
            let future = IncomingBody::finish(consume());
            future.subscribe().block();
            format!("{:?}", future.get().map(|r| r.map(|r| r.map(|f| f.is_some()))))
        }
        "drop-body-unread" => {
            drop(consume());
            "dropped".to_string()
        }
        "trap-drop-body-with-stream" => {
            let body = consume();
            let _stream = body.stream().unwrap();
            drop(body);
            "no trap".to_string()
        }
        "trap-finish-body-with-stream" => {
            let body = consume();
            let _stream = body.stream().unwrap();
            let _future = IncomingBody::finish(body);
            "no trap".to_string()
        }
        "trap-drop-stream-with-pollable" => {
            let body = consume();
            let stream = body.stream().unwrap();
            let _ready = stream.subscribe();
            drop(stream);
            "no trap".to_string()
        }
        // Handle numbers as the guest sees them: each table starts at 1 and reuses what was given back.
        "handles" => {
            let one = Fields::new();
            let two = Fields::new();
            let (a, b) = (one.handle(), two.handle());
            drop(one);
            let three = Fields::new();
            format!("request {} fields {a} {b} {}", request.handle(), three.handle())
        }
        "body-error" => match read_all(consume()) {
            Ok(bytes) => format!("{} bytes", bytes.len()),
            Err(e) => e,
        },
        _ => return None,
    })
}

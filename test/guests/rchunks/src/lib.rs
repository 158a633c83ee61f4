//! Answers with `count` chunks of `size` bytes (16 x 65536 unless told) and sleeps `ms` milliseconds before each.
//! Chunk N is filled with the letter N counted from `a`, so a test can tell them apart.
//! `?length` declares the content length, `?before=ms` sleeps before the response is set, `?flush` flushes each chunk.

use support::{begin, push, sleep, Target};
use wasi::http::types::*;
use wasi::io::streams::{OutputStream, StreamError};

struct Chunks;

fn send(stream: &OutputStream, target: &Target) -> Result<(), StreamError> {
    let (size, pause) = (target.number("size", 65536), target.number("ms", 0));
    for n in 0..target.number("count", 16) {
        sleep(pause);
        push(stream, &vec![b'a' + (n % 26) as u8; size as usize])?;
        if target.get("flush").is_some() {
            stream.blocking_flush()?;
        }
    }
    Ok(())
}

impl wasi::exports::http::incoming_handler::Guest for Chunks {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let target = Target::of(&request);
        sleep(target.number("before", 0));
        let total = target.number("count", 16) * target.number("size", 65536);
        let length = target.get("length").map(|_| total.to_string());
        let mut headers = vec![("content-type", "text/plain")];
        if let Some(length) = &length {
            headers.push(("content-length", length));
        }
        let body = begin(out, 200, &headers);
        let stream = body.write().unwrap();
        let sent = send(&stream, &target);
        drop(stream);
        match sent {
            Ok(()) => OutgoingBody::finish(body, None).unwrap(),
            Err(e) => eprintln!("the reader went away: {e:?}"),
        }
    }
}

wasi::http::proxy::export!(Chunks);

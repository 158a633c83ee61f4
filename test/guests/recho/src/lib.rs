//! Streams the request body back as it comes, then the trailers. Other ways by query:
//! `?buffer` reads all of it first and declares the length, `?splice` lets the host move the bytes,
//! `?read=N` asks for at most N bytes at a time, `?blocking` writes with the blocking calls, `?ignore` answers without reading.

use support::{begin, push, read_all, write_all, Target};
use wasi::http::types::*;
use wasi::io::streams::{InputStream, OutputStream, StreamError};

struct Echo;

fn copy(from: &InputStream, to: &OutputStream, target: &Target) -> Result<(), StreamError> {
    let size = target.number("read", 65536);
    let (splice, blocking) = (target.get("splice").is_some(), target.get("blocking").is_some());
    loop {
        if splice {
            to.blocking_splice(from, size)?;
            continue;
        }
        let chunk = from.blocking_read(size)?;
        if blocking {
            write_all(to, &chunk)?;
        } else {
            push(to, &chunk)?;
        }
    }
}

fn echo_whole(request: IncomingRequest, out: ResponseOutparam) {
    match request.consume().map_err(|()| "taken".to_string()).and_then(read_all) {
        Err(e) => support::answer(out, 400, &format!("{e}\n")),
        Ok(bytes) => {
            let body = begin(out, 200, &[("content-length", &bytes.len().to_string())]);
            let stream = body.write().unwrap();
            let written = push(&stream, &bytes);
            drop(stream);
            if written.is_ok() {
                let _ = OutgoingBody::finish(body, None);
            }
        }
    }
}

impl wasi::exports::http::incoming_handler::Guest for Echo {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let target = Target::of(&request);
        if target.get("ignore").is_some() {
            return support::answer(out, 200, "ignored\n");
        }
        if target.get("buffer").is_some() {
            return echo_whole(request, out);
        }
        let kind = request.headers().get("content-type").pop().unwrap_or_default();
        let incoming = request.consume().unwrap();
        let from = incoming.stream().unwrap();
        let headers = [("content-type", std::str::from_utf8(&kind).unwrap_or_default())];
        let body = begin(out, 200, if kind.is_empty() { &[] } else { &headers });
        let to = body.write().unwrap();
        let end = copy(&from, &to, &target);
        drop((from, to));
        if let Err(StreamError::LastOperationFailed(e)) = end {
            return eprintln!("echo broke off: {:?}", http_error_code(&e));
        }
        let future = IncomingBody::finish(incoming);
        future.subscribe().block();
        let trailers = match future.get() {
            Some(Ok(Ok(Some(fields)))) => Some(fields.clone()),
            _ => None,
        };
        let _ = OutgoingBody::finish(body, trailers);
    }
}

wasi::http::proxy::export!(Echo);

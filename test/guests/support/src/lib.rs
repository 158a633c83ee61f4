//! What the guests share: query lookup and short ways to answer. Never anything a test wants to see in a guest itself.

use wasi::http::types::*;
use wasi::io::streams::{OutputStream, StreamError};

/// The request target split at the question mark.
pub struct Target {
    pub path: String,
    pub query: String,
}

impl Target {
    pub fn of(request: &IncomingRequest) -> Self {
        let whole = request.path_with_query().unwrap_or_default();
        let (path, query) = whole.split_once('?').unwrap_or((&whole, ""));
        Target { path: path.to_string(), query: query.to_string() }
    }

    /// The raw value of `name=value`, or "" for a bare `name`.
    pub fn get(&self, name: &str) -> Option<String> {
        self.all(name).into_iter().next()
    }

    pub fn all(&self, name: &str) -> Vec<String> {
        self.query
            .split('&')
            .filter_map(|pair| {
                let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
                (key == name).then(|| decode(value))
            })
            .collect()
    }

    pub fn number(&self, name: &str, default: u64) -> u64 {
        self.get(name).and_then(|v| v.parse().ok()).unwrap_or(default)
    }
}

/// Percent-decoding; `+` stays what it is and a bad escape is kept as written.
pub fn decode(text: &str) -> String {
    let raw = text.as_bytes();
    let mut out = Vec::with_capacity(raw.len());
    let mut at = 0;
    while at < raw.len() {
        let hex = (raw[at] == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        match hex.and_then(|h| u8::from_str_radix(h, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(raw[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Sets the response and hands out its body, still open.
pub fn begin(out: ResponseOutparam, status: u16, headers: &[(&str, &str)]) -> OutgoingBody {
    let list: Vec<(String, Vec<u8>)> =
        headers.iter().map(|(n, v)| (n.to_string(), v.as_bytes().to_vec())).collect();
    let response = OutgoingResponse::new(Fields::from_list(&list).unwrap());
    response.set_status_code(status).unwrap();
    let body = response.body().unwrap();
    ResponseOutparam::set(out, Ok(response));
    body
}

/// Writes all of it in pieces that `blocking-write-and-flush` accepts.
pub fn write_all(stream: &OutputStream, bytes: &[u8]) -> Result<(), StreamError> {
    for piece in bytes.chunks(4096) {
        stream.blocking_write_and_flush(piece)?;
    }
    Ok(())
}

/// A whole answer as text. A client that went away is not an error of the guest.
pub fn answer(out: ResponseOutparam, status: u16, text: &str) {
    let body = begin(out, status, &[("content-type", "text/plain")]);
    let stream = body.write().unwrap();
    let written = write_all(&stream, text.as_bytes());
    drop(stream);
    if written.is_ok() {
        let _ = OutgoingBody::finish(body, None);
    }
}

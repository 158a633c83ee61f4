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

/// Writes all of it the non-blocking way: ask for a budget, use it, wait when there is none.
pub fn push(stream: &OutputStream, mut bytes: &[u8]) -> Result<(), StreamError> {
    let ready = stream.subscribe();
    while !bytes.is_empty() {
        let budget = stream.check_write()? as usize;
        if budget == 0 {
            ready.block();
            continue;
        }
        let (now, rest) = bytes.split_at(budget.min(bytes.len()));
        stream.write(now)?;
        bytes = rest;
    }
    Ok(())
}

pub fn sleep(milliseconds: u64) {
    if milliseconds > 0 {
        wasi::clocks::monotonic_clock::subscribe_duration(milliseconds * 1_000_000).block();
    }
}

/// A request to an absolute URL, or to this application itself when the URL is only a path.
pub fn request_to(url: &str, headers: Fields) -> OutgoingRequest {
    let request = OutgoingRequest::new(headers);
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let at = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at(at);
    let _ = request.set_path_with_query(Some(if path.is_empty() { "/" } else { path }));
    if !authority.is_empty() {
        let _ = request.set_authority(Some(authority));
    }
    let _ = match scheme {
        "" => Ok(()),
        "http" => request.set_scheme(Some(&Scheme::Http)),
        "https" => request.set_scheme(Some(&Scheme::Https)),
        other => request.set_scheme(Some(&Scheme::Other(other.to_string()))),
    };
    request
}

/// Reads a body to its end; the text of the error when it breaks off.
pub fn read_all(body: IncomingBody) -> Result<Vec<u8>, String> {
    let stream = body.stream().map_err(|()| "stream taken".to_string())?;
    let mut all = Vec::new();
    loop {
        match stream.blocking_read(65536) {
            Ok(chunk) => all.extend(chunk),
            Err(StreamError::Closed) => return Ok(all),
            Err(StreamError::LastOperationFailed(e)) => return Err(format!("{:?}", http_error_code(&e))),
        }
    }
}

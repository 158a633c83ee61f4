//! A response, and how it is sent.

use crate::mount::File;
use wasi::http::types::{Fields, OutgoingBody, OutgoingResponse, ResponseOutparam};
use wasi::io::streams::{OutputStream, StreamError};

pub enum Body {
    Bytes(Vec<u8>),
    /// `length` bytes of a file.
    Part { file: File, from: u64, length: u64 },
}

impl Body {
    /// Both inclusive, and within it.
    pub fn slice(self, first: u64, last: u64) -> Body {
        match self {
            Body::Bytes(mut bytes) => {
                bytes.truncate(last as usize + 1);
                bytes.drain(..first as usize);
                Body::Bytes(bytes)
            }
            Body::Part { file, from, .. } => Body::Part { file, from: from + first, length: last - first + 1 },
        }
    }

    fn length(&self) -> u64 {
        match self {
            Body::Bytes(bytes) => bytes.len() as u64,
            Body::Part { length, .. } => *length,
        }
    }
}

pub struct Response {
    status: u16,
    headers: Vec<(String, Vec<u8>)>,
    body: Option<Body>,
}

impl Response {
    pub fn empty(status: u16) -> Self {
        Response { status, headers: Vec::new(), body: None }
    }

    pub fn text(status: u16, text: &str) -> Self {
        Self::empty(status).with("content-type", "text/plain; charset=utf-8").carrying(Body::Bytes(text.into()))
    }

    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_string(), value.as_bytes().to_vec()));
        self
    }

    pub fn carrying(mut self, body: Body) -> Self {
        self = self.with("content-length", &body.length().to_string());
        self.body = Some(body);
        self
    }

    /// `head_only`: what a HEAD gets, which is all but the body.
    pub fn send(self, head_only: bool, out: ResponseOutparam) {
        let fields = Fields::new();
        for (name, value) in &self.headers {
            // Of all values only CACHE_CONTROL is not our own.
            if fields.append(name, value).is_err() {
                eprintln!("static-fileserver: no header may have the value that is set for {name}");
            }
        }
        let response = OutgoingResponse::new(fields);
        response.set_status_code(self.status).expect("statuses are of three digits");
        let content = self.body.filter(|_| !head_only);
        let open = content.map(|content| (response.body().expect("taken once"), content));
        ResponseOutparam::set(out, Ok(response));
        if let Some((body, content)) = open {
            // A client that went away is nobody's mistake; a file that broke off must not look whole.
            if write(&body, content).is_ok() {
                let _ = OutgoingBody::finish(body, None);
            }
        }
    }
}

fn write(body: &OutgoingBody, content: Body) -> Result<(), StreamError> {
    let stream = body.write().expect("taken once");
    match content {
        Body::Bytes(bytes) => push(&stream, &bytes),
        Body::Part { file, from, length } => pass_on(&stream, &file, from, length),
    }
}

fn push(to: &OutputStream, mut bytes: &[u8]) -> Result<(), StreamError> {
    while !bytes.is_empty() {
        let room = to.check_write()? as usize;
        if room == 0 {
            to.subscribe().block();
            continue;
        }
        let (now, rest) = bytes.split_at(room.min(bytes.len()));
        to.write(now)?;
        bytes = rest;
    }
    Ok(())
}

/// From the file to the client within the host.
fn pass_on(to: &OutputStream, file: &File, from: u64, length: u64) -> Result<(), StreamError> {
    let source = file.stream(from).map_err(|_| StreamError::Closed)?;
    let mut left = length;
    while left > 0 {
        left -= to.blocking_splice(&source, left)?;
    }
    Ok(())
}

//! Says what a guest sees of its request, one fact a line, headers in the order the host gives them.
//! `?status=N` sets the status, `?set=name:value` a response header (repeatable), `?none` answers without ever
//! taking the body, `?error=text` answers with an error code, `?sort` sorts the headers, `?trailer=name:value`
//! adds a response trailer.

use support::{write_all, Target};
use wasi::http::types::*;
use wasi::io::streams::StreamError;

struct Dump;

fn pairs(list: Vec<String>) -> Vec<(String, Vec<u8>)> {
    list.iter()
        .filter_map(|p| p.split_once(':'))
        .map(|(n, v)| (n.to_string(), v.as_bytes().to_vec()))
        .collect()
}

fn describe(request: &IncomingRequest, sorted: bool) -> String {
    let mut lines: Vec<String> = request
        .headers()
        .entries()
        .iter()
        .map(|(name, value)| format!("{name}: {}\n", String::from_utf8_lossy(value)))
        .collect();
    if sorted {
        lines.sort();
    }
    format!(
        "method {:?}\npath {:?}\nscheme {:?}\nauthority {:?}\n{}",
        request.method(),
        request.path_with_query(),
        request.scheme(),
        request.authority(),
        lines.concat()
    )
}

/// Reads the body to its end: its length, its first bytes, then the trailers.
fn drain(request: &IncomingRequest) -> String {
    let body = request.consume().unwrap();
    let stream = body.stream().unwrap();
    let (mut length, mut start, mut failure) = (0, Vec::new(), String::new());
    loop {
        match stream.blocking_read(65536) {
            Ok(chunk) => {
                length += chunk.len();
                start.extend(chunk.iter().take(1024 - start.len()));
            }
            Err(StreamError::Closed) => break,
            Err(StreamError::LastOperationFailed(e)) => {
                failure = format!("body error {:?}\n", http_error_code(&e));
                break;
            }
        }
    }
    drop(stream);
    let mut text = format!("body {length} bytes\n{failure}");
    if length > 0 {
        text += &format!("body {:?}\n", String::from_utf8_lossy(&start));
    }
    let trailers = IncomingBody::finish(body);
    trailers.subscribe().block();
    match trailers.get() {
        Some(Ok(Ok(Some(fields)))) => {
            for (name, value) in fields.entries() {
                text += &format!("trailer {name}: {}\n", String::from_utf8_lossy(&value));
            }
        }
        Some(Ok(Ok(None))) => {}
        other => text += &format!("trailers {other:?}\n"),
    }
    text
}

impl wasi::exports::http::incoming_handler::Guest for Dump {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let target = Target::of(&request);
        if let Some(text) = target.get("error") {
            return ResponseOutparam::set(out, Err(ErrorCode::InternalError(Some(text))));
        }
        let headers = match Fields::from_list(&pairs(target.all("set"))) {
            Ok(fields) => fields,
            Err(e) => return support::answer(out, 400, &format!("{e:?}\n")),
        };
        let response = OutgoingResponse::new(headers);
        if target.get("status").is_some_and(|s| response.set_status_code(s.parse().unwrap_or(0)).is_err()) {
            return support::answer(out, 400, "status refused\n");
        }
        if target.get("none").is_some() {
            return ResponseOutparam::set(out, Ok(response));
        }
        let text = describe(&request, target.get("sort").is_some()) + &drain(&request);
        let body = response.body().unwrap();
        ResponseOutparam::set(out, Ok(response));
        let stream = body.write().unwrap();
        if write_all(&stream, text.as_bytes()).is_err() {
            return;
        }
        drop(stream);
        let trailers = pairs(target.all("trailer"));
        let trailers = (!trailers.is_empty()).then(|| Fields::from_list(&trailers).unwrap());
        let _ = OutgoingBody::finish(body, trailers);
    }
}

wasi::http::proxy::export!(Dump);

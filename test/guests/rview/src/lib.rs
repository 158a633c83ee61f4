//! The guest behind the recorded exchanges of test/conformance/spin-http.test.ts: what a guest sees of its request, in
//! the very words of the recording. The query is taken as it stands, undecoded. `?status=N` sets the status,
//! `?set=name:value` a response header, `?none` never takes the body, `?unset` returns without an answer, `?err`
//! answers with an error code.

use support::{begin, write_all};
use wasi::http::types::*;

struct View;

/// The value of the first argument that starts with `name`.
fn argument<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    query.split('&').find_map(|argument| argument.strip_prefix(name))
}

/// A list with the one header that was asked for.
fn headers(query: &str) -> Result<Fields, HeaderError> {
    let pair = argument(query, "set=").and_then(|header| header.split_once(':'));
    let list: Vec<_> = pair.iter().map(|(name, value)| (name.to_string(), value.as_bytes().to_vec())).collect();
    Fields::from_list(&list)
}

fn view(request: &IncomingRequest) -> String {
    let line = |(name, value): &(String, Vec<u8>)| format!("{name}: {}\n", String::from_utf8_lossy(value));
    let mut fields: Vec<String> = request.headers().entries().iter().map(line).collect();
    fields.sort();
    let (length, trailers) = drain(request);
    format!(
        "method {:?}\npath {:?}\nscheme {:?}\nauthority {:?}\n{}{trailers}body {length} bytes\n",
        request.method(),
        request.path_with_query(),
        request.scheme(),
        request.authority(),
        fields.concat(),
    )
}

/// Reads the body until it ends one way or another: its length, and a line for each trailer.
fn drain(request: &IncomingRequest) -> (usize, String) {
    let body = request.consume().unwrap();
    let stream = body.stream().unwrap();
    let mut length = 0;
    while let Ok(chunk) = stream.blocking_read(65536) {
        length += chunk.len();
    }
    drop(stream);
    let trailers = IncomingBody::finish(body);
    trailers.subscribe().block();
    let mut lines = String::new();
    if let Some(Ok(Ok(Some(fields)))) = trailers.get() {
        for (name, value) in fields.entries() {
            lines += &format!("trailer {name}: {}\n", String::from_utf8_lossy(&value));
        }
    }
    (length, lines)
}

impl wasi::exports::http::incoming_handler::Guest for View {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let target = request.path_with_query().unwrap_or_default();
        let query = target.split_once('?').map_or("", |(_, query)| query);
        if argument(query, "unset").is_some() {
            return;
        }
        if argument(query, "err").is_some() {
            return ResponseOutparam::set(out, Err(ErrorCode::InternalError(Some("asked for".into()))));
        }
        let headers = match headers(query) {
            Ok(headers) => headers,
            Err(refusal) => {
                let body = begin(out, 200, &[]);
                let stream = body.write().unwrap();
                let _ = write_all(&stream, format!("{refusal:?}").as_bytes());
                drop(stream);
                let _ = OutgoingBody::finish(body, None);
                return;
            }
        };
        let response = OutgoingResponse::new(headers);
        if let Some(status) = argument(query, "status=") {
            let _ = response.set_status_code(status.parse().unwrap_or(0));
        }
        if argument(query, "none").is_some() {
            return ResponseOutparam::set(out, Ok(response));
        }
        let text = view(&request);
        let body = response.body().unwrap();
        ResponseOutparam::set(out, Ok(response));
        let stream = body.write().unwrap();
        if write_all(&stream, text.as_bytes()).is_err() {
            return;
        }
        drop(stream);
        let _ = OutgoingBody::finish(body, None);
    }
}

wasi::http::proxy::export!(View);

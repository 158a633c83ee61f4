//! Responses, outgoing requests and their bodies.

use crate::Case;
use support::{begin, push, request_to, sleep, write_all};
use wasi::http::outgoing_handler;
use wasi::http::types::*;
use wasi::io::streams::StreamError;

fn with_length(length: &str) -> Result<Fields, HeaderError> {
    Fields::from_list(&[("content-length".to_string(), length.as_bytes().to_vec())])
}

/// A body of an outgoing request that is never sent: what the counter of its content-length says.
fn counted(declared: &str, written: usize) -> String {
    let headers = match with_length(declared) {
        Ok(headers) => headers,
        Err(e) => return format!("header {e:?}"),
    };
    let request = OutgoingRequest::new(headers);
    let Ok(body) = request.body() else { return "body refused".to_string() };
    let stream = body.write().unwrap();
    let write = match write_all(&stream, &vec![b'x'; written]) {
        Ok(()) => "written".to_string(),
        Err(StreamError::Closed) => "closed".to_string(),
        Err(StreamError::LastOperationFailed(e)) => format!("failed {:?} {}", http_error_code(&e), !e.to_debug_string().is_empty()),
    };
    drop(stream);
    format!("{write}, finish {:?}", OutgoingBody::finish(body, None))
}

fn response_with(case: &mut Case, length: &str, written: &[u8]) {
    let response = OutgoingResponse::new(with_length(length).unwrap());
    let body = response.body().unwrap();
    ResponseOutparam::set(case.out(), Ok(response));
    let stream = body.write().unwrap();
    eprintln!("write {:?}", push(&stream, written));
    drop(stream);
    eprintln!("finish {:?}", OutgoingBody::finish(body, None));
}

fn error_code(name: &str) -> ErrorCode {
    match name {
        "dns" => ErrorCode::DnsError(DnsErrorPayload { rcode: Some("no such name".into()), info_code: Some(3) }),
        "refused" => ErrorCode::ConnectionRefused,
        "denied" => ErrorCode::HttpRequestDenied,
        "size" => ErrorCode::HttpRequestBodySize(Some(7)),
        "loop" => ErrorCode::LoopDetected,
        _ => ErrorCode::InternalError(Some(name.to_string())),
    }
}

fn setters() -> String {
    let request = OutgoingRequest::new(Fields::new());
    let other = |text: &str| Method::Other(text.to_string());
    let scheme = |text: &str| request.set_scheme(Some(&Scheme::Other(text.to_string()))).is_ok();
    let methods = ["PURGE", "b a d", "", "get"].map(|m| request.set_method(&other(m)).is_ok());
    let paths = ["/a?b", "no-slash", "/sp ace", "", "*"].map(|p| request.set_path_with_query(Some(p)).is_ok());
    let schemes = ["ftp", "b a d", ""].map(scheme);
    let hosts = ["a.test", "a.test:80", "a.test:", "a.test:x", "sp ace", "user@a.test", "[::1]:80", ""]
        .map(|a| request.set_authority(Some(a)).is_ok());
    format!("methods {methods:?}\npaths {paths:?}\nschemes {schemes:?}\nauthorities {hosts:?}")
}

/// What `handle` itself says, before anything is sent.
fn handled(request: OutgoingRequest) -> String {
    match outgoing_handler::handle(request, None) {
        Err(e) => format!("handle {e:?}"),
        Ok(future) => {
            future.subscribe().block();
            let first = future.get().map(|r| r.map(|r| r.map(|response| response.status())));
            format!("get {first:?} then {:?}", future.get().map(|r| r.is_ok()))
        }
    }
}

pub fn run(name: &str, case: &mut Case) -> Option<String> {
    let url = case.target.get("url").unwrap_or_default();
    let argument = |key: &str| case.target.get(key).unwrap_or_default();
    Some(match name {
        "body-twice" => {
            let response = OutgoingResponse::new(Fields::new());
            let first = response.body();
            format!("{} {}", first.is_ok(), response.body().is_ok())
        }
        "write-twice" => {
            let response = OutgoingResponse::new(Fields::new());
            let body = response.body().unwrap();
            let first = body.write();
            format!("{} {}", first.is_ok(), body.write().is_ok())
        }
        "no-body" => {
            let response = OutgoingResponse::new(Fields::new());
            ResponseOutparam::set(case.out(), Ok(response));
            return None;
        }
        "empty-body" => {
            let body = begin(case.out(), 200, &[]);
            OutgoingBody::finish(body, None).unwrap();
            return None;
        }
        // The stream is dropped before anything was written, the body finished.
        "empty-stream" => {
            let body = begin(case.out(), 200, &[]);
            drop(body.write().unwrap());
            OutgoingBody::finish(body, None).unwrap();
            return None;
        }
        "drop-body" => {
            let body = begin(case.out(), 200, &[]);
            let stream = body.write().unwrap();
            let _ = write_all(&stream, b"partial");
            drop(stream);
            drop(body);
            return None;
        }
        "drop-body-unwritten" => {
            drop(begin(case.out(), 200, &[]));
            return None;
        }
        "drop-response" => {
            let response = OutgoingResponse::new(Fields::new());
            let body = response.body().unwrap();
            drop(response);
            let stream = body.write().unwrap();
            let written = write_all(&stream, b"to nobody").is_ok();
            format!("written {written}")
        }
        "drop-outparam" => {
            drop(case.out());
            return None;
        }
        "set-error" => {
            let code = error_code(&argument("code"));
            ResponseOutparam::set(case.out(), Err(code));
            return None;
        }
        "set-late" => {
            sleep(200);
            "late".to_string()
        }
        "status" => {
            let response = OutgoingResponse::new(Fields::new());
            let set = response.set_status_code(case.target.number("code", 0) as u16).is_ok();
            format!("{set} {}", response.status_code())
        }
        "status-send" => {
            let response = OutgoingResponse::new(Fields::new());
            let _ = response.set_status_code(case.target.number("code", 200) as u16);
            let body = response.body().unwrap();
            ResponseOutparam::set(case.out(), Ok(response));
            let _ = OutgoingBody::finish(body, None);
            return None;
        }
        // declared=N&written=M on a request that is never sent.
        "length" => counted(&argument("declared"), case.target.number("written", 0) as usize),
        "length-bad" => counted("abc", 1),
        "length-short" => {
            response_with(case, "10", b"short");
            return None;
        }
        "length-long" => {
            response_with(case, "3", b"too long");
            return None;
        }
        "length-right" => {
            response_with(case, "5", b"right");
            return None;
        }
        "trap-finish-with-stream" => {
            let response = OutgoingResponse::new(Fields::new());
            let body = response.body().unwrap();
            let _stream = body.write().unwrap();
            let _ = OutgoingBody::finish(body, None);
            "no trap".to_string()
        }
        "trap-drop-with-stream" => {
            let response = OutgoingResponse::new(Fields::new());
            let body = response.body().unwrap();
            let _stream = body.write().unwrap();
            drop(body);
            "no trap".to_string()
        }
        "trailers" => {
            let body = begin(case.out(), 200, &[("trailer", "x-sum")]);
            let stream = body.write().unwrap();
            let _ = write_all(&stream, b"before the trailers\n");
            drop(stream);
            let trailers = Fields::from_list(&[("x-sum".into(), b"42".to_vec()), ("x-sum".into(), b"43".to_vec())]).unwrap();
            let _ = OutgoingBody::finish(body, Some(trailers));
            return None;
        }
        "request-defaults" => {
            let r = OutgoingRequest::new(Fields::new());
            format!("{:?} {:?} {:?} {:?}", r.method(), r.path_with_query(), r.scheme(), r.authority())
        }
        "request-setters" => setters(),
        "options" => {
            let options = RequestOptions::new();
            let before = options.connect_timeout();
            let set = [options.set_connect_timeout(Some(1)), options.set_first_byte_timeout(Some(2)), options.set_between_bytes_timeout(None)];
            format!("{before:?} {set:?} {:?} {:?} {:?}", options.connect_timeout(), options.first_byte_timeout(), options.between_bytes_timeout())
        }
        "handle" => handled(request_to(&url, Fields::new())),
        "handle-scheme" => handled(request_to("ftp://a.test/", Fields::new())),
        "handle-no-authority" => {
            let request = OutgoingRequest::new(Fields::new());
            let _ = request.set_scheme(Some(&Scheme::Http));
            handled(request)
        }
        // Sent before its body is written: the two run side by side.
        "handle-then-body" => {
            let request = request_to(&url, Fields::new());
            let _ = request.set_method(&Method::Post);
            let body = request.body().unwrap();
            let future = outgoing_handler::handle(request, None).unwrap();
            let stream = body.write().unwrap();
            for piece in [&b"one "[..], b"two ", b"three"] {
                sleep(10);
                let _ = push(&stream, piece);
            }
            drop(stream);
            let finished = OutgoingBody::finish(body, None);
            future.subscribe().block();
            let answer = future.get().unwrap().unwrap();
            let text = answer.map(|r| support::read_all(r.consume().unwrap()).map(|b| String::from_utf8_lossy(&b).into_owned()));
            format!("{finished:?} {text:?}")
        }
        // The request's body is dropped unfinished: the message must not look complete to the other side.
        "handle-drop-body" => {
            let request = request_to(&url, Fields::new());
            let _ = request.set_method(&Method::Post);
            let body = request.body().unwrap();
            let future = outgoing_handler::handle(request, None).unwrap();
            let stream = body.write().unwrap();
            let _ = push(&stream, b"partial");
            drop(stream);
            drop(body);
            future.subscribe().block();
            format!("{:?}", future.get().map(|r| r.map(|r| r.map(|r| r.status()))))
        }
        // The future is dropped while the request is under way.
        "handle-drop-future" => {
            let future = outgoing_handler::handle(request_to(&url, Fields::new()), None);
            format!("{}", future.is_ok())
        }
        _ => return None,
    })
}

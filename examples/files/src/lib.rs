//! Serves the mounted folder: `index.html` for a folder, a content type by the file's ending, an ETag made of size and
//! time, the file streamed in pieces. The path is used as it comes: what lies outside the mount does not exist here.

use std::fs::{File, Metadata};
use std::io::Read;
use std::time::UNIX_EPOCH;
use wasi::http::types::*;

struct Files;

const TYPES: [(&str, &str); 8] = [
    ("html", "text/html; charset=utf-8"),
    ("css", "text/css"),
    ("js", "text/javascript"),
    ("json", "application/json"),
    ("svg", "image/svg+xml"),
    ("png", "image/png"),
    ("txt", "text/plain; charset=utf-8"),
    ("wasm", "application/wasm"),
];

fn content_type(path: &str) -> &'static str {
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
    TYPES.iter().find(|(known, _)| *known == ending).map_or("application/octet-stream", |(_, kind)| kind)
}

fn etag(metadata: &Metadata) -> String {
    let since = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    format!("\"{:x}-{:x}\"", metadata.len(), since.map_or(0, |duration| duration.as_millis()))
}

/// `%20` and the like; a bad escape stays as it is.
fn decode(path: &str) -> String {
    let (mut rest, mut out) = (path, Vec::new());
    while let Some(byte) = rest.bytes().next() {
        let hex = (byte == b'%').then(|| rest.get(1..3)).flatten();
        let decoded = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        let length = if decoded.is_some() { 3 } else { rest.chars().next().map_or(1, char::len_utf8) };
        match decoded {
            Some(byte) => out.push(byte),
            None => out.extend_from_slice(rest[..length].as_bytes()),
        }
        rest = &rest[length..];
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn open(path: &str) -> std::io::Result<(String, File, Metadata)> {
    let mut path = path.to_string();
    if std::fs::metadata(&path)?.is_dir() {
        path = format!("{}/index.html", path.trim_end_matches('/'));
    }
    let file = File::open(&path)?;
    let metadata = file.metadata()?;
    Ok((path, file, metadata))
}

/// Answers with the bytes of `content`, or with no body at all.
fn respond(out: ResponseOutparam, status: u16, headers: &[(&str, &str)], content: Option<&mut dyn Read>) {
    let fields = Fields::new();
    for (name, value) in headers {
        fields.append(name, value.as_bytes()).unwrap();
    }
    let response = OutgoingResponse::new(fields);
    response.set_status_code(status).unwrap();
    let body = content.is_some().then(|| response.body().unwrap());
    ResponseOutparam::set(out, Ok(response));
    if let (Some(body), Some(content)) = (body, content) {
        if stream(&body, content) {
            let _ = OutgoingBody::finish(body, None);
        }
    }
}

/// False when the client went away or the file broke off: then the body must stay unfinished.
fn stream(body: &OutgoingBody, from: &mut dyn Read) -> bool {
    let to = body.write().unwrap();
    let mut piece = [0; 4096]; // what one blocking write takes
    loop {
        match from.read(&mut piece) {
            Ok(0) => return true,
            Ok(length) if to.blocking_write_and_flush(&piece[..length]).is_ok() => {}
            _ => return false,
        }
    }
}

impl wasi::exports::http::incoming_handler::Guest for Files {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let method = request.method();
        if !matches!(method, Method::Get | Method::Head) {
            return respond(out, 405, &[("allow", "GET, HEAD")], None);
        }
        let target = request.path_with_query().unwrap_or_default();
        let path = decode(target.split('?').next().unwrap_or_default());
        let Ok((path, mut file, metadata)) = open(&path) else {
            return respond(out, 404, &[("content-type", "text/plain")], Some(&mut &b"not found\n"[..]));
        };
        let (tag, length) = (etag(&metadata), metadata.len().to_string());
        if request.headers().get("if-none-match").contains(&tag.clone().into_bytes()) {
            return respond(out, 304, &[("etag", &tag)], None);
        }
        let headers = [("content-type", content_type(&path)), ("etag", &tag), ("content-length", &length)];
        let head = matches!(method, Method::Head);
        respond(out, 200, &headers, if head { None } else { Some(&mut file) });
    }
}

wasi::http::proxy::export!(Files);

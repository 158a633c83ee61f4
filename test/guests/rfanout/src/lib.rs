//! Sends a request to each `url` of the query (or of the header `x-urls`, separated by commas) at once and polls all of
//! them together. A line each, in the order given: `0 200 12` = index, status, body length, or `0 error ConnectionRefused`.
//! Then `order 1,0`: the order in which they became ready. `?method=PUT`, `?body=text` sends a body,
//! `?timeout=ms` sets all three timeouts, `?show` adds headers and body, `?header=name:value` a request header.

use support::{push, read_all, request_to, Target};
use wasi::http::outgoing_handler;
use wasi::http::types::*;
use wasi::io::poll;

struct Fanout;

fn method(name: &str) -> Method {
    match name {
        "GET" => Method::Get,
        "HEAD" => Method::Head,
        "POST" => Method::Post,
        "PUT" => Method::Put,
        "DELETE" => Method::Delete,
        "OPTIONS" => Method::Options,
        "PATCH" => Method::Patch,
        other => Method::Other(other.to_string()),
    }
}

fn headers(target: &Target) -> Result<Fields, HeaderError> {
    let fields = Fields::new();
    for pair in target.all("header") {
        let (name, value) = pair.split_once(':').unwrap_or((&pair, ""));
        fields.append(name, value.as_bytes())?;
    }
    Ok(fields)
}

fn start(url: &str, target: &Target) -> Result<FutureIncomingResponse, String> {
    let request = request_to(url, headers(target).map_err(|e| format!("header {e:?}"))?);
    let text = target.get("body");
    let name = target.get("method").unwrap_or_else(|| if text.is_some() { "POST" } else { "GET" }.to_string());
    request.set_method(&method(&name)).map_err(|()| "method refused".to_string())?;
    let options = target.get("timeout").map(|_| {
        let nanoseconds = Some(target.number("timeout", 0) * 1_000_000);
        let options = RequestOptions::new();
        options.set_connect_timeout(nanoseconds).unwrap();
        options.set_first_byte_timeout(nanoseconds).unwrap();
        options.set_between_bytes_timeout(nanoseconds).unwrap();
        options
    });
    let body = request.body().unwrap();
    let future = outgoing_handler::handle(request, options).map_err(|e| format!("handle {e:?}"))?;
    if let Some(text) = text {
        let stream = body.write().unwrap();
        push(&stream, text.as_bytes()).map_err(|e| format!("write {e:?}"))?;
    }
    OutgoingBody::finish(body, None).map_err(|e| format!("finish {e:?}"))?;
    Ok(future)
}

fn describe(response: Result<IncomingResponse, ErrorCode>, show: bool) -> String {
    let response = match response {
        Ok(response) => response,
        Err(e) => return format!("error {e:?}\n"),
    };
    let mut head = String::new();
    if show {
        for (name, value) in response.headers().entries() {
            head += &format!("{name}: {}\n", String::from_utf8_lossy(&value));
        }
    }
    match read_all(response.consume().unwrap()) {
        Err(e) => format!("{} body error {e}\n{head}", response.status()),
        Ok(bytes) if show => format!("{} {}\n{head}{}\n", response.status(), bytes.len(), String::from_utf8_lossy(&bytes)),
        Ok(bytes) => format!("{} {}\n", response.status(), bytes.len()),
    }
}

impl wasi::exports::http::incoming_handler::Guest for Fanout {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let target = Target::of(&request);
        let mut urls = target.all("url");
        for list in request.headers().get("x-urls") {
            urls.extend(String::from_utf8_lossy(&list).split(',').map(|u| u.trim().to_string()));
        }
        let started: Vec<_> = urls.iter().map(|url| start(url, &target)).collect();
        let mut lines = vec![String::new(); urls.len()];
        let mut open = Vec::new();
        for (n, one) in started.into_iter().enumerate() {
            match one {
                Ok(future) => open.push((n, future)),
                Err(e) => lines[n] = format!("{n} error {e}\n"),
            }
        }
        let mut order = Vec::new();
        while !open.is_empty() {
            let pollables: Vec<_> = open.iter().map(|(_, future)| future.subscribe()).collect();
            let ready = poll::poll(&pollables.iter().collect::<Vec<_>>());
            drop(pollables);
            for at in ready.into_iter().rev() {
                let (n, future) = open.remove(at as usize);
                lines[n] = format!("{n} {}", describe(future.get().unwrap().unwrap(), target.get("show").is_some()));
                order.push(n.to_string());
            }
        }
        support::answer(out, 200, &format!("{}order {}\n", lines.concat(), order.join(",")));
    }
}

wasi::http::proxy::export!(Fanout);

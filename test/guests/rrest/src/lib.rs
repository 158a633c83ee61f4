//! Calls of the host that no other guest makes, one a path: `/skip?n=` skips so much of the request's body and answers with
//! the rest; `/headers` reads the fields of an outgoing request back; `/families` asks sockets for theirs; `/cwd` the working
//! directory; `/send?url=` sends by Spin 1's `fermyon:spin/http`; `/network-error?url=` asks what broke a body; `/file?name=`
//! writes to a file of its folder, sets its times and makes sure of it; `/exit?code=`.

use std::fmt::Debug;
use support::{answer, request_to, Target};
use wasi::filesystem::preopens::get_directories;
use wasi::filesystem::types::{Advice, Datetime, DescriptorFlags, NewTimestamp, OpenFlags, PathFlags};
use wasi::http::outgoing_handler;
use wasi::http::types::*;
use wasi::io::streams::StreamError;
use wasi::sockets::network::IpAddressFamily;
use wasi::sockets::{tcp_create_socket, udp_create_socket};

mod bindings {
    wit_bindgen::generate!({ path: "wit", world: "rest", generate_all });
}
use bindings::fermyon::spin::http::{self, Request};
use bindings::fermyon::spin::http_types::Method as SpinMethod;
use bindings::wasi::sockets::network::network_error_code;

struct Rest;

/// Skips `n` bytes, waiting as often as it takes, then reads to the end.
fn skip(request: IncomingRequest, n: u64) -> String {
    let body = request.consume().unwrap();
    let stream = body.stream().unwrap();
    let mut skipped = 0;
    while skipped < n {
        stream.subscribe().block();
        match stream.skip(n - skipped) {
            Ok(some) => skipped += some,
            Err(e) => return format!("skipped {skipped} {e:?}\n"),
        }
    }
    let mut rest = Vec::new();
    while let Ok(some) = stream.blocking_read(1024) {
        rest.extend(some);
    }
    format!("skipped {skipped} {}\n", String::from_utf8_lossy(&rest))
}

fn headers() -> String {
    let fields = Fields::from_list(&[("x-a".to_string(), b"1".to_vec())]).unwrap();
    let request = OutgoingRequest::new(fields);
    let seen = request.headers();
    format!("{:?} {:?}\n", seen.get("x-a"), seen.append("x-b", b"2"))
}

fn families() -> String {
    let of = |family| {
        let tcp = tcp_create_socket::create_tcp_socket(family).unwrap();
        let udp = udp_create_socket::create_udp_socket(family).unwrap();
        format!("{:?} {:?}\n", tcp.address_family(), udp.address_family())
    };
    of(IpAddressFamily::Ipv4) + &of(IpAddressFamily::Ipv6)
}

fn send(url: &str) -> String {
    let request = Request {
        method: SpinMethod::Put,
        uri: url.to_string(),
        headers: vec![("x-a".to_string(), "1".to_string())],
        params: vec![],
        body: Some(b"sent".to_vec()),
    };
    match http::send_request(&request) {
        Ok(response) => {
            format!("{} {}\n", response.status, String::from_utf8_lossy(&response.body.unwrap_or_default()))
        }
        Err(e) => format!("{e:?}\n"),
    }
}

fn network_error(url: &str) -> String {
    let future = outgoing_handler::handle(request_to(url, Fields::new()), None).unwrap();
    future.subscribe().block();
    let body = match future.get().unwrap().unwrap() {
        Ok(response) => response.consume().unwrap(),
        Err(e) => return format!("{e:?}\n"),
    };
    let stream = body.stream().unwrap();
    loop {
        match stream.blocking_read(1024) {
            Ok(_) => continue,
            Err(StreamError::Closed) => return "closed\n".to_string(),
            Err(StreamError::LastOperationFailed(error)) => {
                // The same resource in the bindings of the other world.
                let same = unsafe { bindings::wasi::io::error::Error::from_handle(error.take_handle()) };
                return format!("{:?}\n", network_error_code(&same));
            }
        }
    }
}

fn file(name: &str) -> String {
    let (root, _) = get_directories().remove(0);
    let flags = DescriptorFlags::READ | DescriptorFlags::WRITE;
    let file = match root.open_at(PathFlags::empty(), name, OpenFlags::empty(), flags) {
        Ok(file) => file,
        Err(e) => return format!("open {e:?}\n"),
    };
    let line = |call: &str, result: &dyn Debug| format!("{call} {result:?}\n");
    let then = NewTimestamp::Timestamp(Datetime { seconds: 1_000_000_000, nanoseconds: 500_000_000 });
    [
        line("advise", &file.advise(0, 10, Advice::Sequential)),
        line("write", &file.write(b"WR", 1)),
        line("write past the end", &file.write(b"!", 6)),
        line("sync-data", &file.sync_data()),
        line("sync", &file.sync()),
        line("set-times", &file.set_times(NewTimestamp::NoChange, then)),
        line("modified", &file.stat().map(|stat| stat.data_modification_timestamp.map(|t| (t.seconds, t.nanoseconds)))),
        line("read", &file.read(20, 0).map(|(bytes, end)| (String::from_utf8_lossy(&bytes).into_owned(), end))),
        line("advise on a folder", &root.advise(0, 10, Advice::Normal)),
        line("sync of a folder", &root.sync()),
    ]
    .concat()
}

impl wasi::exports::http::incoming_handler::Guest for Rest {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let target = Target::of(&request);
        let url = target.get("url").unwrap_or_default();
        let text = match target.path.as_str() {
            "/skip" => skip(request, target.number("n", 0)),
            "/headers" => headers(),
            "/families" => families(),
            "/file" => file(&target.get("name").unwrap_or_default()),
            "/cwd" => format!("{:?}\n", wasi::cli::environment::initial_cwd()),
            "/send" => send(&url),
            "/network-error" => network_error(&url),
            _ => {
                bindings::wasi::cli::exit::exit_with_code(target.number("code", 0) as u8);
                "not reached\n".to_string()
            }
        };
        answer(out, 200, &text);
    }
}

wasi::http::proxy::export!(Rest);

//! Never answers, or never finishes. `/` returns without setting a response, `/drop` drops the outparam, `/hang` waits for
//! a timer that is centuries away, `/hang-headers` does so after setting the response, `/hang-body` after half of the body,
//! `/hang-read` reads a request body that never ends and then returns. `?hang` is the same as `/hang`.

use support::{begin, read_all, write_all, Target};
use wasi::clocks::monotonic_clock::subscribe_duration;
use wasi::http::types::*;

struct Never;

fn hang() {
    subscribe_duration(u64::MAX / 2).block();
}

impl wasi::exports::http::incoming_handler::Guest for Never {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let target = Target::of(&request);
        match target.path.as_str() {
            "/drop" => drop(out),
            "/hang-headers" => {
                let _body = begin(out, 200, &[]);
                hang();
            }
            "/hang-body" => {
                let body = begin(out, 200, &[]);
                let stream = body.write().unwrap();
                let _ = write_all(&stream, b"half of it\n");
                hang();
            }
            "/hang-read" => {
                let _ = read_all(request.consume().unwrap());
            }
            "/hang" => hang(),
            _ if target.get("hang").is_some() => hang(),
            _ => {}
        }
    }
}

wasi::http::proxy::export!(Never);

//! Sends the whole response at once, then works on: `steps` times (3 unless told) it sleeps `ms` (50) and writes
//! `late step N` to the error output. `?url=A` then makes a request and writes its status, `?panic` fails at the end,
//! `?exit=N` leaves with that code.

use support::{answer, request_to, sleep, Target};
use wasi::http::types::*;

struct Late;

fn status_of(url: &str) -> String {
    let request = request_to(url, Fields::new());
    match wasi::http::outgoing_handler::handle(request, None) {
        Err(e) => format!("{e:?}"),
        Ok(future) => {
            future.subscribe().block();
            match future.get().unwrap().unwrap() {
                Ok(response) => response.status().to_string(),
                Err(e) => format!("{e:?}"),
            }
        }
    }
}

impl wasi::exports::http::incoming_handler::Guest for Late {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let target = Target::of(&request);
        answer(out, 200, "answered\n");
        for step in 1..=target.number("steps", 3) {
            sleep(target.number("ms", 50));
            eprintln!("late step {step}");
        }
        if let Some(url) = target.get("url") {
            eprintln!("late request {}", status_of(&url));
        }
        if target.get("panic").is_some() {
            panic!("late failure");
        }
        if target.get("exit").is_some() {
            std::process::exit(target.number("exit", 0) as i32);
        }
        eprintln!("late end");
    }
}

wasi::http::proxy::export!(Late);

//! Corner cases of wasi:io and wasi:http: each path is one case, its outcome the body of the answer. A case that must trap
//! answers `no trap` when the host let it pass. Four files: incoming, outgoing, streams, fields.

mod fields;
mod incoming;
mod outgoing;
mod streams;

use support::{answer, Target};
use wasi::http::types::*;

struct Io;

/// What a case gets, and how it answers: a text for a plain 200, or nothing when it made its own response.
pub struct Case {
    pub request: IncomingRequest,
    pub target: Target,
    pub out: Option<ResponseOutparam>,
}

impl Case {
    pub fn out(&mut self) -> ResponseOutparam {
        self.out.take().unwrap()
    }
}

impl wasi::exports::http::incoming_handler::Guest for Io {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let target = Target::of(&request);
        let name = target.path[1..].to_string();
        let mut case = Case { request, target, out: Some(out) };
        let text = incoming::run(&name, &mut case)
            .or_else(|| outgoing::run(&name, &mut case))
            .or_else(|| streams::run(&name, &mut case))
            .or_else(|| fields::run(&name, &mut case));
        let Some(out) = case.out.take() else { return };
        match text {
            Some(text) => answer(out, 200, &format!("{text}\n")),
            None => answer(out, 404, "no such case\n"),
        }
    }
}

wasi::http::proxy::export!(Io);

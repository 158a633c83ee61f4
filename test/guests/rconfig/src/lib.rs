//! `/name` answers with what wasi:config/store says of that key; `/` with all of them, sorted, a line each.

use support::{answer, Target};
use wasi::http::types::*;

mod bindings {
    wit_bindgen::generate!({ path: "wit", world: "reader", generate_all });
}
use bindings::wasi::config::store;

struct Config;

impl wasi::exports::http::incoming_handler::Guest for Config {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let path = Target::of(&request).path;
        let text = match &path[1..] {
            "" => store::get_all().map(|mut all| {
                all.sort();
                all.iter().map(|(name, value)| format!("{name}={value}\n")).collect()
            }),
            key => store::get(key).map(|value| format!("{value:?}\n")),
        };
        answer(out, 200, &text.unwrap_or_else(|e| format!("error {e:?}\n")));
    }
}

wasi::http::proxy::export!(Config);

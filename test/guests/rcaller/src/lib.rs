//! Needs a dependency for guests:depend/probe. `/count` answers with how many calls the dependency has seen (1 twice, when
//! requests do not see each other: `1 2`), `/tally` uses its resource, `/ask/WHAT/ABOUT` lets it try something that needs a
//! grant (`env` `file` `store` `variable` `fetch`), `/own/WHAT/ABOUT` tries the same itself. Paths begin behind the route.

#[path = "../../rprobe/src/ask.rs"]
mod ask;

mod bindings {
    wit_bindgen::generate!({ path: "../rprobe/wit", world: "caller" });
}
use bindings::guests::depend::probe;
use support::answer;
use wasi::http::types::*;

struct Caller;

impl wasi::exports::http::incoming_handler::Guest for Caller {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let [path, ..] = &request.headers().get("spin-path-info")[..] else {
            return answer(out, 500, "no path\n");
        };
        let path = String::from_utf8_lossy(path);
        let parts: Vec<&str> = path[1..].splitn(3, '/').collect();
        let text = match parts[..] {
            ["count"] => format!("{} {}", probe::count(), probe::count()),
            ["tally"] => {
                let (one, other) = (probe::Tally::new(5), probe::Tally::new(10));
                format!("{} {} {}", one.up(), other.up(), one.up())
            }
            ["ask", what, about] => probe::ask(what, about),
            ["own", what, about] => ask::ask(what, about),
            _ => "what?".to_string(),
        };
        answer(out, 200, &format!("{text}\n"));
    }
}

wasi::http::proxy::export!(Caller);

//! Serves the files that are mounted into the component: GET and HEAD of a file, `index.html` for a folder, never a list
//! of names. What is asked for is found by `site`, in what form it goes out is decided by `representation`, and whether
//! all of it does by `conditions` and `range`. How to set it up stands in README.md.

mod conditions;
mod config;
mod content_type;
mod encoding;
mod mount;
mod path;
mod range;
mod representation;
mod request;
mod respond;
mod site;

use conditions::Outcome;
use config::Config;
use range::Selection;
use representation::Representation;
use request::Request;
use respond::Response;
use site::{Answer, Site};
use wasi::http::types::{IncomingRequest, ResponseOutparam};

struct StaticFileserver;

impl wasi::exports::http::incoming_handler::Guest for StaticFileserver {
    fn handle(incoming: IncomingRequest, out: ResponseOutparam) {
        let request = Request::of(&incoming);
        let response = answer(&request, &Config::from_environment()).unwrap_or_else(|reason| {
            eprintln!("static-fileserver: {reason}");
            Response::text(500, "Internal Server Error")
        });
        response.send(request.head_only(), out);
    }
}

wasi::http::proxy::export!(StaticFileserver);

/// Err: a file that is there cannot be read.
fn answer(request: &Request, config: &Config) -> Result<Response, String> {
    if !request.is_read() {
        return Ok(Response::text(405, "Method Not Allowed").with("allow", "GET, HEAD"));
    }
    let site = Site::of(config);
    Ok(match site.find(request)? {
        Answer::Redirect(location) => {
            Response::empty(301).with("location", &location).with("cache-control", config.cache_control(""))
        }
        Answer::File(file) => {
            let cache_control = config.cache_control(&file.path);
            serve(Representation::choose(file, &site, request, config)?, request, cache_control)
        }
        // Neither conditions nor ranges: they would be about what is not there.
        Answer::Missing(Some(page)) => {
            let page = Representation::choose(page, &site, request, config)?;
            described(404, &page, config.cache_control("")).carrying(page.into_body())
        }
        Answer::Missing(None) => Response::text(404, "Not Found"),
    })
}

fn serve(representation: Representation, request: &Request, cache_control: &str) -> Response {
    let etag = representation.etag();
    match conditions::check(request, etag) {
        Outcome::NotModified => return validated(304, &representation, cache_control),
        Outcome::Failed => return Response::text(412, "Precondition Failed"),
        Outcome::Proceed => {}
    }
    let Some(length) = representation.length() else {
        return described(200, &representation, cache_control).carrying(representation.into_body());
    };
    let range = request.range().filter(|_| conditions::range_holds(request, etag));
    match range::select(range, length) {
        Selection::Whole => described(200, &representation, cache_control)
            .with("accept-ranges", "bytes")
            .carrying(representation.into_body()),
        Selection::Part { first, last } => described(206, &representation, cache_control)
            .with("accept-ranges", "bytes")
            .with("content-range", &format!("bytes {first}-{last}/{length}"))
            .carrying(representation.into_body().slice(first, last)),
        Selection::Unsatisfiable => {
            Response::text(416, "Range Not Satisfiable").with("content-range", &format!("bytes */{length}"))
        }
    }
}

/// What a cache needs to know.
fn validated(status: u16, representation: &Representation, cache_control: &str) -> Response {
    let response =
        Response::empty(status).with("cache-control", cache_control).with("etag", representation.etag());
    if representation.is_negotiable() { response.with("vary", "accept-encoding") } else { response }
}

fn described(status: u16, representation: &Representation, cache_control: &str) -> Response {
    let response = validated(status, representation, cache_control)
        .with("content-type", representation.content_type())
        // What a file is, its name says; a guess could make a page of what somebody uploaded.
        .with("x-content-type-options", "nosniff");
    match representation.encoding() {
        Some(encoding) => response.with("content-encoding", encoding),
        None => response,
    }
}

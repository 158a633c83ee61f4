//! `/?n=3,4,8` gives a page about the numbers. Python does the statistics and JavaScript the HTML: both are imports here.

use spin_sdk::http::{IntoResponse, Request, Response};
use spin_sdk::http_component;

wit_bindgen::generate!({ path: "../wit", world: "rust", generate_all });

use polyglot::report::{page, statistics};

const USAGE: &str = "Give numbers: /?n=3,4,8\n";

#[http_component]
fn handle(request: Request) -> impl IntoResponse {
    let Some(numbers) = numbers(request.query()) else {
        return answer(400, "text/plain", USAGE);
    };
    match statistics::summarise(&numbers) {
        Ok(summary) => answer(200, "text/html; charset=utf-8", page::render("Numbers", &numbers, summary)),
        Err(reason) => answer(422, "text/plain", format!("{reason}\n")),
    }
}

fn numbers(query: &str) -> Option<Vec<f64>> {
    let list = query.split('&').find_map(|pair| pair.strip_prefix("n="))?;
    list.split(',').map(|number| number.parse().ok()).collect()
}

fn answer(status: u16, content_type: &str, body: impl Into<String>) -> Response {
    Response::builder().status(status).header("content-type", content_type).body(body.into()).build()
}

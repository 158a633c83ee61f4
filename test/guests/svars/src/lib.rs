//! `/name` answers with the variable of that name, or with the error: `error Undefined("...")`. `/name?bytes` with its length.

use spin_sdk::http::{IntoResponse, Request, Response};
use spin_sdk::{http_component, variables};

#[http_component]
fn handle(request: Request) -> anyhow::Result<impl IntoResponse> {
    let answer = match variables::get(&request.path()[1..]) {
        Ok(value) if request.query() == "bytes" => format!("{}\n", value.len()),
        Ok(value) => format!("{value}\n"),
        Err(e) => format!("error {e:?}\n"),
    };
    Ok(Response::builder().status(200).header("content-type", "text/plain").body(answer).build())
}

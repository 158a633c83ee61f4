//! `/` greets with a variable of the application; `/counter` adds one to a number that outlives the request.

use spin_sdk::http::{IntoResponse, Request, Response};
use spin_sdk::{http_component, key_value::Store, variables};

#[http_component]
fn handle(request: Request) -> anyhow::Result<impl IntoResponse> {
    let (status, text) = match request.path() {
        "/" => (200, format!("{} from Rust!\n", variables::get("greeting")?)),
        "/counter" => (200, format!("You are visitor number {}.\n", count()?)),
        path => (404, format!("Nothing at {path}. Try / or /counter or /js/Ada.\n")),
    };
    Ok(Response::builder().status(status).header("content-type", "text/plain").body(text).build())
}

/// Two requests at once may read the same number: the store has no transactions.
fn count() -> anyhow::Result<u64> {
    let store = Store::open_default()?;
    let seen = store.get("visitors")?.and_then(|v| String::from_utf8(v).ok()?.parse().ok()).unwrap_or(0u64);
    store.set("visitors", (seen + 1).to_string().as_bytes())?;
    Ok(seen + 1)
}

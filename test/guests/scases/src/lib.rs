//! Makes the host calls of the request in Rust: a JSON list of `[call, argument…]`, answered with a list of `{ "ok": … }` or
//! `{ "err": … }`. A call is `<prefix>.<function of the interface>`; what it opens is used by the calls after it.
//! `jscalls` does the same in JavaScript, with the same JSON (see `json.rs`).

mod calls;
mod json;
mod sql;

use calls::Open;
use serde_json::{json, Value};
use spin_sdk::http::{IntoResponse, Request, Response};
use spin_sdk::http_component;

async fn attempt(open: &mut Open, line: &Value) -> Value {
    let (Some(name), args) = (line[0].as_str(), line.as_array().map_or(&[][..], |all| &all[1..])) else {
        return json!({ "thrown": "a call is a list that begins with a name" });
    };
    let (prefix, function) = name.split_once('.').unwrap_or((name, ""));
    let done = match prefix {
        "http" => Some(calls::http(args).await),
        "pg2" | "pg3" | "pg4" | "mysql" | "sqlite2" | "sqlite3" => sql::call(open, prefix, function, args),
        _ => calls::call(open, prefix, function, args),
    };
    match done {
        Some(Ok(value)) => json!({ "ok": value }),
        Some(Err(error)) => json!({ "err": error }),
        None => json!({ "thrown": format!("no call {name}, or nothing is open") }),
    }
}

#[http_component]
async fn handle(request: Request) -> anyhow::Result<impl IntoResponse> {
    let lines: Vec<Value> = serde_json::from_slice(request.body())?;
    let mut open = Open::default();
    let mut answers = Vec::new();
    for line in &lines {
        answers.push(attempt(&mut open, line).await);
    }
    let body = serde_json::to_vec(&answers)?;
    Ok(Response::builder().status(200).header("content-type", "application/json").body(body).build())
}

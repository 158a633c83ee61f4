//! The Spin key-value store, one call a path, the result in debug form:
//! `/` adds one to `visits` and answers with the number; `/get/K` `/set/K?VALUE` `/exists/K` `/delete/K` `/keys` (sorted);
//! `/open/LABEL` opens another store; `/fill/N` sets a value of N bytes; `/drop` opens a thousand stores one after another;
//! `/hold` opens stores until it is refused. `?store=LABEL` uses another store for get, exists, delete and keys.

use spin_sdk::http::{IntoResponse, Request, Response};
use spin_sdk::http_component;
use spin_sdk::key_value::{Error, Store};

fn debug<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    match result {
        Ok(value) => format!("{value:?}\n"),
        Err(e) => format!("error {e:?}\n"),
    }
}

fn text(value: Option<Vec<u8>>) -> Option<String> {
    value.map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

fn count(store: &Store) -> Result<u64, Error> {
    let seen = text(store.get("visits")?).and_then(|t| t.parse().ok()).unwrap_or(0u64) + 1;
    store.set("visits", seen.to_string().as_bytes())?;
    Ok(seen)
}

fn run(path: &str, query: &str) -> Result<String, Error> {
    let (call, rest) = path[1..].split_once('/').unwrap_or((&path[1..], ""));
    let open = || match query.strip_prefix("store=") {
        Some(label) => Store::open(label),
        None => Store::open_default(),
    };
    Ok(match call {
        "" => debug(count(&open()?)),
        "get" => debug(open()?.get(rest).map(text)),
        "set" => debug(Store::open_default()?.set(rest, query.as_bytes())),
        "exists" => debug(open()?.exists(rest)),
        "delete" => debug(open()?.delete(rest)),
        "keys" => debug(open()?.get_keys().map(|mut keys| {
            keys.sort();
            keys
        })),
        "open" => debug(Store::open(rest).map(|_| ())),
        "fill" => debug(open()?.set("big", &vec![7; rest.parse().unwrap_or(0)])),
        "drop" => debug((0..1000).try_for_each(|_| open().map(drop))),
        "hold" => {
            let mut held = Vec::new();
            let refused = loop {
                match open() {
                    Ok(store) if held.len() < 5000 => held.push(store),
                    Ok(_) => break None,
                    Err(e) => break Some(e),
                }
            };
            format!("{} then {refused:?}\n", held.len())
        }
        _ => "no such call\n".to_string(),
    })
}

#[http_component]
fn handle(request: Request) -> anyhow::Result<impl IntoResponse> {
    let answer = run(request.path(), request.query()).unwrap_or_else(|e| format!("error {e:?}\n"));
    Ok(Response::builder().status(200).header("content-type", "text/plain").body(answer).build())
}

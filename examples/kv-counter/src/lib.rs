//! `/` lists all counters. `/:name` is one of them: GET reads it, POST adds one, DELETE forgets it.
//! The captured part of the route comes in the header `spin-path-match-name`.

use anyhow::Result;
use spin_sdk::http::{IntoResponse, Method, Request, Response};
use spin_sdk::{http_component, key_value::Store};

#[http_component]
fn handle(request: Request) -> Result<impl IntoResponse> {
    let store = Store::open_default()?;
    let Some(name) = request.header("spin-path-match-name").and_then(|value| value.as_str()) else {
        return Ok(text(200, list(&store)?));
    };
    Ok(match request.method() {
        Method::Get => match store.get(name)? {
            None => text(404, format!("no counter named {name}\n")),
            Some(_) => text(200, format!("{}\n", read(&store, name)?)),
        },
        Method::Post => {
            let next = read(&store, name)? + 1;
            store.set(name, next.to_string().as_bytes())?;
            text(200, format!("{next}\n"))
        }
        Method::Delete => {
            store.delete(name)?;
            text(204, String::new())
        }
        _ => text(405, "GET, POST or DELETE\n".to_string()),
    })
}

fn text(status: u16, body: String) -> Response {
    Response::builder().status(status).header("content-type", "text/plain").body(body).build()
}

/// Two requests at once may read the same number: the store has no transactions.
fn read(store: &Store, name: &str) -> Result<u64> {
    Ok(store.get(name)?.and_then(|bytes| String::from_utf8(bytes).ok()?.parse().ok()).unwrap_or(0))
}

fn list(store: &Store) -> Result<String> {
    let mut names = store.get_keys()?;
    names.sort();
    names.iter().map(|name| Ok(format!("{name} {}\n", read(store, name)?))).collect()
}

//! The guest book: `GET /api/entries` lists it, `POST /api/entries` adds to it. An entry is a key of its own, so that two
//! guests who write at once do not overwrite each other.

use serde::{Deserialize, Serialize};
use spin_sdk::http::{Method, Request, Response};
use spin_sdk::{http_component, key_value::Store};
use std::time::{SystemTime, UNIX_EPOCH};

const PREFIX: &str = "entry:";
/// A line, not a book.
const MAX_LETTERS: usize = 280;
/// The newest that are listed.
const LISTED: usize = 50;

#[derive(Serialize, Deserialize)]
struct Entry {
    name: String,
    text: String,
    /// Milliseconds since 1970.
    #[serde(default)]
    at: u64,
}

#[http_component]
fn handle(request: Request) -> anyhow::Result<Response> {
    match (request.method(), request.path()) {
        (Method::Get, "/api/entries") => Ok(json(200, &list()?)),
        (Method::Post, "/api/entries") => match written(request.body()) {
            Ok(entry) => add(entry),
            Err(reason) => Ok(json(400, &serde_json::json!({ "error": reason }))),
        },
        (_, "/api/entries") => Ok(Response::builder().status(405).header("allow", "GET, POST").build()),
        _ => Ok(json(404, &serde_json::json!({ "error": "There is only /api/entries." }))),
    }
}

fn written(body: &[u8]) -> Result<Entry, String> {
    let entry: Entry = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    let (name, text) = (entry.name.trim(), entry.text.trim());
    if name.is_empty() || text.is_empty() {
        return Err("Both a name and a text are needed.".to_string());
    }
    if name.chars().count() + text.chars().count() > MAX_LETTERS {
        return Err(format!("At most {MAX_LETTERS} letters, please."));
    }
    Ok(Entry { name: name.to_string(), text: text.to_string(), at: 0 })
}

fn add(entry: Entry) -> anyhow::Result<Response> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
    let entry = Entry { at: now.as_millis() as u64, ..entry };
    // Sorted by time; the nanoseconds tell apart what was written within one millisecond.
    let key = format!("{PREFIX}{:020}", now.as_nanos());
    Store::open_default()?.set(&key, &serde_json::to_vec(&entry)?)?;
    Ok(json(201, &entry))
}

/// The newest first.
fn list() -> anyhow::Result<Vec<Entry>> {
    let store = Store::open_default()?;
    let mut keys: Vec<String> = store.get_keys()?.into_iter().filter(|key| key.starts_with(PREFIX)).collect();
    keys.sort_unstable_by(|one, other| other.cmp(one));
    let mut entries = Vec::new();
    for key in keys.iter().take(LISTED) {
        if let Some(value) = store.get(key)? {
            entries.push(serde_json::from_slice(&value)?);
        }
    }
    Ok(entries)
}

fn json(status: u16, value: &impl Serialize) -> Response {
    let body = serde_json::to_vec(value).expect("what is written here is JSON");
    let headers = [("content-type", "application/json"), ("cache-control", "no-store")];
    headers.into_iter().fold(Response::builder(), |builder, (name, value)| {
        let mut builder = builder;
        builder.header(name, value);
        builder
    }).status(status).body(body).build()
}

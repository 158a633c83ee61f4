//! Something to fetch: `/<letter>?megabytes=<n>` is that many megabytes of that letter, sent as they are made.

use anyhow::Result;
use futures::SinkExt;
use spin_sdk::http::{Headers, IncomingRequest, OutgoingResponse, ResponseOutparam};
use spin_sdk::http_component;

const MEGABYTE: usize = 1_000_000;

/// Where the query says nothing.
const FEW: usize = 1;
/// A larger answer than this is a mistake in the URL.
const MOST: usize = 1000;

#[http_component]
async fn handle(request: IncomingRequest, out: ResponseOutparam) {
    if let Err(error) = send(&request.path_with_query().unwrap_or_default(), out).await {
        eprintln!("broken off: {error:#}");
    }
}

async fn send(target: &str, out: ResponseOutparam) -> Result<()> {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let letter = path.bytes().nth(1).unwrap_or(b'a');
    let asked = query.split('&').find_map(|pair| pair.strip_prefix("megabytes="));
    let megabytes = asked.and_then(|number| number.parse().ok()).unwrap_or(FEW).min(MOST);
    let headers = Headers::new();
    headers.set(&"content-type".to_string(), &[b"text/plain".to_vec()])?;
    let response = OutgoingResponse::new(headers);
    let mut body = response.take_body();
    out.set(response);
    for _ in 0..megabytes {
        body.send(vec![letter; MEGABYTE]).await?;
    }
    Ok(())
}

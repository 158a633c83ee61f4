//! Fetches all URLs of the variable `urls` at once and hashes what comes, as it comes. A line for each, in the order in
//! which they end: `<sha256> <bytes> <url>`. No body is ever held: only its hash so far.

use anyhow::{bail, Context, Result};
use futures::{SinkExt, StreamExt, TryStreamExt};
use sha2::{Digest, Sha256};
use spin_sdk::http::{
    send, Headers, IncomingRequest, IncomingResponse, OutgoingRequest, OutgoingResponse, ResponseOutparam, Scheme,
};
use spin_sdk::{http_component, variables};

/// So many bodies are on their way at a time.
const AT_ONCE: usize = 16;

#[http_component]
async fn handle(_request: IncomingRequest, out: ResponseOutparam) {
    if let Err(error) = hash_all(out).await {
        eprintln!("broken off: {error:#}");
    }
}

async fn hash_all(out: ResponseOutparam) -> Result<()> {
    let urls = variables::get("urls").context("the variable `urls`")?;
    let headers = Headers::new();
    headers.set(&"content-type".to_string(), &[b"text/plain".to_vec()])?;
    let response = OutgoingResponse::new(headers);
    let mut body = response.take_body();
    out.set(response);
    let mut lines = futures::stream::iter(urls.split_whitespace())
        .map(|url| async move {
            match hash(url).await {
                Ok((digest, bytes)) => format!("{digest} {bytes} {url}\n"),
                Err(error) => format!("error: {error:#}: {url}\n"),
            }
        })
        .buffer_unordered(AT_ONCE);
    while let Some(line) = lines.next().await {
        body.send(line.into_bytes()).await?;
    }
    Ok(())
}

async fn hash(url: &str) -> Result<(String, usize)> {
    let response: IncomingResponse = send(get(url)?).await?;
    if response.status() != 200 {
        bail!("status {}", response.status());
    }
    let (mut hash, mut bytes) = (Sha256::new(), 0);
    let mut body = response.take_body_stream();
    while let Some(piece) = body.try_next().await? {
        bytes += piece.len();
        hash.update(&piece);
    }
    Ok((format!("{:x}", hash.finalize()), bytes))
}

fn get(url: &str) -> Result<OutgoingRequest> {
    let (scheme, rest) = url.split_once("://").context("no URL")?;
    let scheme = match scheme {
        "http" => Scheme::Http,
        "https" => Scheme::Https,
        other => bail!("no way to fetch {other}"),
    };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let request = OutgoingRequest::new(Headers::new());
    let fits = request.set_scheme(Some(&scheme)).is_ok()
        && request.set_authority(Some(authority)).is_ok()
        && request.set_path_with_query(Some(if path.is_empty() { "/" } else { path })).is_ok();
    if !fits {
        bail!("no URL");
    }
    Ok(request)
}

//! Bodies larger than the guest's memory: `GET /chunks/<count>` sends chunks of 1 MB each, `POST /echo` sends the request's
//! body back, `POST /upper` in capitals. Nothing holds more than one piece of a body, and whoever reads slowly slows the
//! writer down.

use anyhow::{bail, Result};
use futures::{SinkExt, StreamExt};
use spin_sdk::http::{Headers, IncomingRequest, Method, OutgoingResponse, ResponseOutparam};
use spin_sdk::http_component;

const CHUNK: usize = 1024 * 1024;

/// A larger answer than this is a mistake in the URL.
const MOST_CHUNKS: u64 = 4096;

#[http_component]
async fn handle(request: IncomingRequest, out: ResponseOutparam) {
    let target = request.path_with_query().unwrap_or_default();
    let path = target.split('?').next().unwrap_or_default();
    let result = match (request.method(), path) {
        (Method::Get, path) if path.starts_with("/chunks/") => match path["/chunks/".len()..].parse() {
            Ok(count) if count <= MOST_CHUNKS => chunks(out, count).await,
            _ => respond(out, 400, &format!("Ask for at most {MOST_CHUNKS} chunks: /chunks/16\n")).await,
        },
        (Method::Post, "/echo") => transform(request, out, |_| ()).await,
        (Method::Post, "/upper") => transform(request, out, |piece| piece.make_ascii_uppercase()).await,
        _ => respond(out, 404, "Try GET /chunks/16, POST /echo or POST /upper.\n").await,
    };
    if let Err(error) = result {
        eprintln!("broken off: {error:#}");
    }
}

/// The first chunk is made of `a`, the next of `b`, and so on round the alphabet.
async fn chunks(out: ResponseOutparam, count: u64) -> Result<()> {
    let response = begin(200, "text/plain", Some(count * CHUNK as u64))?;
    let mut body = response.take_body();
    out.set(response);
    for letter in (b'a'..=b'z').cycle().take(count as usize) {
        body.send(vec![letter; CHUNK]).await?;
    }
    Ok(())
}

/// Sends each piece of the body on as soon as it is there.
async fn transform(request: IncomingRequest, out: ResponseOutparam, change: impl Fn(&mut [u8])) -> Result<()> {
    let response = begin(200, "application/octet-stream", None)?;
    let mut to = response.take_body();
    out.set(response);
    let mut from = request.into_body_stream();
    while let Some(piece) = from.next().await {
        let mut piece = piece?;
        change(&mut piece);
        to.send(piece).await?;
    }
    Ok(())
}

async fn respond(out: ResponseOutparam, status: u16, text: &str) -> Result<()> {
    let response = begin(status, "text/plain", Some(text.len() as u64))?;
    let mut body = response.take_body();
    out.set(response);
    Ok(body.send(text.as_bytes().to_vec()).await?)
}

fn begin(status: u16, content_type: &str, length: Option<u64>) -> Result<OutgoingResponse> {
    let headers = Headers::new();
    headers.set(&"content-type".to_string(), &[content_type.as_bytes().to_vec()])?;
    if let Some(length) = length {
        headers.set(&"content-length".to_string(), &[length.to_string().into_bytes()])?;
    }
    let response = OutgoingResponse::new(headers);
    if response.set_status_code(status).is_err() {
        bail!("{status} is no status");
    }
    Ok(response)
}

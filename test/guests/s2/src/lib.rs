//! Echo and outgoing requests with the Spin Rust SDK 2.1, on the release candidate of WASI of October 2023.
//! `/view` method, path and headers as text; `/echo` the body back, piece by piece; `/fetch?<url>` the status and body of
//! what is there, or the error; `/config/<key>` a variable; `/trap`; anything else is greeted.

use anyhow::Result;
use futures::{SinkExt, StreamExt};
use spin_sdk::http::{self, Headers, IncomingRequest, OutgoingResponse, Request, Response, ResponseOutparam};
use spin_sdk::{http_component, variables};

#[http_component]
async fn handle(request: IncomingRequest, out: ResponseOutparam) {
    if let Err(error) = answer(request, out).await {
        eprintln!("{error}");
    }
}

async fn answer(request: IncomingRequest, out: ResponseOutparam) -> Result<()> {
    let target = request.path_with_query().unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    if path == "/echo" {
        return echo(request, out).await;
    }
    let text = match path {
        "/view" => view(&request, &target),
        "/fetch" => fetch(query).await,
        "/trap" => panic!("asked to"),
        _ => match path.strip_prefix("/config/") {
            Some(key) => format!("{:?}\n", variables::get(key)),
            None => format!("hello {path}\n"),
        },
    };
    let response = OutgoingResponse::new(200, &Headers::new(&[("content-type".to_string(), b"text/plain".to_vec())]));
    let mut body = response.take_body();
    out.set(response);
    Ok(body.send(text.into_bytes()).await?)
}

fn view(request: &IncomingRequest, target: &str) -> String {
    let mut lines: Vec<String> = request
        .headers()
        .entries()
        .into_iter()
        .map(|(name, value)| format!("{name}: {}", String::from_utf8_lossy(&value)))
        .collect();
    lines.sort();
    format!("{:?} {:?} {:?} {target}\n{}\n", request.method(), request.scheme(), request.authority(), lines.join("\n"))
}

async fn echo(request: IncomingRequest, out: ResponseOutparam) -> Result<()> {
    let response = OutgoingResponse::new(200, &Headers::new(&[]));
    let mut to = response.take_body();
    out.set(response);
    let mut from = request.into_body_stream();
    while let Some(piece) = from.next().await {
        to.send(piece?).await?;
    }
    Ok(())
}

async fn fetch(url: &str) -> String {
    let request = Request::get(url).build();
    match http::send::<_, Response>(request).await {
        Ok(response) => format!("{} {}\n", response.status(), String::from_utf8_lossy(response.body())),
        Err(error) => format!("error {error}\n"),
    }
}

//! WASI 0.3: one async function from request to response. `/` a greeting, `/echo` gives the request's body back as it
//! comes, `/get?URL` passes a response through, `/both?URL` fetches it twice at once and answers with both statuses,
//! `/sleep?MS` waits first, `/visits` counts in the default store, `/var/NAME` reads a variable, `/state` counts the
//! requests that this instance has seen. Without the feature `spin` it imports nothing of Spin's own (sp3-plain).

use anyhow::Result;
use futures::future::join;
use spin_sdk::http::{self, IntoResponse, Request, StatusCode};
use spin_sdk::wasip3::http::types;
use spin_sdk::http_service;
#[cfg(feature = "spin")]
use spin_sdk::{key_value::Store, variables};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;

static SEEN: AtomicU32 = AtomicU32::new(0);

#[http_service]
async fn handle(request: Request) -> Result<types::Response> {
    let seen = SEEN.fetch_add(1, Relaxed) + 1;
    let path = request.uri().path().to_string();
    let query = request.uri().query().unwrap_or_default().to_string();
    let answer = match path.as_str() {
        "/" => "Hello from WASI 0.3!\n".into_response(),
        "/echo" => hyperium::Response::new(request.into_body()).into_response(),
        "/get" => http::get(&query).await?.into_response(),
        "/both" => both(&query).await.into_response(),
        "/sleep" => {
            spin_sdk::time::sleep(Duration::from_millis(query.parse()?)).await;
            "slept\n".into_response()
        }
        #[cfg(feature = "spin")]
        "/visits" => format!("{}\n", count().await?).into_response(),
        "/state" => format!("{seen}\n").into_response(),
        _ => match path.strip_prefix("/var/") {
            #[cfg(feature = "spin")]
            Some(name) => variable(name).await.into_response(),
            _ => (StatusCode::NOT_FOUND, "no such path\n".to_string()).into_response(),
        },
    };
    Ok(answer?)
}

async fn both(url: &str) -> String {
    let (one, two) = join(http::get(url), http::get(url)).await;
    let status = |r: Result<http::Response, types::ErrorCode>| match r {
        Ok(response) => response.status().as_u16().to_string(),
        Err(e) => format!("error {e:?}"),
    };
    format!("{} {}\n", status(one), status(two))
}

#[cfg(feature = "spin")]
async fn variable(name: &str) -> String {
    match variables::get(name).await {
        Ok(value) => format!("{value}\n"),
        Err(e) => format!("error {e:?}\n"),
    }
}

#[cfg(feature = "spin")]
async fn count() -> Result<u64> {
    let store = Store::open_default().await?;
    let seen = store.get("visits").await?.and_then(|v| String::from_utf8(v).ok()?.parse().ok()).unwrap_or(0u64);
    store.set("visits", (seen + 1).to_string()).await?;
    Ok(seen + 1)
}

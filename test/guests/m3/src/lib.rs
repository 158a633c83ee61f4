//! HTTP middleware of WASI 0.3: asks the next handler and marks its answer with `x-middleware`. A request with `x-deny` it
//! answers itself with 403, and one with `x-count` it counts in the default store first.

use spin_sdk::http::{self, IntoResponse, Request, StatusCode};
use spin_sdk::http_service;
use spin_sdk::key_value::Store;
use spin_sdk::wasip3::http::types::{ErrorCode, Response};

#[http_service]
async fn handle(request: Request) -> Result<Response, ErrorCode> {
    if request.headers().contains_key("x-deny") {
        return (StatusCode::FORBIDDEN, "denied\n".to_string()).into_response();
    }
    let count = request.headers().contains_key("x-count");
    let mark = if count { count_up().await } else { "passed".into() };
    let mut response = http::next(request).await?;
    response.headers_mut().insert("x-middleware", mark.parse().map_err(|_| ErrorCode::InternalError(None))?);
    response.into_response()
}

async fn count_up() -> String {
    let counted = async {
        let store = Store::open_default().await?;
        let seen = store.get("m3").await?.map_or(0, |bytes| bytes.len());
        store.set("m3", vec![b'.'; seen + 1]).await?;
        Ok::<_, spin_sdk::key_value::Error>(seen + 1)
    };
    counted.await.map_or_else(|error| format!("{error:?}"), |seen| seen.to_string())
}

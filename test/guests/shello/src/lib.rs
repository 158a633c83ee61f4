//! Hello made with the Spin Rust SDK: async runtime, several versions of the same wasi interfaces in one component.
//! `/path` is echoed; `/error` makes the handler return an error (500 from the SDK).

use spin_sdk::http::{IntoResponse, Request, Response};
use spin_sdk::http_component;

#[http_component]
fn handle(request: Request) -> anyhow::Result<impl IntoResponse> {
    if request.path() == "/error" {
        anyhow::bail!("the guest was told to fail");
    }
    let text = format!("Hello from Spin Rust! {}\n", request.path());
    Ok(Response::builder().status(200).header("content-type", "text/plain").body(text).build())
}

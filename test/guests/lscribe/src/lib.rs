//! A dependency: prints to standard output, hands it out, and asks for what it may not be granted.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use wasi::http::{outgoing_handler, types};

wit_bindgen::generate!({
    path: "../library",
    world: "lscribe",
    with: { "wasi:io/streams@0.2.12": wasi::io::streams, "wasi:io/error@0.2.12": wasi::io::error },
    generate_all,
});
use exports::test::library::scribe::Guest;
use fermyon::spin::key_value::Store;

static LINES: AtomicU32 = AtomicU32::new(0);

struct Scribe;

impl Guest for Scribe {
    fn pen() -> wasi::io::streams::OutputStream {
        wasi::cli::stdout::get_stdout()
    }

    fn write(line: String) -> u32 {
        println!("{line}");
        LINES.fetch_add(1, Relaxed) + 1
    }

    fn remember(key: String, value: Vec<u8>) -> Result<(), String> {
        let store = Store::open("default").map_err(|error| format!("{error:?}"))?;
        store.set(&key, &value).map_err(|error| format!("{error:?}"))
    }

    fn fetch(authority: String) -> Result<u16, String> {
        let request = types::OutgoingRequest::new(types::Fields::new());
        request.set_authority(Some(&authority)).map_err(|()| "no authority".to_string())?;
        let future = outgoing_handler::handle(request, None).map_err(|error| format!("{error:?}"))?;
        future.subscribe().block();
        match future.get() {
            Some(Ok(Ok(response))) => Ok(response.status()),
            other => Err(format!("{other:?}")),
        }
    }
}

export!(Scribe);

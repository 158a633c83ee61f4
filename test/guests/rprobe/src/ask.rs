//! Things that a component needs a grant for. rcaller does them itself too, so that one can tell whose grant it was.

use spin_sdk::{key_value::Store, variables};
use wasi::http::outgoing_handler;
use wasi::http::types::{Fields, OutgoingRequest, Scheme};

pub fn ask(what: &str, about: &str) -> String {
    match what {
        "env" => std::env::var(about).unwrap_or_else(|error| format!("{error}")),
        "file" => std::fs::read_to_string(about).unwrap_or_else(|error| format!("{error}")),
        "store" => match Store::open(about).and_then(|store| store.get("key")) {
            Ok(value) => String::from_utf8_lossy(&value.unwrap_or_default()).into_owned(),
            Err(error) => format!("{error:?}"),
        },
        "variable" => variables::get(about).unwrap_or_else(|error| format!("{error:?}")),
        "fetch" => fetch(about),
        _ => "what?".to_string(),
    }
}

/// The status that `http://AUTHORITY/` answers with.
fn fetch(authority: &str) -> String {
    let request = OutgoingRequest::new(Fields::new());
    request.set_scheme(Some(&Scheme::Http)).unwrap();
    request.set_authority(Some(authority)).unwrap();
    request.set_path_with_query(Some("/")).unwrap();
    let answer = match outgoing_handler::handle(request, None) {
        Ok(answer) => answer,
        Err(error) => return format!("{error:?}"),
    };
    answer.subscribe().block();
    match answer.get() {
        Some(Ok(Ok(response))) => format!("{}", response.status()),
        other => format!("{other:?}"),
    }
}

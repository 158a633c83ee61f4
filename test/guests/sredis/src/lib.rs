//! Takes a Redis message: prints it, adds one to `messages` in the default store and keeps the text under `last`.
//! The message `fail` makes the handler return an error, `panic` traps.

use anyhow::{bail, Result};
use spin_sdk::{key_value::Store, redis_component};

#[redis_component]
fn on_message(message: Vec<u8>) -> Result<()> {
    let text = String::from_utf8_lossy(&message).into_owned();
    println!("message {text}");
    match text.as_str() {
        "fail" => bail!("the guest was told to fail"),
        "panic" => panic!("the guest was told to panic"),
        _ => {}
    }
    let store = Store::open_default()?;
    let seen: u64 = store.get("messages")?.and_then(|b| String::from_utf8(b).ok()?.parse().ok()).unwrap_or(0);
    store.set("messages", (seen + 1).to_string().as_bytes())?;
    store.set("last", &message)?;
    Ok(())
}

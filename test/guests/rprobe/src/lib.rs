//! A dependency for rcaller: tries what its component may do, counts its own calls, and gives a resource away.

mod ask;

mod bindings {
    wit_bindgen::generate!({ path: "wit", world: "dependency" });
}
use bindings::exports::guests::depend::probe::{Guest, GuestTally};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

struct Probe;
struct Tally(AtomicU32);

static CALLS: AtomicU32 = AtomicU32::new(0);

impl Guest for Probe {
    type Tally = Tally;

    fn ask(what: String, about: String) -> String {
        ask::ask(&what, &about)
    }

    fn count() -> u32 {
        CALLS.fetch_add(1, Relaxed) + 1
    }
}

impl GuestTally for Tally {
    fn new(start: u32) -> Self {
        Tally(AtomicU32::new(start))
    }

    fn up(&self) -> u32 {
        self.0.fetch_add(1, Relaxed) + 1
    }
}

bindings::export!(Probe with_types_in bindings);

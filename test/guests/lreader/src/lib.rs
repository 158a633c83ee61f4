//! The component whose imports others satisfy: puts what it is given on shelves of one, and speaks through the other.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

wit_bindgen::generate!({ path: "../library", world: "lreader", generate_all });
use exports::test::library::reading::{Book, Guest, Refusal};
use test::library::scribe;
use test::library::shelves::{self, Shelf};

static CALLS: AtomicU32 = AtomicU32::new(0);

struct Reader;

impl Guest for Reader {
    /// All but the last book go to one shelf, the last to another, and both become one; the handle to it is not dropped by
    /// an error that comes back.
    fn read(mut books: Vec<Book>, tag: String) -> Result<Vec<Book>, Refusal> {
        CALLS.fetch_add(1, Relaxed);
        let shelf = Shelf::new("first");
        let other = Shelf::new("second");
        if let Some(last) = books.pop() {
            other.put(&last)?;
        }
        for book in &books {
            shelf.put(book)?;
        }
        Shelf::merge(&shelf, other)?;
        Ok(shelf.find(&tag))
    }

    fn count() -> (u32, u32, u32) {
        let (shelves, books) = shelves::count();
        (shelves, books, CALLS.load(Relaxed))
    }

    fn print(lines: Vec<String>) -> u32 {
        CALLS.fetch_add(1, Relaxed);
        let mut count = 0;
        for line in lines {
            scribe::pen().blocking_write_and_flush(b"> ").unwrap();
            count = scribe::write(&line);
        }
        count
    }

    fn remember(key: String) -> Result<(), String> {
        scribe::remember(&key, b"value")
    }

    fn fetch(authority: String) -> Result<u16, String> {
        scribe::fetch(&authority)
    }
}

export!(Reader);

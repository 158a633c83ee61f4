//! A dependency: keeps books on shelves, in memory and statics of its own.

use std::cell::RefCell;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

wit_bindgen::generate!({ path: "../library", world: "lshelves" });
use exports::test::library::shelves::*;

/// Of one shelf.
const ROOM: usize = 3;

static SHELVES: AtomicU32 = AtomicU32::new(0);
static BOOKS: AtomicU32 = AtomicU32::new(0);

struct Library;

struct Boards {
    name: String,
    books: RefCell<Vec<Book>>,
}

impl Drop for Boards {
    fn drop(&mut self) {
        SHELVES.fetch_sub(1, Relaxed);
    }
}

impl GuestShelf for Boards {
    fn new(name: String) -> Self {
        SHELVES.fetch_add(1, Relaxed);
        Boards { name, books: RefCell::default() }
    }

    fn name(&self) -> String {
        self.name.clone()
    }

    fn put(&self, book: Book) -> Result<u32, Refusal> {
        let mut books = self.books.borrow_mut();
        if book.title.is_empty() {
            return Err(Refusal::Nameless);
        }
        if books.len() == ROOM {
            return Err(Refusal::Full(ROOM as u32));
        }
        if books.iter().any(|other| other.title == book.title) {
            return Err(Refusal::Twice(book));
        }
        books.push(book);
        BOOKS.fetch_add(1, Relaxed);
        Ok(books.len() as u32)
    }

    fn find(&self, tag: String) -> Vec<Book> {
        self.books.borrow().iter().filter(|book| book.tags.contains(&tag)).cloned().collect()
    }

    fn merge(into: ShelfBorrow<'_>, from: Shelf) -> Result<u32, Refusal> {
        let into: &Boards = into.get();
        let from: Boards = from.into_inner();
        let mut count = 0;
        for book in from.books.take() {
            count = into.put(book)?;
        }
        Ok(count)
    }
}

impl Guest for Library {
    type Shelf = Boards;

    fn count() -> (u32, u32) {
        (SHELVES.load(Relaxed), BOOKS.load(Relaxed))
    }
}

export!(Library);

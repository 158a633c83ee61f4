//! Conditional requests (RFC 9110 §13) by entity tag. There is no Last-Modified: the time of a mounted file is when this
//! machine got its copy, which differs between replicas.

use crate::request::Request;

pub enum Outcome {
    Proceed,
    NotModified,
    Failed,
}

/// `etag`: the strong one of the representation.
pub fn check(request: &Request, etag: &str) -> Outcome {
    if let Some(wanted) = request.list("if-match") {
        if !any(&wanted, |tag| tag == etag) {
            return Outcome::Failed;
        }
    }
    match request.list("if-none-match") {
        // Compared weakly (§13.1.2): a proxy that compresses makes our tag weak.
        Some(known) if any(&known, |tag| tag.strip_prefix("W/").unwrap_or(tag) == etag) => Outcome::NotModified,
        _ => Outcome::Proceed,
    }
}

/// Whether a range may be served: without If-Range, or with our own tag; a date never holds.
pub fn range_holds(request: &Request, etag: &str) -> bool {
    request.list("if-range").is_none_or(|tag| tag.trim() == etag)
}

/// `*`, or any tag of the list. A comma may stand inside a tag, so it is read quote by quote.
fn any(list: &str, is_wanted: impl Fn(&str) -> bool) -> bool {
    let mut rest = list.trim();
    if rest == "*" {
        return true;
    }
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        let start = if rest.starts_with("W/") { 2 } else { 0 };
        if !rest[start..].starts_with('"') {
            // Not quoted, as some clients send it, or nothing at all.
            let (tag, after) = rest.split_once(',').unwrap_or((rest, ""));
            if tag.is_empty() {
                return false;
            }
            if is_wanted(&format!("\"{}\"", tag.trim())) {
                return true;
            }
            rest = after;
            continue;
        }
        let Some(length) = rest[start + 1..].find('"') else {
            return false;
        };
        let (tag, after) = rest.split_at(start + length + 2);
        if is_wanted(tag) {
            return true;
        }
        rest = after;
    }
}

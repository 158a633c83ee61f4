//! Ranges of bytes (RFC 9110 §14): one is served, of several the whole is, as the RFC allows.

#[derive(Debug, PartialEq)]
pub enum Selection {
    Whole,
    /// Both inclusive.
    Part { first: u64, last: u64 },
    Unsatisfiable,
}

pub fn select(header: Option<String>, length: u64) -> Selection {
    let Some(ranges) = header.as_deref().and_then(of_bytes) else {
        return Selection::Whole; // another unit must be ignored
    };
    // Some clients ask for a range of whatever it is; an empty file is all there is of it.
    if length == 0 {
        return Selection::Whole;
    }
    let mut selected = Vec::new();
    // Empty elements of a list count for nothing (RFC 9110 §5.6.1).
    for range in ranges.split(',').map(|range| range.trim_matches([' ', '\t'])).filter(|range| !range.is_empty()) {
        match parse(range) {
            Some(range) => selected.push(range),
            None => return Selection::Unsatisfiable,
        }
    }
    match &selected[..] {
        [] => Selection::Unsatisfiable,
        [range] => range.within(length),
        _ => Selection::Whole,
    }
}

enum Range {
    From(u64, Option<u64>),
    Suffix(u64),
}

impl Range {
    fn within(&self, length: u64) -> Selection {
        match *self {
            Range::From(first, last) if first < length => {
                Selection::Part { first, last: last.unwrap_or(length).min(length - 1) }
            }
            Range::Suffix(count) if count > 0 => Selection::Part { first: length.saturating_sub(count), last: length - 1 },
            _ => Selection::Unsatisfiable,
        }
    }
}

/// The unit is case-insensitive (RFC 9110 §14.1).
fn of_bytes(header: &str) -> Option<&str> {
    let (unit, ranges) = header.trim().split_once('=')?;
    unit.eq_ignore_ascii_case("bytes").then_some(ranges)
}

/// None when it is none: no digits, something else than digits, the end before the beginning.
fn parse(range: &str) -> Option<Range> {
    let (first, last) = range.split_once('-')?;
    if first.is_empty() {
        return Some(Range::Suffix(number(last)?));
    }
    let first = number(first)?;
    let last = if last.is_empty() { None } else { Some(number(last)?) };
    last.is_none_or(|last| first <= last).then_some(Range::From(first, last))
}

/// Digits only; beyond 64 bits it is beyond every file.
fn number(text: &str) -> Option<u64> {
    (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().unwrap_or(u64::MAX))
}

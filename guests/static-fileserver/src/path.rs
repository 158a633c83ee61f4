//! From the path of a URL to the path of a file: percent-decoding once, and nothing that could name another place.

/// Names that are served although they begin with a dot (RFC 8615).
const WELL_KNOWN: &str = ".well-known";

pub struct Path {
    /// Without a slash in front or behind; empty for the root.
    pub name: String,
    /// A slash at the end: only a folder is meant.
    pub folder: bool,
}

impl Path {
    /// None when no file can have this path: it steps up, or a name in it holds what none may.
    pub fn of_url(raw: &str, hidden: bool) -> Option<Path> {
        let mut names = Vec::new();
        for segment in raw.split('/') {
            let name = percent_decode(segment)?;
            match name.as_str() {
                "" | "." => {}
                ".." => return None,
                name if name.contains(['/', '\\', '\0']) => return None,
                name if name.starts_with('.') && name != WELL_KNOWN && !hidden => return None,
                _ => names.push(name),
            }
        }
        Some(Path { name: names.join("/"), folder: raw.is_empty() || raw.ends_with('/') })
    }

    /// A path of the configuration, which its author may trust.
    pub fn of_setting(path: &str) -> String {
        path.split('/').filter(|name| !name.is_empty() && *name != ".").collect::<Vec<_>>().join("/")
    }
}

/// None for what is not UTF-8 then: files have names. A `%` that begins no escape stays what it is.
fn percent_decode(text: &str) -> Option<String> {
    let mut rest = text.as_bytes();
    let mut decoded = Vec::with_capacity(rest.len());
    while let [first, after @ ..] = rest {
        match (first, after) {
            (b'%', [high, low, after @ ..]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                decoded.push(hex(*high) << 4 | hex(*low));
                rest = after;
            }
            _ => {
                decoded.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8(decoded).ok()
}

fn hex(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        _ => (digit | 0x20) - b'a' + 10,
    }
}

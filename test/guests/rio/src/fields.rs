//! The rules of `fields`.

use crate::Case;
use wasi::http::types::*;

fn list(fields: &Fields) -> String {
    let entries = fields.entries();
    entries.iter().map(|(n, v)| format!("{n}={}", String::from_utf8_lossy(v))).collect::<Vec<_>>().join(" ")
}

fn code(result: Result<(), HeaderError>) -> &'static str {
    match result {
        Ok(()) => "ok",
        Err(HeaderError::InvalidSyntax) => "invalid-syntax",
        Err(HeaderError::Forbidden) => "forbidden",
        Err(HeaderError::Immutable) => "immutable",
    }
}

const FORBIDDEN: [&str; 9] = [
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "transfer-encoding",
    "upgrade",
    "host",
    "http2-settings",
];

pub fn run(name: &str, case: &mut Case) -> Option<String> {
    let fields = Fields::new();
    let bytes = |text: &str| text.as_bytes().to_vec();
    Some(match name {
        "fields-order" => {
            for (n, v) in [("B", "1"), ("a", "2"), ("b", "3"), ("C", "4"), ("A", "5")] {
                fields.append(n, v.as_bytes()).unwrap();
            }
            list(&fields)
        }
        "fields-set" => {
            fields.append("x", b"1").unwrap();
            fields.append("y", b"2").unwrap();
            fields.set("X", &[bytes("3"), bytes("4")]).unwrap();
            fields.set("y", &[]).unwrap();
            format!("{} has-y {} get-x {}", list(&fields), fields.has("y"), fields.get("x").len())
        }
        "fields-delete" => {
            fields.append("x", b"1").unwrap();
            let outcome = [code(fields.delete("X")), code(fields.delete("missing")), code(fields.delete("b a d")), code(fields.delete("host"))];
            format!("{outcome:?} {}", fields.entries().len())
        }
        "fields-syntax" => {
            let names = ["", "b a d", "ok", "UPPER", "a:b", "x\n", "\u{e9}", "a_b", "a.b"].map(|n| code(fields.append(n, b"v")));
            let values: [&[u8]; 7] = [b"", b" lead", b"trail ", b"a\nb", b"a\0b", b"tab\there", b"\xff\xfe"];
            let values = values.map(|v| code(fields.append("v", v)));
            format!("names {names:?}\nvalues {values:?}\nget-bad {} has-bad {}", fields.get("b a d").len(), fields.has("b a d"))
        }
        "fields-forbidden" => {
            let each = FORBIDDEN.map(|n| code(fields.append(n, b"v")));
            let other = ["te", "trailer", "content-length", "date", "server"].map(|n| code(fields.append(n, b"1")));
            let set = code(fields.set("Connection", &[bytes("close")]));
            let from = Fields::from_list(&[("Host".to_string(), bytes("a"))]).map(|_| ());
            format!("append {each:?}\nother {other:?}\nset {set} from-list {}", code(from))
        }
        "fields-immutable" => {
            let headers = case.request.headers();
            let incoming = [code(headers.append("x", b"1")), code(headers.set("x", &[bytes("1")])), code(headers.delete("x"))];
            let response = OutgoingResponse::new(fields);
            let own = code(response.headers().append("x", b"1"));
            let copy = headers.clone();
            let cloned = code(copy.append("x-new", b"1"));
            format!("incoming {incoming:?} response {own} clone {cloned} {}", copy.has("X-New"))
        }
        // bytes=N of values under one name each; over 128 KiB in total traps.
        "fields-size" => {
            let total = case.target.number("bytes", 1000);
            let mut left = total;
            let mut n = 0;
            while left > 0 {
                let now = left.min(1000);
                fields.append(&format!("x-{n}"), &vec![b'v'; now as usize]).unwrap();
                left -= now;
                n += 1;
            }
            format!("{} entries", fields.entries().len())
        }
        "fields-empty" => {
            let from = Fields::from_list(&[]).unwrap();
            format!("{:?} {:?} {}", from.entries(), from.get("x"), from.has("x"))
        }
        _ => return None,
    })
}

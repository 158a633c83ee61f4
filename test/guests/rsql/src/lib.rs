//! SQL by every version of Spin's interfaces: `/{sqlite1,sqlite2,sqlite3,pg1,pg2,pg3,pg4,mysql1,mysql2}?a=ADDRESS&…` opens
//! a connection and answers with a line for each statement: `s=SQL` a query, `x=SQL` one whose rows nobody wants, in the
//! order in which they stand. `p=KIND:TEXT` are the parameters of the last. `ca=PEM` builds the connection of pg4 with a
//! builder. `hold` opens connections until that is refused. sqlite3 ends with its row id and its changes; `closed` asks
//! a connection of sqlite1 that has been closed.

use support::{answer, Target};
use wasi::http::types::*;

mod bindings {
    wit_bindgen::generate!({ path: "wit", world: "sql", generate_all });
}
use bindings::fermyon::{spin as one, spin2_0_0 as two};
use bindings::spin::postgres3_0_0::postgres as pg3;
use bindings::spin::postgres4_2_0::postgres as pg4;
use bindings::spin::sqlite::sqlite as sqlite3;

fn debug<T: std::fmt::Debug, E: std::fmt::Debug>(result: Result<T, E>) -> String {
    match result {
        Ok(value) => format!("{value:?}\n"),
        Err(e) => format!("error {e:?}\n"),
    }
}

/// The statements in order: whether rows are wanted, the text, and whether it is the last.
fn statements(target: &Target) -> Vec<(bool, String, bool)> {
    let mut found: Vec<(bool, String, bool)> = target
        .query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .filter(|(name, _)| *name == "s" || *name == "x")
        .map(|(name, text)| (name == "s", support::decode(text), false))
        .collect();
    if let Some(last) = found.last_mut() {
        last.2 = true;
    }
    found
}

fn parameters<V>(target: &Target, of: impl Fn(&str, &str) -> V) -> Vec<V> {
    target.all("p").iter().map(|p| p.split_once(':').map_or_else(|| of(p, ""), |(kind, text)| of(kind, text))).collect()
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len() / 2).map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap()).collect()
}

/// As many connections as are given.
fn hold<C, E: std::fmt::Debug>(open: impl Fn() -> Result<C, E>) -> String {
    let mut held = Vec::new();
    loop {
        match open() {
            Ok(connection) if held.len() < 5000 => held.push(connection),
            Ok(_) => return format!("{} and more\n", held.len()),
            Err(e) => return format!("{} then {e:?}\n", held.len()),
        }
    }
}

/// Runs the statements; `$query` and `$execute` are what is called for each kind.
macro_rules! run {
    ($target:ident, $parameters:expr, $query:expr, $execute:expr) => {{
        let mut lines = String::new();
        for (rows, sql, last) in statements($target) {
            let values = if last { $parameters } else { Vec::new() };
            lines += &if rows { debug($query(&sql, &values)) } else { debug($execute(&sql, &values)) };
        }
        lines
    }};
}

/// Opens a resource and runs the statements on it.
macro_rules! connected {
    ($target:ident, $open:expr, $parameters:expr, $query:ident, $execute:ident) => {{
        if $target.get("hold").is_some() {
            return hold(|| $open);
        }
        match $open {
            Ok(c) => run!($target, $parameters, |s: &str, p: &[_]| c.$query(s, p), |s: &str, p: &[_]| c.$execute(s, p)),
            Err(e) => format!("error {e:?}\n"),
        }
    }};
}

macro_rules! sqlite_value {
    ($value:ty) => {
        |kind: &str, text: &str| {
            type V = $value;
            match kind {
                "integer" => V::Integer(text.parse().unwrap()),
                "real" => V::Real(text.parse().unwrap()),
                "text" => V::Text(text.to_string()),
                "blob" => V::Blob(bytes(text)),
                _ => V::Null,
            }
        }
    };
}


/// What all relational interfaces have, then what only some do.
macro_rules! rdbms_value {
    ($value:ty, $($more:pat => $of:expr),*) => {
        |kind: &str, text: &str| {
            type V = $value;
            match (kind, text) {
                ("boolean", t) => V::Boolean(t == "true"),
                ("int8", t) => V::Int8(t.parse().unwrap()),
                ("int16", t) => V::Int16(t.parse().unwrap()),
                ("int32", t) => V::Int32(t.parse().unwrap()),
                ("int64", t) => V::Int64(t.parse().unwrap()),
                ("float32", t) => V::Floating32(t.parse().unwrap()),
                ("float64", t) => V::Floating64(t.parse().unwrap()),
                ("str", t) => V::Str(t.to_string()),
                ("binary", t) => V::Binary(bytes(t)),
                $($more => $of,)*
                _ => V::DbNull,
            }
        }
    };
}

macro_rules! old_value {
    ($value:ty) => {
        rdbms_value!($value,
            ("uint8", t) => V::Uint8(t.parse().unwrap()),
            ("uint16", t) => V::Uint16(t.parse().unwrap()),
            ("uint32", t) => V::Uint32(t.parse().unwrap()),
            ("uint64", t) => V::Uint64(t.parse().unwrap()))
    };
}

fn list<T: std::str::FromStr>(text: &str, separator: char) -> Vec<T> {
    text.split(separator).filter(|part| !part.is_empty()).filter_map(|part| part.parse().ok()).collect()
}

fn options<T: std::str::FromStr>(text: &str) -> Vec<Option<T>> {
    text.split(',').filter(|part| !part.is_empty()).map(|part| part.parse().ok()).collect()
}

fn date(text: &str) -> (i32, u8, u8) {
    let parts = list::<i32>(text, '/');
    (parts[0], parts[1] as u8, parts[2] as u8)
}

fn time(text: &str) -> (u8, u8, u8, u32) {
    let parts = list::<u32>(text, ':');
    (parts[0] as u8, parts[1] as u8, parts[2] as u8, parts[3])
}

fn datetime(text: &str) -> (i32, u8, u8, u8, u8, u8, u32) {
    let (day, within) = text.split_once(' ').unwrap();
    let ((y, m, d), (h, min, s, ns)) = (date(day), time(within));
    (y, m, d, h, min, s, ns)
}

/// `[1,5)`; a bound that is left out is none.
fn range<T: std::str::FromStr>(
    text: &str,
) -> (Option<(T, pg4::RangeBoundKind)>, Option<(T, pg4::RangeBoundKind)>) {
    let kind = |inclusive| if inclusive { pg4::RangeBoundKind::Inclusive } else { pg4::RangeBoundKind::Exclusive };
    let (lower, upper) = text[1..text.len() - 1].split_once(',').unwrap();
    (
        lower.parse().ok().map(|bound| (bound, kind(text.starts_with('[')))),
        upper.parse().ok().map(|bound| (bound, kind(text.ends_with(']')))),
    )
}

/// Text that is empty is no bound.
struct Bound(String);

impl std::str::FromStr for Bound {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        if text.is_empty() { Err(()) } else { Ok(Bound(text.to_string())) }
    }
}

fn decimal_range(text: &str) -> (Option<(String, pg4::RangeBoundKind)>, Option<(String, pg4::RangeBoundKind)>) {
    let (lower, upper) = range::<Bound>(text);
    (lower.map(|(Bound(b), k)| (b, k)), upper.map(|(Bound(b), k)| (b, k)))
}

fn texts(text: &str) -> Vec<Option<String>> {
    text.split(',').filter(|part| !part.is_empty()).map(|part| (part != "null").then(|| part.to_string())).collect()
}

fn sqlite1(target: &Target, label: &str) -> String {
    use one::sqlite;
    if target.get("hold").is_some() {
        return hold(|| sqlite::open(label));
    }
    let connection = match sqlite::open(label) {
        Ok(connection) => connection,
        Err(e) => return format!("error {e:?}\n"),
    };
    if target.get("closed").is_some() {
        sqlite::close(connection);
    }
    let values = || parameters(target, sqlite_value!(sqlite::Value));
    let execute = |sql: &str, values: &[sqlite::Value]| sqlite::execute(connection, sql, values);
    let lines = run!(target, values(), execute, execute);
    sqlite::close(connection);
    lines
}

fn sqlite2(target: &Target, label: &str) -> String {
    use two::sqlite::{Connection, Value};
    connected!(target, Connection::open(label), parameters(target, sqlite_value!(Value)), execute, execute)
}

fn sqlite3_call(target: &Target, label: &str) -> String {
    let connection = match sqlite3::Connection::open(label) {
        Ok(connection) => connection,
        Err(e) => return format!("error {e:?}\n"),
    };
    let values = || parameters(target, sqlite_value!(sqlite3::Value));
    let execute = |sql: &str, values: &[sqlite3::Value]| connection.execute(sql, values);
    let lines = run!(target, values(), execute, execute);
    format!("{lines}row id {} changes {}\n", connection.last_insert_rowid(), connection.changes())
}

fn pg1(target: &Target, address: &str) -> String {
    let values = || parameters(target, old_value!(one::rdbms_types::ParameterValue));
    run!(
        target,
        values(),
        |s: &str, p: &[_]| one::postgres::query(address, s, p),
        |s: &str, p: &[_]| one::postgres::execute(address, s, p)
    )
}

fn pg2(target: &Target, address: &str) -> String {
    let values = || parameters(target, old_value!(two::rdbms_types::ParameterValue));
    connected!(target, two::postgres::Connection::open(address), values(), query, execute)
}

fn pg3_call(target: &Target, address: &str) -> String {
    let values = || {
        parameters(
            target,
            rdbms_value!(pg3::ParameterValue,
                ("date", t) => V::Date(date(t)),
                ("time", t) => V::Time(time(t)),
                ("datetime", t) => V::Datetime(datetime(t)),
                ("timestamp", t) => V::Timestamp(t.parse().unwrap())),
        )
    };
    connected!(target, pg3::Connection::open(address), values(), query, execute)
}

fn pg4_open(target: &Target, address: &str) -> Result<pg4::Connection, pg4::Error> {
    match target.get("ca") {
        None => pg4::Connection::open(address),
        Some(pem) => {
            let builder = pg4::ConnectionBuilder::new(address);
            if !pem.is_empty() {
                builder.set_ca_root(&pem)?;
            }
            builder.build()
        }
    }
}

fn pg4_call(target: &Target, address: &str) -> String {
    let values = || {
        parameters(
            target,
            rdbms_value!(pg4::ParameterValue,
                ("date", t) => V::Date(date(t)),
                ("time", t) => V::Time(time(t)),
                ("datetime", t) => V::Datetime(datetime(t)),
                ("timestamp", t) => V::Timestamp(t.parse().unwrap()),
                ("uuid", t) => V::Uuid(t.to_string()),
                ("jsonb", t) => V::Jsonb(t.as_bytes().to_vec()),
                ("decimal", t) => V::Decimal(t.to_string()),
                ("range-int32", t) => V::RangeInt32(range(t)),
                ("range-int64", t) => V::RangeInt64(range(t)),
                ("range-decimal", t) => V::RangeDecimal(decimal_range(t)),
                ("array-int32", t) => V::ArrayInt32(options(t)),
                ("array-int64", t) => V::ArrayInt64(options(t)),
                ("array-decimal", t) => V::ArrayDecimal(texts(t)),
                ("array-str", t) => V::ArrayStr(texts(t)),
                ("interval", t) => {
                    let parts = list::<i64>(t, ',');
                    V::Interval(pg4::Interval { micros: parts[0], days: parts[1] as i32, months: parts[2] as i32 })
                }),
        )
    };
    connected!(target, pg4_open(target, address), values(), query, execute)
}

fn mysql1(target: &Target, address: &str) -> String {
    let values = || parameters(target, old_value!(one::rdbms_types::ParameterValue));
    run!(
        target,
        values(),
        |s: &str, p: &[_]| one::mysql::query(address, s, p),
        |s: &str, p: &[_]| one::mysql::execute(address, s, p)
    )
}

fn mysql2(target: &Target, address: &str) -> String {
    let values = || parameters(target, old_value!(two::rdbms_types::ParameterValue));
    connected!(target, two::mysql::Connection::open(address), values(), query, execute)
}

struct Sql;

impl wasi::exports::http::incoming_handler::Guest for Sql {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let target = Target::of(&request);
        let address = target.get("a").unwrap_or_default();
        let text = match target.path.trim_start_matches('/') {
            "sqlite1" => sqlite1(&target, &address),
            "sqlite2" => sqlite2(&target, &address),
            "sqlite3" => sqlite3_call(&target, &address),
            "pg1" => pg1(&target, &address),
            "pg2" => pg2(&target, &address),
            "pg3" => pg3_call(&target, &address),
            "pg4" => pg4_call(&target, &address),
            "mysql1" => mysql1(&target, &address),
            "mysql2" => mysql2(&target, &address),
            _ => "no such interface\n".to_string(),
        };
        answer(out, 200, &text);
    }
}

wasi::http::proxy::export!(Sql);

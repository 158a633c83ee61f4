//! One host call a request, its result in debug form: `/<case>?argument`. The answers of Spin to it are recorded in
//! conformance/fixtures/spin-host.json, so what it does must not change.

use spin_sdk::http::{IntoResponse, Method, Request, Response};
use spin_sdk::{http_component, key_value::Store, llm, mqtt, mysql, pg, redis, sqlite, variables};
use sqlite::Value as V;
fn d<T: std::fmt::Debug, E: std::fmt::Debug>(r: Result<T, E>) -> String {
    match r {
        Ok(v) => format!("Ok({v:?})"),
        Err(e) => format!("Err({e:?})"),
    }
}
fn sql(q: &str, p: &[V]) -> String {
    let c = match sqlite::Connection::open_default() {
        Ok(c) => c,
        Err(e) => return format!("open Err({e:?})"),
    };
    match c.execute(q, p) {
        Ok(r) => format!(
            "{:?} {:?}",
            r.columns,
            r.rows.iter().map(|x| &x.values).collect::<Vec<_>>()
        ),
        Err(e) => format!("Err({e:?})"),
    }
}
#[http_component]
async fn handle(req: Request) -> anyhow::Result<impl IntoResponse> {
    let a = req.query().to_string();
    let out = match req.path() {
        "/kv/open" => d(Store::open(&a).map(|_| ())),
        "/kv/set" => { let (k, v) = a.split_once('=').unwrap_or((&a, "")); d(Store::open_default()?.set(k, v.as_bytes())) }
        "/kv/set-size" => { let n: usize = a.parse()?; d(Store::open_default()?.set("big", &vec![7u8; n])) }
        "/kv/key-size" => { let n: usize = a.parse()?; d(Store::open_default()?.set(&"k".repeat(n), b"x")) }
        "/kv/get" => d(Store::open_default()?.get(&a)),
        "/kv/exists" => d(Store::open_default()?.exists(&a)),
        "/kv/delete" => d(Store::open_default()?.delete(&a)),
        "/kv/keys" => { let mut k = Store::open_default()?.get_keys()?; k.sort(); format!("{k:?}") }
        "/var" => d(variables::get(&a)),
        "/sql/types" => sql("select 1, -9223372036854775808, 9223372036854775807, 1.5, 'text', x'00ff', null, 1e308*10, ''", &[]),
        "/sql/params" => sql("select ?, ?, ?, ?, ?", &[V::Integer(i64::MIN), V::Real(f64::NAN), V::Text("ü\u{0}x".into()), V::Blob(vec![]), V::Null]),
        "/sql/too-few" => sql("select ?, ?", &[V::Integer(1)]),
        "/sql/too-many" => sql("select ?", &[V::Integer(1), V::Integer(2)]),
        "/sql/syntax" => sql("selec 1", &[]),
        "/sql/no-table" => sql("select * from nope", &[]),
        "/sql/two-statements" => sql("select 1; select 2", &[]),
        "/sql/empty" => sql("", &[]),
        "/sql/named" => sql("select :a, @b, $c", &[V::Integer(1), V::Integer(2), V::Integer(3)]),
        "/sql/attach" => sql("attach 'x.db' as x", &[]),
        "/sql/attach-memory" => sql("attach ':memory:' as m", &[]),
        "/sql/vacuum-into" => sql("vacuum into 'x.db'", &[]),
        "/sql/pragma" => sql("pragma journal_mode", &[]),
        "/sql/load-extension" => sql("select load_extension('x')", &[]),
        "/sql/readfile" => sql("select readfile('/etc/passwd')", &[]),
        "/sql/constraint" => { sql("create table if not exists u(a integer primary key)", &[]); sql("insert into u values(1)", &[]); sql("insert into u values(1)", &[]) }
        "/sql/returning" => { sql("create table if not exists r(a integer)", &[]); sql("insert into r values(5) returning a, rowid > 0", &[]) }
        "/sql/transaction" => { let c = sqlite::Connection::open_default()?; let s: Vec<String> = ["begin", "create table if not exists tx(a)", "rollback", "select count(*) from sqlite_master where name='tx'"].iter().map(|q| d(c.execute(q, &[]).map(|r| r.rows.iter().map(|x| format!("{:?}", x.values)).collect::<Vec<_>>()))).collect(); s.join(" ") }
        "/sql/open" => d(sqlite::Connection::open(&a).map(|_| ())),
        "/http" => { let r: Result<Response, _> = spin_sdk::http::send(Request::builder().method(Method::Get).uri(a.as_str()).build()).await; match r { Ok(r) => format!("{} {:?}", r.status(), String::from_utf8_lossy(r.body())), Err(e) => format!("Err({e:?})") } }
        "/redis" => match redis::Connection::open(&a) { Ok(c) => format!("opened get {}", d(c.get("k"))), Err(e) => format!("Err({e:?})") },
        "/pg" => d(pg::Connection::open(&a).map(|_| ())),
        "/mysql" => d(mysql::Connection::open(&a).map(|_| ())),
        "/mqtt" => match mqtt::Connection::open(&a, "", "", 1) { Ok(c) => format!("opened publish {}", d(c.publish("t", b"x", mqtt::Qos::AtMostOnce))), Err(e) => format!("Err({e:?})") },
        "/llm" => d(llm::infer(llm::InferencingModel::Llama2Chat, "hi").map(|_| ())),
        "/fs" => d(std::fs::read_to_string(&a).map_err(|e| format!("{:?} {:?}", e.kind(), e.raw_os_error()))),
        "/fs/dir" => d(std::fs::read_dir(&a).map(|r| { let mut v: Vec<String> = r.map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect(); v.sort(); v }).map_err(|e| format!("{:?} {:?}", e.kind(), e.raw_os_error()))),
        "/fs/write" => d(std::fs::write(&a, "x").map_err(|e| format!("{:?} {:?}", e.kind(), e.raw_os_error()))),
        "/fs/meta" => d(std::fs::metadata(&a).map(|m| (m.len(), m.is_dir())).map_err(|e| format!("{:?} {:?}", e.kind(), e.raw_os_error()))),
        "/env" => { let mut v: Vec<_> = std::env::vars().collect(); v.sort(); format!("{v:?} args {:?}", std::env::args().collect::<Vec<_>>()) }
        "/exit" => { std::process::exit(a.parse().unwrap_or(0)) }
        "/log" => { println!("out {a}"); eprintln!("err {a}"); "logged".into() }
        "/tcp" => d(std::net::TcpStream::connect(&a).map(|_| ()).map_err(|e| format!("{:?} {:?}", e.kind(), e.raw_os_error()))),
        _ => "?".into(),
    };
    Ok(Response::builder()
        .status(200)
        .header("content-type", "text/plain")
        .body(out)
        .build())
}

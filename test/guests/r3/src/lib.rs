//! WASI 0.3 and the asynchronous interfaces of Spin 4, one path for each: `/keys` sets three keys and lists them, `/rows`
//! counts in SQL, `/now` waits on the clock, `/list?DIR`, `/file?PATH`, `/write?PATH` use the mounts, `/print?TEXT` writes
//! to stdout, `/env`, `/random`, `/chunks?N` streams N kilobytes of its own, `/forever` never ends its body, `/after?MS`
//! goes on when it has answered, `/fail?WHEN` traps before or after the head, `/error` answers with an error code,
//! `/trailers` gives some, `/leave` answers without reading the body, `/fan?N` waits for N timers at once, `/never` waits
//! for what does not come, `/yield` does so without end.

use futures::future::{join_all, pending};
use spin_sdk::key_value::Store;
use spin_sdk::sqlite::{Connection, Value};
use spin_sdk::wasip3::http::types::{ErrorCode, Fields, Method, Request, Response};
use spin_sdk::wasip3::{cli, clocks, filesystem, http, random, wit_bindgen, wit_future, wit_stream};

struct Guest;

http::service::export!(Guest with_types_in spin_sdk::wasip3);

impl spin_sdk::wasip3::exports::http::handler::Guest for Guest {
    async fn handle(request: Request) -> Result<Response, ErrorCode> {
        let target = request.get_path_with_query().unwrap_or_default();
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        match path {
            "/keys" => keys().await,
            "/rows" => rows().await,
            "/now" => now().await,
            "/list" => list(query).await,
            "/file" => file(query).await,
            "/write" => write(query).await,
            "/print" => print(query).await,
            "/env" => text(format!("{:?} {:?} {:?}\n", cli::environment::get_environment(), cli::environment::get_arguments(), cli::environment::get_initial_cwd())),
            "/random" => text(format!("{} {} {}\n", random::random::get_random_bytes(8).len(), random::random::get_random_u64() != random::insecure::get_insecure_random_u64(), random::insecure_seed::get_insecure_seed().0 != 0)),
            "/chunks" => chunks(query.parse().unwrap_or(1)),
            "/forever" => forever(),
            "/after" => after(query.parse().unwrap_or(0)),
            "/fail" => fail(query),
            "/error" => Err(ErrorCode::LoopDetected),
            "/trailers" => trailers(),
            "/leave" => {
                drop(request);
                text("left\n".into())
            }
            "/fan" => fan(query.parse().unwrap_or(1)).await,
            "/never" => {
                let () = pending().await;
                unreachable!()
            }
            "/yield" => loop {
                wit_bindgen::yield_async().await;
            },
            "/method" => text(format!("{}\n", matches!(request.get_method(), Method::Other(ref m) if m == query))),
            _ => Err(ErrorCode::DestinationNotFound),
        }
    }
}

/// A response with the whole of `body`.
fn text(body: String) -> Result<Response, ErrorCode> {
    let (mut tx, rx) = wit_stream::new();
    wit_bindgen::spawn(async move {
        tx.write_all(body.into_bytes()).await;
    });
    Ok(respond(Fields::new(), rx))
}

fn respond(headers: Fields, body: wit_bindgen::StreamReader<u8>) -> Response {
    let (result, result_rx) = wit_future::new(|| Ok(None));
    drop(result);
    Response::new(headers, Some(body), result_rx).0
}

fn internal<E: std::fmt::Debug>(error: E) -> ErrorCode {
    ErrorCode::InternalError(Some(format!("{error:?}")))
}

async fn keys() -> Result<Response, ErrorCode> {
    let store = Store::open_default().await.map_err(internal)?;
    join_all(["a", "b", "c"].map(|key| store.set(key, key))).await;
    store.delete("b").await.map_err(internal)?;
    let mut keys = store.get_keys().await.collect().await.map_err(internal)?;
    keys.sort();
    let there = store.exists("b").await.map_err(internal)?;
    text(format!("{} {there}\n", keys.join(",")))
}

async fn rows() -> Result<Response, ErrorCode> {
    let db = Connection::open_default().await.map_err(internal)?;
    let sql = "with recursive n(i) as (select 1 union all select i + 1 from n where i < ?) select i, 'row ' || i as name from n";
    let mut found = db.execute(sql, [Value::Integer(10_000)]).await.map_err(internal)?;
    let columns = found.columns().join(",");
    let (mut count, mut last) = (0, String::new());
    while let Some(row) = found.next().await {
        count += 1;
        last = row.get::<&str>(1).unwrap_or("none").into();
    }
    found.result().await.map_err(internal)?;
    let bad = db.execute("select * from nowhere", []).await.err();
    text(format!("{columns} {count} {last} {bad:?}\n"))
}

async fn now() -> Result<Response, ErrorCode> {
    let began = clocks::monotonic_clock::now();
    clocks::monotonic_clock::wait_for(20_000_000).await;
    clocks::monotonic_clock::wait_until(began).await;
    let waited = clocks::monotonic_clock::now() - began;
    text(format!("{} {}\n", waited >= 20_000_000, clocks::system_clock::now().seconds > 1_700_000_000))
}

async fn list(dir: &str) -> Result<Response, ErrorCode> {
    let (root, _) = filesystem::preopens::get_directories().into_iter().next().ok_or(ErrorCode::DestinationNotFound)?;
    let dir = open(&root, dir, filesystem::types::OpenFlags::DIRECTORY, filesystem::types::DescriptorFlags::READ).await?;
    let (entries, end) = dir.read_directory();
    let mut names: Vec<_> = entries.collect().await.into_iter().map(|e| format!("{} {:?}", e.name, e.type_)).collect();
    end.await.map_err(internal)?;
    names.sort();
    text(format!("{}\n", names.join(", ")))
}

async fn open(
    root: &filesystem::types::Descriptor,
    path: &str,
    open: filesystem::types::OpenFlags,
    flags: filesystem::types::DescriptorFlags,
) -> Result<filesystem::types::Descriptor, ErrorCode> {
    root.open_at(filesystem::types::PathFlags::empty(), path.into(), open, flags).await.map_err(internal)
}

/// The file goes to the client without a byte passing through here.
async fn file(path: &str) -> Result<Response, ErrorCode> {
    let (root, _) = filesystem::preopens::get_directories().into_iter().next().ok_or(ErrorCode::DestinationNotFound)?;
    let file = open(&root, path, filesystem::types::OpenFlags::empty(), filesystem::types::DescriptorFlags::READ).await?;
    let size = file.stat().await.map_err(internal)?.size;
    let headers = Fields::from_list(&[("content-length".into(), size.to_string().into_bytes())]).map_err(internal)?;
    Ok(respond(headers, file.read_via_stream(0).0))
}

async fn write(path: &str) -> Result<Response, ErrorCode> {
    let (root, _) = filesystem::preopens::get_directories().into_iter().next().ok_or(ErrorCode::DestinationNotFound)?;
    let flags = filesystem::types::DescriptorFlags::READ | filesystem::types::DescriptorFlags::WRITE;
    let file = open(&root, path, filesystem::types::OpenFlags::CREATE, flags).await?;
    let (mut tx, rx) = wit_stream::new();
    let written = file.write_via_stream(rx, 0);
    tx.write_all(b"written".to_vec()).await;
    drop(tx);
    written.await.map_err(internal)?;
    let (mut tx, rx) = wit_stream::new();
    let appended = file.append_via_stream(rx);
    tx.write_all(b" and appended".to_vec()).await;
    drop(tx);
    appended.await.map_err(internal)?;
    let bytes = file.read_via_stream(0).0.collect().await;
    root.unlink_file_at(path.into()).await.map_err(internal)?;
    text(format!("{}\n", String::from_utf8_lossy(&bytes)))
}

async fn print(line: &str) -> Result<Response, ErrorCode> {
    for write in [cli::stdout::write_via_stream, cli::stderr::write_via_stream] {
        let (mut tx, rx) = wit_stream::new();
        let written = write(rx);
        tx.write_all(format!("{line}\n").into_bytes()).await;
        drop(tx);
        written.await.map_err(internal)?;
    }
    let (bytes, end) = cli::stdin::read_via_stream();
    let read = bytes.collect().await.len();
    text(format!("printed, read {read} {:?}\n", end.await))
}

fn chunks(kilobytes: usize) -> Result<Response, ErrorCode> {
    let (mut tx, rx) = wit_stream::new();
    wit_bindgen::spawn(async move {
        for n in 0..kilobytes {
            if !tx.write_all(vec![b'a' + (n % 26) as u8; 1024]).await.is_empty() {
                return;
            }
        }
    });
    Ok(respond(Fields::new(), rx))
}

fn forever() -> Result<Response, ErrorCode> {
    chunks(usize::MAX)
}

fn after(ms: u64) -> Result<Response, ErrorCode> {
    wit_bindgen::spawn(async move {
        clocks::monotonic_clock::wait_for(ms * 1_000_000).await;
        let (mut tx, rx) = wit_stream::new();
        let written = cli::stdout::write_via_stream(rx);
        tx.write_all(b"afterwards\n".to_vec()).await;
        drop(tx);
        let _ = written.await;
    });
    text("answered\n".into())
}

fn fail(when: &str) -> Result<Response, ErrorCode> {
    if when == "before" {
        panic!("before the head");
    }
    let (mut tx, rx) = wit_stream::new();
    wit_bindgen::spawn(async move {
        tx.write_all(b"half".to_vec()).await;
        clocks::monotonic_clock::wait_for(100_000_000).await;
        panic!("after the head");
    });
    Ok(respond(Fields::new(), rx))
}

fn trailers() -> Result<Response, ErrorCode> {
    let (mut tx, rx) = wit_stream::new();
    let (result, result_rx) = wit_future::new(|| Ok(None));
    wit_bindgen::spawn(async move {
        tx.write_all(b"body".to_vec()).await;
        drop(tx);
        let trailers = Fields::from_list(&[("x-sum".into(), b"42".to_vec())]).ok();
        let _ = result.write(Ok(trailers)).await;
    });
    Ok(Response::new(Fields::new(), Some(rx), result_rx).0)
}

async fn fan(n: u64) -> Result<Response, ErrorCode> {
    join_all((0..n).map(|i| clocks::monotonic_clock::wait_for(i * 1000))).await;
    text(format!("{n}\n"))
}

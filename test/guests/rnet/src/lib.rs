//! A client over std::net. `to` is an address like `127.0.0.1:80`, `send` the text (default `hello`). An error is answered
//! by its kind: `connect ConnectionRefused`.
//! - `/tcp?to=&send=`: sends, ends its direction, answers with all that came back
//! - `/talk?to=&times=`: sends `times` lines, waits for each to come back
//! - `/write?to=&bytes=`: writes that many bytes, ends, answers with what came back
//! - `/read?to=&pause`: reads to the end and answers with the number of bytes; `pause`: 100 ms before the first
//! - `/many?to=&count=`: as many connections at once, each with its own line
//! - `/hold?to=`: reads for ever; `/leak?to=` connects and returns without closing
//! - `/udp?to=&send=` over a connected socket, `/udpto?to=&send=` over one that is not; `/udpwait` waits for ever
//! - `/listen?at=`, `/bind?at=` (UDP), `/lookup?name=`

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream, ToSocketAddrs, UdpSocket};
use support::{answer, Target};
use wasi::http::types::*;

struct Net;

type Step<T> = Result<T, String>;

fn at<T>(step: &str, result: std::io::Result<T>) -> Step<T> {
    result.map_err(|e| format!("{step} {:?}", e.kind()))
}

fn connect(to: &str) -> Step<TcpStream> {
    at("connect", TcpStream::connect(to))
}

fn rest(mut stream: &TcpStream) -> Step<Vec<u8>> {
    let mut all = Vec::new();
    at("read", stream.read_to_end(&mut all))?;
    Ok(all)
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8_lossy(&bytes).into_owned()
}

fn tcp(to: &str, line: &str) -> Step<String> {
    let mut stream = connect(to)?;
    at("write", stream.write_all(line.as_bytes()))?;
    at("shutdown", stream.shutdown(Shutdown::Write))?;
    Ok(text(rest(&stream)?))
}

fn echo_line(stream: &mut TcpStream, line: &str) -> Step<()> {
    at("write", stream.write_all(line.as_bytes()))?;
    let mut back = vec![0; line.len()];
    at("read", stream.read_exact(&mut back))?;
    if back == line.as_bytes() { Ok(()) } else { Err(format!("heard {:?}", text(back))) }
}

fn talk(to: &str, times: u64) -> Step<String> {
    let mut stream = connect(to)?;
    for n in 0..times {
        echo_line(&mut stream, &format!("line {n}\n"))?;
    }
    Ok(format!("{times} lines"))
}

fn write(to: &str, bytes: u64) -> Step<String> {
    let mut stream = connect(to)?;
    let piece = [b'x'; 100_000];
    let mut left = bytes as usize;
    while left > 0 {
        let count = left.min(piece.len());
        at("write", stream.write_all(&piece[..count]))?;
        left -= count;
    }
    at("shutdown", stream.shutdown(Shutdown::Write))?;
    Ok(text(rest(&stream)?))
}

fn read(to: &str, pause: bool) -> Step<String> {
    let mut stream = connect(to)?;
    if pause {
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    let mut piece = vec![0; 50_000];
    let mut count = 0;
    loop {
        match at("read", stream.read(&mut piece))? {
            0 => return Ok(format!("{count} bytes")),
            n => count += n,
        }
    }
}

fn many(to: &str, count: u64) -> Step<String> {
    let mut streams = (0..count).map(|_| connect(to)).collect::<Step<Vec<_>>>()?;
    for (n, stream) in streams.iter_mut().enumerate() {
        echo_line(stream, &format!("number {n}\n"))?;
    }
    Ok(format!("{count} connections"))
}

fn client(to: &str) -> Step<UdpSocket> {
    at("bind", UdpSocket::bind(if to.starts_with('[') { "[::]:0" } else { "0.0.0.0:0" }))
}

fn udp(to: &str, line: &str) -> Step<String> {
    let socket = client(to)?;
    at("connect", socket.connect(to))?;
    at("send", socket.send(line.as_bytes()))?;
    let mut back = [0; 2000];
    let count = at("recv", socket.recv(&mut back))?;
    Ok(text(back[..count].to_vec()))
}

fn udp_to(to: &str, line: &str) -> Step<String> {
    let socket = client(to)?;
    at("send", socket.send_to(line.as_bytes(), to))?;
    let mut back = [0; 2000];
    let (count, from) = at("recv", socket.recv_from(&mut back))?;
    Ok(format!("{} from {from}", text(back[..count].to_vec())))
}

fn run(target: &Target) -> Step<String> {
    let to = target.get("to").unwrap_or_default();
    let line = target.get("send").unwrap_or_else(|| "hello".to_string());
    match target.path.as_str() {
        "/tcp" => tcp(&to, &line),
        "/talk" => talk(&to, target.number("times", 3)),
        "/write" => write(&to, target.number("bytes", 0)),
        "/read" => read(&to, target.get("pause").is_some()),
        "/many" => many(&to, target.number("count", 2)),
        "/hold" => rest(&connect(&to)?).map(text),
        "/leak" => connect(&to).map(|stream| {
            std::mem::forget(stream);
            "left open".to_string()
        }),
        "/udp" => udp(&to, &line),
        "/udpto" => udp_to(&to, &line),
        "/udpwait" => at("recv", client(&to)?.recv(&mut [0; 10])).map(|n| n.to_string()),
        "/listen" => at("listen", TcpListener::bind(target.get("at").unwrap_or_default())).map(|_| "listens".to_string()),
        "/bind" => at("bind", UdpSocket::bind(target.get("at").unwrap_or_default())).map(|_| "bound".to_string()),
        "/lookup" => {
            let name = target.get("name").unwrap_or_default();
            at("lookup", (name.as_str(), 80).to_socket_addrs()).map(|found| format!("{:?}", found.collect::<Vec<_>>()))
        }
        _ => Err(format!("{:?}", ErrorKind::NotFound)),
    }
}

impl wasi::exports::http::incoming_handler::Guest for Net {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let said = run(&Target::of(&request)).unwrap_or_else(|e| e);
        answer(out, 200, &said);
    }
}

wasi::http::proxy::export!(Net);

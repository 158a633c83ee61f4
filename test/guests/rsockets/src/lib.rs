//! Calls wasi:sockets itself. A line for each call: `start-connect ok`, `finish-connect err connection-refused`.
//! `to` and `at` are addresses like `127.0.0.1:80` or `[::1]:80`.
//! - `/tcp?to=`: connects (also counts how often it had to look), sends `ping`, ends, reads to the end
//! - `/listen?at=`: bind and listen step by step; `/bind?at=`: the same for UDP
//! - `/udp?to=`: binds to any address, one stream without destination, sends `ping`, waits at most `timeout` ms (1000)
//! - `/lookup?name=`
//! - `/options`: reads all options of a new socket of each kind, sets them to zero
//! - `/forget`: drops a socket before its streams, which traps

use std::fmt::{Debug, Write};
use std::net::SocketAddr;
use support::{answer, push, Target};
use wasi::clocks::monotonic_clock;
use wasi::http::types::{IncomingRequest, ResponseOutparam};
use wasi::io::poll::poll;
use wasi::io::streams::StreamError;
use wasi::sockets::instance_network::instance_network;
use wasi::sockets::ip_name_lookup::resolve_addresses;
use wasi::sockets::network::*;
use wasi::sockets::tcp::{ShutdownType, TcpSocket};
use wasi::sockets::tcp_create_socket::create_tcp_socket;
use wasi::sockets::udp::{OutgoingDatagram, UdpSocket};
use wasi::sockets::udp_create_socket::create_udp_socket;

struct Sockets;

/// What was called and what came of it.
#[derive(Default)]
struct Log(String);

impl Log {
    fn call<T: Debug>(&mut self, name: &str, result: Result<T, ErrorCode>) -> Option<T> {
        match result {
            Ok(value) => {
                writeln!(self.0, "{name} ok").unwrap();
                Some(value)
            }
            Err(code) => {
                writeln!(self.0, "{name} err {}", code.name()).unwrap();
                None
            }
        }
    }

    /// The value too.
    fn show<T: Debug>(&mut self, name: &str, result: Result<T, ErrorCode>) {
        match result {
            Ok(value) => writeln!(self.0, "{name} {value:?}").unwrap(),
            Err(code) => writeln!(self.0, "{name} err {}", code.name()).unwrap(),
        }
    }
}

fn address(text: &str) -> IpSocketAddress {
    match text.parse().unwrap() {
        SocketAddr::V4(v4) => {
            let [a, b, c, d] = v4.ip().octets();
            IpSocketAddress::Ipv4(Ipv4SocketAddress { port: v4.port(), address: (a, b, c, d) })
        }
        SocketAddr::V6(v6) => {
            let [a, b, c, d, e, f, g, h] = v6.ip().segments();
            IpSocketAddress::Ipv6(Ipv6SocketAddress {
                port: v6.port(),
                flow_info: v6.flowinfo(),
                address: (a, b, c, d, e, f, g, h),
                scope_id: v6.scope_id(),
            })
        }
    }
}

fn family(of: &IpSocketAddress) -> IpAddressFamily {
    match of {
        IpSocketAddress::Ipv4(_) => IpAddressFamily::Ipv4,
        IpSocketAddress::Ipv6(_) => IpAddressFamily::Ipv6,
    }
}

fn tcp(log: &mut Log, to: &str) -> Option<()> {
    let to = address(to);
    let socket = log.call("create", create_tcp_socket(family(&to)))?;
    log.call("start-connect", socket.start_connect(&instance_network(), to))?;
    let pollable = socket.subscribe();
    let mut looks = 0;
    let result = loop {
        looks += 1;
        match socket.finish_connect() {
            Err(ErrorCode::WouldBlock) => pollable.block(),
            other => break other,
        }
    };
    drop(pollable);
    // One look before it is there, one after: more would be a wait that is none.
    writeln!(log.0, "looks {}", if looks <= 2 { "few" } else { "many" }).unwrap();
    let (input, output) = log.call("finish-connect", result)?;
    log.show("remote-address", socket.remote_address().map(|a| family(&a)));
    push(&output, b"ping").ok()?;
    log.call("shutdown", socket.shutdown(ShutdownType::Send));
    let mut heard = Vec::new();
    let end = loop {
        match input.blocking_read(4096) {
            Ok(bytes) => heard.extend(bytes),
            Err(StreamError::Closed) => break "closed".to_string(),
            Err(StreamError::LastOperationFailed(error)) => break format!("failed {}", error.to_debug_string()),
        }
    };
    writeln!(log.0, "heard {:?}, {end}", String::from_utf8_lossy(&heard)).unwrap();
    Some(())
}

fn listen(log: &mut Log, at: &str) -> Option<()> {
    let at = address(at);
    let socket: TcpSocket = log.call("create", create_tcp_socket(family(&at)))?;
    log.call("start-bind", socket.start_bind(&instance_network(), at));
    log.call("finish-bind", socket.finish_bind());
    log.call("start-listen", socket.start_listen());
    log.call("finish-listen", socket.finish_listen());
    log.call("accept", socket.accept());
    writeln!(log.0, "is-listening {}", socket.is_listening()).unwrap();
    log.call("local-address", socket.local_address());
    Some(())
}

fn bind(log: &mut Log, at: &str) -> Option<()> {
    let at = address(at);
    let socket: UdpSocket = log.call("create", create_udp_socket(family(&at)))?;
    log.call("start-bind", socket.start_bind(&instance_network(), at));
    log.call("finish-bind", socket.finish_bind());
    log.call("local-address", socket.local_address());
    log.call("stream", socket.stream(None));
    Some(())
}

fn udp(log: &mut Log, to: &str, timeout: u64) -> Option<()> {
    let to = address(to);
    let socket: UdpSocket = log.call("create", create_udp_socket(family(&to)))?;
    let any = if matches!(to, IpSocketAddress::Ipv4(_)) { "0.0.0.0:0" } else { "[::]:0" };
    log.call("start-bind", socket.start_bind(&instance_network(), address(any)))?;
    log.call("finish-bind", socket.finish_bind())?;
    let (incoming, outgoing) = log.call("stream", socket.stream(None))?;
    log.show("check-send", outgoing.check_send());
    log.show("send", outgoing.send(&[OutgoingDatagram { data: b"ping".to_vec(), remote_address: Some(to) }]));
    let (arrival, timer) = (incoming.subscribe(), monotonic_clock::subscribe_duration(timeout * 1_000_000));
    if poll(&[&arrival, &timer]) == [1] {
        log.0 += "heard nothing\n";
        return Some(());
    }
    for datagram in incoming.receive(10).ok()? {
        writeln!(log.0, "heard {:?}", String::from_utf8_lossy(&datagram.data)).unwrap();
    }
    Some(())
}

fn options(log: &mut Log) -> Option<()> {
    let tcp = log.call("create", create_tcp_socket(IpAddressFamily::Ipv4))?;
    log.show("keep-alive-enabled", tcp.keep_alive_enabled());
    log.show("keep-alive-idle-time", tcp.keep_alive_idle_time());
    log.show("keep-alive-interval", tcp.keep_alive_interval());
    log.show("keep-alive-count", tcp.keep_alive_count());
    log.show("hop-limit", tcp.hop_limit());
    log.show("receive-buffer-size", tcp.receive_buffer_size());
    log.show("send-buffer-size", tcp.send_buffer_size());
    log.call("set-keep-alive-idle-time", tcp.set_keep_alive_idle_time(0));
    log.call("set-keep-alive-interval", tcp.set_keep_alive_interval(0));
    log.call("set-keep-alive-count", tcp.set_keep_alive_count(0));
    log.call("set-hop-limit", tcp.set_hop_limit(0));
    log.call("set-receive-buffer-size", tcp.set_receive_buffer_size(0));
    log.call("set-send-buffer-size", tcp.set_send_buffer_size(0));
    let udp = log.call("create", create_udp_socket(IpAddressFamily::Ipv6))?;
    log.show("unicast-hop-limit", udp.unicast_hop_limit());
    log.show("receive-buffer-size", udp.receive_buffer_size());
    log.call("set-unicast-hop-limit", udp.set_unicast_hop_limit(0));
    Some(())
}

/// The bindings do not keep a socket alive for its streams.
fn forget(to: &str) {
    let to = address(to);
    let socket = create_tcp_socket(family(&to)).unwrap();
    socket.start_connect(&instance_network(), to).unwrap();
    socket.subscribe().block();
    let streams = socket.finish_connect().unwrap();
    drop(socket);
    drop(streams);
}

impl wasi::exports::http::incoming_handler::Guest for Sockets {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let target = Target::of(&request);
        let to = target.get("to").unwrap_or_default();
        let at = target.get("at").unwrap_or_default();
        let mut log = Log::default();
        match target.path.as_str() {
            "/tcp" => tcp(&mut log, &to),
            "/listen" => listen(&mut log, &at),
            "/bind" => bind(&mut log, &at),
            "/udp" => udp(&mut log, &to, target.number("timeout", 1000)),
            "/lookup" => {
                let name = target.get("name").unwrap_or_default();
                log.call("resolve-addresses", resolve_addresses(&instance_network(), &name)).map(|_| ())
            }
            "/options" => options(&mut log),
            "/forget" => {
                forget(&to);
                None
            }
            _ => None,
        };
        answer(out, 200, &log.0);
    }
}

wasi::http::proxy::export!(Sockets);

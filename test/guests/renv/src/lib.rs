//! What the world around the guest looks like, by path: /env (sorted `NAME=value` lines) /args /cwd /stdin /clocks
//! /random /terminals /std (the same through the language's own library) /exit.
//! `/print?out=TEXT&err=TEXT` writes to the standard streams, `/print?lines=N` N numbered lines to both,
//! `/print?bytes=N` one line of N bytes without an end, `/print?flush` through the streams of wasi:cli.

use support::{answer, Target};
use wasi::cli::{environment, stderr, stdin, stdout, terminal_stderr, terminal_stdin, terminal_stdout};
use wasi::clocks::{monotonic_clock, wall_clock};
use wasi::http::types::*;
use wasi::random::{insecure, insecure_seed, random};

struct Env;

fn print(target: &Target) -> String {
    if let Some(text) = target.get("out") {
        println!("{text}");
    }
    if let Some(text) = target.get("err") {
        eprintln!("{text}");
    }
    for n in 1..=target.number("lines", 0) {
        println!("out line {n}");
        eprintln!("err line {n}");
    }
    if target.get("bytes").is_some() {
        print!("{}", "x".repeat(target.number("bytes", 0) as usize));
    }
    if target.get("flush").is_some() {
        let (out, err) = (stdout::get_stdout(), stderr::get_stderr());
        out.blocking_write_and_flush("direct out: h\u{e9}\n".as_bytes()).unwrap();
        err.blocking_write_and_flush(b"direct err\n").unwrap();
        return format!("budgets {:?} {:?}\n", out.check_write(), err.check_write());
    }
    "printed\n".to_string()
}

fn clocks() -> String {
    let (before, wall) = (monotonic_clock::now(), wall_clock::now());
    monotonic_clock::subscribe_duration(2_000_000).block();
    let passed = monotonic_clock::now() - before;
    format!(
        "wall {}.{:09}\nwall resolution {:?}\nmonotonic resolution {}\npassed {passed}\npast is ready {}\nfuture is ready {}\n",
        wall.seconds,
        wall.nanoseconds,
        wall_clock::resolution(),
        monotonic_clock::resolution(),
        monotonic_clock::subscribe_instant(before).ready(),
        monotonic_clock::subscribe_duration(1 << 50).ready(),
    )
}

fn randoms() -> String {
    format!(
        "bytes {:?}\nu64 {}\nnone {:?}\nlong {}\ninsecure {:?} {}\nseed {:?}\n",
        random::get_random_bytes(8),
        random::get_random_u64(),
        random::get_random_bytes(0),
        random::get_random_bytes(100_000).len(),
        insecure::get_insecure_random_bytes(4),
        insecure::get_insecure_random_u64(),
        insecure_seed::insecure_seed(),
    )
}

fn standard_library() -> String {
    let mut variables: Vec<_> = std::env::vars().collect();
    variables.sort();
    let map: std::collections::HashMap<i32, i32> = (0..4).map(|n| (n, n)).collect();
    let start = std::time::Instant::now();
    std::thread::sleep(std::time::Duration::from_millis(5));
    format!(
        "vars {variables:?}\nargs {:?}\ndir {:?}\nslept {}\nsince 1970 {}\nmap {}\n",
        std::env::args().collect::<Vec<_>>(),
        std::env::current_dir(),
        start.elapsed().as_millis() >= 5,
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs(),
        map.len(),
    )
}

impl wasi::exports::http::incoming_handler::Guest for Env {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let target = Target::of(&request);
        let text = match target.path.as_str() {
            "/env" => {
                let mut list = environment::get_environment();
                list.sort();
                list.iter().map(|(name, value)| format!("{name}={value}\n")).collect()
            }
            "/args" => format!("{:?}\n", environment::get_arguments()),
            "/cwd" => format!("{:?}\n", environment::initial_cwd()),
            "/stdin" => format!("{:?}\n", stdin::get_stdin().blocking_read(100).map_err(|e| format!("{e:?}"))),
            "/clocks" => clocks(),
            "/random" => randoms(),
            "/terminals" => format!(
                "stdin {} stdout {} stderr {}\n",
                terminal_stdin::get_terminal_stdin().is_some(),
                terminal_stdout::get_terminal_stdout().is_some(),
                terminal_stderr::get_terminal_stderr().is_some(),
            ),
            "/print" => print(&target),
            "/std" => standard_library(),
            "/exit" => {
                wasi::cli::exit::exit(if target.query == "ok" { Ok(()) } else { Err(()) });
                unreachable!()
            }
            _ => return answer(out, 404, "no such question\n"),
        };
        answer(out, 200, &text);
    }
}

wasi::http::proxy::export!(Env);

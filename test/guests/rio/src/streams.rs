//! Output streams of a response body, and poll.

use crate::Case;
use support::{begin, push, write_all};
use wasi::clocks::monotonic_clock::subscribe_duration;
use wasi::http::types::*;
use wasi::io::poll::poll;
use wasi::io::streams::OutputStream;

/// A body that belongs to nothing yet: enough to ask its stream.
fn unsent() -> (OutgoingResponse, OutgoingBody, OutputStream) {
    let response = OutgoingResponse::new(Fields::new());
    let body = response.body().unwrap();
    let stream = body.write().unwrap();
    (response, body, stream)
}

fn close(body: OutgoingBody, stream: OutputStream) {
    drop(stream);
    let _ = OutgoingBody::finish(body, None);
}

pub fn run(name: &str, case: &mut Case) -> Option<String> {
    let bytes = case.target.number("bytes", 10) as usize;
    Some(match name {
        "check-write" => {
            let (_response, _body, stream) = unsent();
            format!("{:?} {:?}", stream.check_write(), stream.check_write())
        }
        // Writes without looking until the budget is 0: how much a host takes before anybody reads.
        "budget" => {
            let (_response, _body, stream) = unsent();
            let mut taken = Vec::new();
            loop {
                let budget = stream.check_write().unwrap();
                if budget == 0 || taken.len() == 64 {
                    break;
                }
                stream.write(&vec![0; budget as usize]).unwrap();
                taken.push(budget.to_string());
            }
            format!("{} then ready {}", taken.join(" "), stream.subscribe().ready())
        }
        "trap-write-over-budget" => {
            let (_response, _body, stream) = unsent();
            let budget = stream.check_write().unwrap() as usize;
            let _ = stream.write(&vec![0; budget + 1]);
            "no trap".to_string()
        }
        "trap-write-when-full" => {
            let (_response, _body, stream) = unsent();
            for _ in 0..64 {
                let _ = stream.write(&[0; 1000]);
            }
            "no trap".to_string()
        }
        // bytes=4096 passes, bytes=4097 traps.
        "blocking-write" => {
            let body = begin(case.out(), 200, &[]);
            let stream = body.write().unwrap();
            let _ = stream.blocking_write_and_flush(&vec![b'x'; bytes]);
            close(body, stream);
            return None;
        }
        "zeroes" => {
            let body = begin(case.out(), 200, &[]);
            let stream = body.write().unwrap();
            let _ = stream.blocking_write_zeroes_and_flush(bytes as u64);
            close(body, stream);
            return None;
        }
        "write-zeroes" => {
            let body = begin(case.out(), 200, &[]);
            let stream = body.write().unwrap();
            let _ = stream.check_write();
            let _ = stream.write_zeroes(bytes as u64);
            close(body, stream);
            return None;
        }
        // The body is filled before the response is set: bytes=N at once within the budget.
        "write-before-set" => {
            let (response, body, stream) = unsent();
            let budget = stream.check_write().unwrap() as usize;
            stream.write(&vec![b'x'; bytes.min(budget)]).unwrap();
            ResponseOutparam::set(case.out(), Ok(response));
            close(body, stream);
            return None;
        }
        // chunks=1 must pass; chunks=2 may block for ever in a host that buffers one chunk.
        "blocking-before-set" => {
            let (response, body, stream) = unsent();
            for _ in 0..case.target.number("chunks", 1) {
                let _ = stream.blocking_write_and_flush(b"before\n");
            }
            ResponseOutparam::set(case.out(), Ok(response));
            close(body, stream);
            return None;
        }
        // Finished before set: everything is in the host's hands when the response goes out.
        "finish-before-set" => {
            let (response, body, stream) = unsent();
            let _ = stream.check_write();
            stream.write(b"all of it\n").unwrap();
            close(body, stream);
            ResponseOutparam::set(case.out(), Ok(response));
            return None;
        }
        "empty-write" => {
            let body = begin(case.out(), 200, &[]);
            let stream = body.write().unwrap();
            let empty = (stream.write(&[]).is_ok(), stream.blocking_write_and_flush(&[]).is_ok());
            let _ = write_all(&stream, format!("{empty:?}\n").as_bytes());
            close(body, stream);
            return None;
        }
        "flush" => {
            let body = begin(case.out(), 200, &[]);
            let stream = body.write().unwrap();
            for piece in ["one ", "two ", "three\n"] {
                let _ = push(&stream, piece.as_bytes());
                let _ = stream.flush();
                stream.subscribe().block();
            }
            let _ = stream.blocking_flush();
            close(body, stream);
            return None;
        }
        "splice" | "splice-ready" => {
            let incoming = case.request.consume().unwrap();
            let from = incoming.stream().unwrap();
            let body = begin(case.out(), 200, &[]);
            let to = body.write().unwrap();
            let size = case.target.number("size", 65536);
            let moved = |n| if name == "splice" { to.blocking_splice(&from, n) } else { from.subscribe().block(); to.subscribe().block(); to.splice(&from, n) };
            while moved(size).is_ok() {}
            drop(from);
            close(body, to);
            return None;
        }
        // Writes until the client is gone; the error output says how it ended.
        "until-closed" => {
            let body = begin(case.out(), 200, &[]);
            let stream = body.write().unwrap();
            let mut sent = 0u64;
            let end = loop {
                match push(&stream, &[b'x'; 8192]) {
                    Ok(()) => sent += 8192,
                    Err(e) => break e,
                }
            };
            eprintln!("closed after {} {end:?}", sent > 0);
            return None;
        }
        "trap-poll-empty" => {
            poll(&[]);
            "no trap".to_string()
        }
        "poll-same" => {
            let now = subscribe_duration(0);
            now.block();
            format!("{:?}", poll(&[&now, &now]))
        }
        "poll-mixed" => {
            let (far, near) = (subscribe_duration(1 << 50), subscribe_duration(1_000_000));
            let first = poll(&[&far, &near]);
            format!("{first:?} {} {}", far.ready(), near.ready())
        }
        "poll-many" => {
            let timers: Vec<_> = (1..=20u64).map(|n| subscribe_duration(n * 1_000_000)).collect();
            let mut open: Vec<_> = timers.iter().collect();
            let mut rounds = 0;
            while !open.is_empty() {
                let ready = poll(&open);
                for at in ready.into_iter().rev() {
                    open.remove(at as usize);
                }
                rounds += 1;
            }
            format!("done {}", rounds > 1)
        }
        "timer-order" => {
            let timers = [30u64, 10, 20].map(|ms| subscribe_duration(ms * 1_000_000));
            let mut order = Vec::new();
            while order.len() < timers.len() {
                let open: Vec<usize> = (0..timers.len()).filter(|n| !order.contains(n)).collect();
                let ready = poll(&open.iter().map(|n| &timers[*n]).collect::<Vec<_>>());
                order.push(open[ready[0] as usize]);
            }
            format!("{order:?}")
        }
        _ => return None,
    })
}

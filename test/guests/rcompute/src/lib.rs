//! About a millisecond of compute, the same result each time: hashing, sorting, a map, floating point and a sieve.
//! `?rounds=N` does it N times.

use std::collections::BTreeMap;
use wasi::http::types::*;

struct Compute;

/// Lehmer's generator: small numbers that look random.
struct Numbers(u64);

impl Iterator for Numbers {
    type Item = u64;
    fn next(&mut self) -> Option<u64> {
        self.0 = self.0 * 48271 % 0x7fff_ffff;
        Some(self.0)
    }
}

fn primes_below(limit: usize) -> usize {
    let mut composite = vec![false; limit];
    let mut found = 0;
    for n in 2..limit {
        if !composite[n] {
            found += 1;
            for multiple in (n * n..limit).step_by(n) {
                composite[multiple] = true;
            }
        }
    }
    found
}

fn work(seed: u64) -> u64 {
    let mut values: Vec<u64> = Numbers(seed).take(12_000).collect();
    values.sort_unstable();
    let hash = values.iter().fold(0xcbf2_9ce4_8422_2325u64, |h, v| (h ^ v).wrapping_mul(0x100_0000_01b3));
    let mut histogram = BTreeMap::new();
    for value in values.iter().step_by(4) {
        *histogram.entry(value % 499).or_insert(0u32) += 1;
    }
    let wave: f64 = values.iter().take(4_000).map(|v| (*v as f64).sqrt().sin()).sum();
    hash ^ histogram.len() as u64 ^ primes_below(50_000) as u64 ^ (wave * 1e6) as i64 as u64
}

impl wasi::exports::http::incoming_handler::Guest for Compute {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let target = request.path_with_query().unwrap_or_default();
        let rounds = target.split_once("rounds=").and_then(|(_, n)| n.parse().ok()).unwrap_or(1);
        let result = (1..=rounds).fold(0, |sum: u64, round| sum.wrapping_add(work(round)));
        let response = OutgoingResponse::new(Fields::new());
        let body = response.body().unwrap();
        ResponseOutparam::set(out, Ok(response));
        let stream = body.write().unwrap();
        stream.blocking_write_and_flush(format!("{result:016x}\n").as_bytes()).unwrap();
        drop(stream);
        OutgoingBody::finish(body, None).unwrap();
    }
}

wasi::http::proxy::export!(Compute);

//! Answers with the SHA-256 of the request body, in hexadecimal, and its length: `<digest> <bytes>`. The body is hashed as
//! it comes, so it never has to fit into memory. `?read=N` asks for at most N bytes at a time (65536 unless told).

use sha2::{Digest, Sha256};
use support::{answer, Target};
use wasi::http::types::*;
use wasi::io::streams::StreamError;

struct Hash;

fn digest(body: IncomingBody, size: u64) -> Result<String, String> {
    let stream = body.stream().map_err(|()| "stream taken".to_string())?;
    let (mut hash, mut bytes) = (Sha256::new(), 0);
    loop {
        match stream.blocking_read(size) {
            Ok(chunk) => {
                bytes += chunk.len();
                hash.update(&chunk);
            }
            Err(StreamError::Closed) => break,
            Err(StreamError::LastOperationFailed(e)) => return Err(format!("{:?}", http_error_code(&e))),
        }
    }
    let hex: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(format!("{hex} {bytes}"))
}

impl wasi::exports::http::incoming_handler::Guest for Hash {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let size = Target::of(&request).number("read", 65536);
        match request.consume().map_err(|()| "taken".to_string()).and_then(|body| digest(body, size)) {
            Ok(text) => answer(out, 200, &format!("{text}\n")),
            Err(text) => answer(out, 400, &format!("{text}\n")),
        }
    }
}

wasi::http::proxy::export!(Hash);

//! Makes one host call for each line of the request's body, `call argument…`, and answers with a line for each result.
//! An argument is a word; `%XX` in it is a byte, `-` alone is the empty word. What a call opens stays open for the lines
//! after it: a Redis or MQTT connection, a bucket and a cas of wasi:keyvalue.
//!
//! `redis.open ADDRESS`, `redis.many ADDRESS N` (opens until refused), `redis.{publish,get,set,incr,del,sadd,srem,smembers}`
//! with their arguments, `redis.execute COMMAND i:N|b:BYTES…`; `mqtt.open ADDRESS USER PASSWORD SECONDS`,
//! `mqtt.publish TOPIC QOS BYTES`; `llm.infer MODEL PROMPT [MAX-TOKENS]`, `llm.embed MODEL TEXT…`; `kv.open LABEL`,
//! `kv.{get,set,delete,exists,list}`, `kv.list-from CURSOR`, `kv.{get-many,delete-many} KEY…`, `kv.set-many KEY VALUE…`,
//! `kv.get-n N` (as many keys in one call), `kv.set-n N BYTES` (keys of so many bytes, one by one, until refused),
//! `kv.increment KEY N`, `kv.cas KEY`, `kv.current`, `kv.swap VALUE`.

use spin_sdk::http::{IntoResponse, Request, Response};
use spin_sdk::http_component;
use spin_sdk::wit::v2::{llm, mqtt, redis};
use spin_sdk::wit::wasi::keyvalue::{atomics, batch, store};
use std::fmt::Debug;

#[derive(Default)]
struct Open {
    redis: Option<redis::Connection>,
    mqtt: Option<mqtt::Connection>,
    bucket: Option<store::Bucket>,
    cas: Option<atomics::Cas>,
}

/// Bytes as text, so that a test can read them.
fn shown(bytes: &[u8]) -> String {
    format!("\"{}\"", bytes.escape_ascii())
}

fn debug<T: Debug, E: Debug>(result: Result<T, E>) -> String {
    match result {
        Ok(value) => format!("{value:?}"),
        Err(e) => format!("error {e:?}"),
    }
}

fn word(text: &str) -> Vec<u8> {
    if text == "-" {
        return Vec::new();
    }
    let raw = text.as_bytes();
    let mut out = Vec::new();
    let mut at = 0;
    while at < raw.len() {
        let byte = (raw[at] == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        match byte.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(raw[at]);
                at += 1;
            }
        }
    }
    out
}

fn text(argument: &str) -> String {
    String::from_utf8_lossy(&word(argument)).into_owned()
}

fn texts(arguments: &[&str]) -> Vec<String> {
    arguments.iter().map(|argument| text(argument)).collect()
}

fn maybe(value: Option<Vec<u8>>) -> String {
    value.map_or("none".to_string(), |bytes| shown(&bytes))
}

fn plain<E: Debug>(result: Result<String, E>) -> String {
    result.unwrap_or_else(|e| format!("error {e:?}"))
}

fn redis_call(open: &mut Open, call: &str, args: &[&str]) -> Option<String> {
    if call == "open" {
        open.redis = None;
        return Some(debug(redis::Connection::open(&text(args[0])).map(|connection| open.redis = Some(connection))));
    }
    if call == "many" {
        let mut held = Vec::new();
        let most: usize = args[1].parse().ok()?;
        let refused = loop {
            if held.len() == most {
                break "none".to_string();
            }
            match redis::Connection::open(&text(args[0])) {
                Ok(connection) => held.push(connection),
                Err(e) => break format!("{e:?}"),
            }
        };
        return Some(format!("{} then {refused}", held.len()));
    }
    let Some(connection) = &open.redis else { return Some("not open".to_string()) };
    Some(match call {
        "publish" => debug(connection.publish(&text(args[0]), &word(args[1]))),
        "get" => plain(connection.get(&text(args[0])).map(maybe)),
        "set" => debug(connection.set(&text(args[0]), &word(args[1]))),
        "incr" => debug(connection.incr(&text(args[0]))),
        "del" => debug(connection.del(&texts(args))),
        "sadd" => debug(connection.sadd(&text(args[0]), &texts(&args[1..]))),
        "srem" => debug(connection.srem(&text(args[0]), &texts(&args[1..]))),
        "smembers" => debug(connection.smembers(&text(args[0])).map(|mut members| {
            members.sort();
            members
        })),
        "execute" => {
            let parameters: Vec<redis::RedisParameter> = args[1..]
                .iter()
                .map(|argument| match argument.split_at(2) {
                    ("i:", number) => redis::RedisParameter::Int64(number.parse().unwrap()),
                    (_, bytes) => redis::RedisParameter::Binary(word(bytes)),
                })
                .collect();
            plain(connection.execute(&text(args[0]), &parameters).map(|results| {
                let results: Vec<String> = results
                    .iter()
                    .map(|result| match result {
                        redis::RedisResult::Nil => "nil".to_string(),
                        redis::RedisResult::Status(status) => format!("status {status}"),
                        redis::RedisResult::Int64(number) => format!("int64 {number}"),
                        redis::RedisResult::Binary(bytes) => format!("binary {}", shown(bytes)),
                    })
                    .collect();
                format!("[{}]", results.join(", "))
            }))
        }
        _ => return None,
    })
}

fn mqtt_call(open: &mut Open, call: &str, args: &[&str]) -> Option<String> {
    if call == "open" {
        open.mqtt = None;
        let seconds = args[3].parse().ok()?;
        let opened = mqtt::Connection::open(&text(args[0]), &text(args[1]), &text(args[2]), seconds);
        return Some(debug(opened.map(|connection| open.mqtt = Some(connection))));
    }
    let Some(connection) = &open.mqtt else { return Some("not open".to_string()) };
    if call != "publish" {
        return None;
    }
    let qos = match args[1] {
        "0" => mqtt::Qos::AtMostOnce,
        "1" => mqtt::Qos::AtLeastOnce,
        _ => mqtt::Qos::ExactlyOnce,
    };
    // `N*` before the bytes repeats them.
    let payload = match args[2].split_once('*') {
        Some((times, bytes)) => word(bytes).repeat(times.parse().ok()?),
        None => word(args[2]),
    };
    Some(debug(connection.publish(&text(args[0]), &payload, qos)))
}

fn llm_call(call: &str, args: &[&str]) -> Option<String> {
    Some(match call {
        "infer" => {
            let params = args.get(2).map(|max| llm::InferencingParams {
                max_tokens: max.parse().unwrap(),
                repeat_penalty: 1.5,
                repeat_penalty_last_n_token_count: 7,
                temperature: 0.25,
                top_k: 3,
                top_p: 0.75,
            });
            plain(llm::infer(&text(args[0]), &text(args[1]), params).map(|result| {
                let usage = result.usage;
                format!("{:?} {} {}", result.text, usage.prompt_token_count, usage.generated_token_count)
            }))
        }
        "embed" => plain(
            llm::generate_embeddings(&text(args[0]), &texts(&args[1..]))
                .map(|result| format!("{:?} {}", result.embeddings, result.usage.prompt_token_count)),
        ),
        _ => return None,
    })
}

fn kv_call(open: &mut Open, call: &str, args: &[&str]) -> Option<String> {
    if call == "open" {
        open.bucket = None;
        return Some(debug(store::open(&text(args[0])).map(|bucket| open.bucket = Some(bucket))));
    }
    let Some(bucket) = &open.bucket else { return Some("not open".to_string()) };
    Some(match call {
        "get" => plain(bucket.get(&text(args[0])).map(maybe)),
        "set" => debug(bucket.set(&text(args[0]), &word(args[1]))),
        "delete" => debug(bucket.delete(&text(args[0]))),
        "exists" => debug(bucket.exists(&text(args[0]))),
        "list" => debug(bucket.list_keys(None).map(|mut response| {
            response.keys.sort();
            (response.keys, response.cursor)
        })),
        "list-from" => debug(bucket.list_keys(Some(&text(args[0]))).map(|response| response.keys)),
        "get-many" => plain(batch::get_many(bucket, &texts(args)).map(|mut pairs| {
            pairs.sort();
            let pairs: Vec<String> = pairs.into_iter().map(|(key, value)| format!("{key}={}", maybe(value))).collect();
            format!("[{}]", pairs.join(", "))
        })),
        "get-n" => {
            let keys: Vec<String> = (0..args[0].parse().ok()?).map(|n: usize| n.to_string()).collect();
            debug(batch::get_many(bucket, &keys).map(|pairs| pairs.len()))
        }
        "set-n" => {
            let value = vec![7; args[1].parse().ok()?];
            let refused = (0..args[0].parse().ok()?).find_map(|n: usize| bucket.set(&n.to_string(), &value).err());
            format!("{refused:?}")
        }
        "set-many" => {
            let pairs: Vec<(String, Vec<u8>)> = args.chunks(2).map(|pair| (text(pair[0]), word(pair[1]))).collect();
            debug(batch::set_many(bucket, &pairs))
        }
        "delete-many" => debug(batch::delete_many(bucket, &texts(args))),
        "increment" => debug(atomics::increment(bucket, &text(args[0]), args[1].parse().ok()?)),
        "cas" => debug(atomics::Cas::new(bucket, &text(args[0])).map(|cas| open.cas = Some(cas))),
        "current" => plain(open.cas.as_ref()?.current().map(maybe)),
        "swap" => match atomics::swap(open.cas.take()?, &word(args[0])) {
            Ok(()) => "()".to_string(),
            Err(atomics::CasError::StoreError(e)) => format!("store error {e:?}"),
            Err(atomics::CasError::CasFailed(next)) => {
                open.cas = Some(next);
                "cas failed".to_string()
            }
        },
        _ => return None,
    })
}

#[http_component]
fn handle(request: Request) -> anyhow::Result<impl IntoResponse> {
    let body = String::from_utf8_lossy(request.body()).into_owned();
    let mut open = Open::default();
    let mut answer = String::new();
    for line in body.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        let (what, call) = words[0].split_once('.').unwrap_or((words[0], ""));
        let args = &words[1..];
        let result = match what {
            "redis" => redis_call(&mut open, call, args),
            "mqtt" => mqtt_call(&mut open, call, args),
            "llm" => llm_call(call, args),
            "kv" => kv_call(&mut open, call, args),
            _ => None,
        };
        answer.push_str(&result.unwrap_or_else(|| "no such call".to_string()));
        answer.push('\n');
    }
    Ok(Response::builder().status(200).header("content-type", "text/plain").body(answer).build())
}

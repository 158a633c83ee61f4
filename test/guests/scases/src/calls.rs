//! What is no SQL: `redis`, `mqtt`, `llm`, `kv` (Spin's key-value), `wasi-kv` (store, batch and atomics), `variables`,
//! `config` (WASI's) and `http.handle METHOD URL HEADERS BODY`.

use crate::json::{arg, done, opened, Done, Json};
use crate::{named, record, variant};
use serde_json::{json, Value};
use spin_sdk::http::{Method, Request, Response};
use spin_sdk::wit::wasi::config::store as config;
use spin_sdk::wit::wasi::keyvalue::{atomics, batch, store};
use spin_sdk::wit::{pg3, pg4, sqlite3, v2};
use v2::{key_value, llm, mqtt, redis, variables};

#[derive(Default)]
pub struct Open {
    pub pg2: Option<v2::postgres::Connection>,
    pub pg3: Option<pg3::Connection>,
    pub pg4: Option<pg4::Connection>,
    pub mysql: Option<v2::mysql::Connection>,
    pub sqlite2: Option<v2::sqlite::Connection>,
    pub sqlite3: Option<sqlite3::Connection>,
    redis: Option<redis::Connection>,
    mqtt: Option<mqtt::Connection>,
    store: Option<key_value::Store>,
    bucket: Option<store::Bucket>,
    cas: Option<atomics::Cas>,
}

variant!(redis::Error; Other = "other"; InvalidAddress = "invalid-address", TooManyConnections = "too-many-connections",
    TypeError = "type-error");
variant!(redis::RedisParameter; Int64 = "int64", Binary = "binary";);
variant!(redis::RedisResult; Status = "status", Int64 = "int64", Binary = "binary"; Nil = "nil");
variant!(mqtt::Error; ConnectionFailed = "connection-failed", Other = "other"; InvalidAddress = "invalid-address",
    TooManyConnections = "too-many-connections");
named!(mqtt::Qos; AtMostOnce = "at-most-once", AtLeastOnce = "at-least-once", ExactlyOnce = "exactly-once");
variant!(llm::Error; RuntimeError = "runtime-error", InvalidInput = "invalid-input"; ModelNotSupported = "model-not-supported");
record!(llm::InferencingParams; max_tokens = "maxTokens", repeat_penalty = "repeatPenalty",
    repeat_penalty_last_n_token_count = "repeatPenaltyLastNTokenCount", temperature = "temperature", top_k = "topK",
    top_p = "topP");
record!(llm::InferencingUsage; prompt_token_count = "promptTokenCount", generated_token_count = "generatedTokenCount");
record!(llm::InferencingResult; text = "text", usage = "usage");
record!(llm::EmbeddingsUsage; prompt_token_count = "promptTokenCount");
record!(llm::EmbeddingsResult; embeddings = "embeddings", usage = "usage");
variant!(key_value::Error; Other = "other"; StoreTableFull = "store-table-full", NoSuchStore = "no-such-store",
    AccessDenied = "access-denied");
variant!(variables::Error; InvalidName = "invalid-name", Undefined = "undefined", Provider = "provider", Other = "other";);
variant!(config::Error; Upstream = "upstream", Io = "io";);
variant!(store::Error; Other = "other"; NoSuchStore = "no-such-store", AccessDenied = "access-denied");
record!(store::KeyResponse; keys = "keys", cursor = "cursor");

fn text(args: &[Value], at: usize) -> String {
    arg(args, at)
}

fn redis_call(open: &mut Open, function: &str, args: &[Value]) -> Done {
    if function == "open" {
        return opened(&mut open.redis, || redis::Connection::open(&text(args, 0)));
    }
    let connection = open.redis.as_ref()?;
    let key = text(args, 0);
    match function {
        "publish" => done(connection.publish(&key, &arg::<Vec<u8>>(args, 1))),
        "get" => done(connection.get(&key)),
        "set" => done(connection.set(&key, &arg::<Vec<u8>>(args, 1))),
        "incr" => done(connection.incr(&key)),
        "sadd" => done(connection.sadd(&key, &arg::<Vec<String>>(args, 1))),
        "srem" => done(connection.srem(&key, &arg::<Vec<String>>(args, 1))),
        "smembers" => done(connection.smembers(&key)),
        "execute" => done(connection.execute(&key, &arg::<Vec<_>>(args, 1))),
        _ => None,
    }
}

fn mqtt_call(open: &mut Open, function: &str, args: &[Value]) -> Done {
    match function {
        "open" => opened(&mut open.mqtt, || {
            mqtt::Connection::open(&text(args, 0), &text(args, 1), &text(args, 2), arg(args, 3))
        }),
        "publish" => done(open.mqtt.as_ref()?.publish(&text(args, 0), &arg::<Vec<u8>>(args, 1), arg(args, 2))),
        _ => None,
    }
}

fn kv_call(open: &mut Open, function: &str, args: &[Value]) -> Done {
    if function == "open" {
        return opened(&mut open.store, || key_value::Store::open(&text(args, 0)));
    }
    let store = open.store.as_ref()?;
    match function {
        "get" => done(store.get(&text(args, 0))),
        "set" => done(store.set(&text(args, 0), &arg::<Vec<u8>>(args, 1))),
        "delete" => done(store.delete(&text(args, 0))),
        "exists" => done(store.exists(&text(args, 0))),
        "get-keys" => done(store.get_keys()),
        _ => None,
    }
}

fn wasi_kv_call(open: &mut Open, function: &str, args: &[Value]) -> Done {
    match function {
        "open" => return opened(&mut open.bucket, || store::open(&text(args, 0))),
        "current" => return done(open.cas.as_ref()?.current()),
        "swap" => return swap(open, args),
        _ => {}
    }
    let bucket = open.bucket.as_ref()?;
    match function {
        "get" => done(bucket.get(&text(args, 0))),
        "set" => done(bucket.set(&text(args, 0), &arg::<Vec<u8>>(args, 1))),
        "delete" => done(bucket.delete(&text(args, 0))),
        "exists" => done(bucket.exists(&text(args, 0))),
        "list-keys" => done(bucket.list_keys(arg::<Option<String>>(args, 0).as_deref())),
        "get-many" => done(batch::get_many(bucket, &arg::<Vec<String>>(args, 0))),
        "set-many" => done(batch::set_many(bucket, &arg::<Vec<(String, Vec<u8>)>>(args, 0))),
        "delete-many" => done(batch::delete_many(bucket, &arg::<Vec<String>>(args, 0))),
        "increment" => done(atomics::increment(bucket, &text(args, 0), arg(args, 1))),
        "new" => opened(&mut open.cas, || atomics::Cas::new(bucket, &text(args, 0))),
        _ => None,
    }
}

fn swap(open: &mut Open, args: &[Value]) -> Done {
    Some(match atomics::swap(open.cas.take()?, &arg::<Vec<u8>>(args, 0)) {
        Ok(()) => Ok(Value::Null),
        Err(atomics::CasError::StoreError(error)) => Err(json!({ "tag": "store-error", "val": error.to_json() })),
        Err(atomics::CasError::CasFailed(next)) => {
            open.cas = Some(next);
            Err(json!({ "tag": "cas-failed" }))
        }
    })
}

pub fn call(open: &mut Open, prefix: &str, function: &str, args: &[Value]) -> Done {
    match (prefix, function) {
        // Its only function whose first argument is a list.
        ("redis", "del") => done(open.redis.as_ref()?.del(&arg::<Vec<String>>(args, 0))),
        ("redis", _) => redis_call(open, function, args),
        ("mqtt", _) => mqtt_call(open, function, args),
        ("kv", _) => kv_call(open, function, args),
        ("wasi-kv", _) => wasi_kv_call(open, function, args),
        ("llm", "infer") => done(llm::infer(&text(args, 0), &text(args, 1), arg(args, 2))),
        ("llm", "generate-embeddings") => done(llm::generate_embeddings(&text(args, 0), &arg::<Vec<String>>(args, 1))),
        ("variables", "get") => done(variables::get(&text(args, 0))),
        ("config", "get") => done(config::get(&text(args, 0))),
        ("config", "get-all") => done(config::get_all()),
        _ => None,
    }
}

pub async fn http(args: &[Value]) -> Result<Value, Value> {
    let method = match text(args, 0).as_str() {
        "GET" => Method::Get,
        "POST" => Method::Post,
        "PUT" => Method::Put,
        "DELETE" => Method::Delete,
        other => Method::Other(other.to_string()),
    };
    let mut request = Request::builder();
    request.method(method).uri(text(args, 1));
    for (name, value) in arg::<Vec<(String, String)>>(args, 2) {
        request.header(name, value);
    }
    let request = request.body(arg::<Vec<u8>>(args, 3)).build();
    let response: Response = spin_sdk::http::send(request).await.map_err(|error| json!(error.to_string()))?;
    Ok(json!({
        "status": response.status(),
        "type": response.header("content-type").and_then(|value| value.as_str()),
        "body": response.body().to_vec().to_json(),
    }))
}

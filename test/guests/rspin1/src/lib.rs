//! The interfaces of Spin 1 that have no version: `/CALL?a=ARGUMENT&a=…` answers with the result in debug form.
//! `/redis/{publish,get,set,incr,del,sadd,smembers,srem}?a=ADDRESS&a=…`, `/redis/execute?a=ADDRESS&a=COMMAND&a=i:N|b:BYTES…`,
//! `/kv/{get,set,delete,exists,keys,closed}?a=LABEL&a=…`, `/llm/{infer,embed}?a=MODEL&a=…`, `/config?a=NAME`.

use support::{answer, Target};
use wasi::http::types::*;

mod bindings {
    wit_bindgen::generate!({ path: "wit", world: "old", generate_all });
}
use bindings::fermyon::spin::redis_types::{RedisParameter, RedisResult};
use bindings::fermyon::spin::{config, key_value, llm, redis};

struct Old;

fn debug<T: std::fmt::Debug, E: std::fmt::Debug>(result: Result<T, E>) -> String {
    match result {
        Ok(value) => format!("{value:?}\n"),
        Err(e) => format!("error {e:?}\n"),
    }
}

fn redis_call(call: &str, args: &[String]) -> String {
    let [address, rest @ ..] = args else { return "no address\n".to_string() };
    match call {
        "publish" => debug(redis::publish(address, &rest[0], rest[1].as_bytes())),
        "get" => debug(redis::get(address, &rest[0]).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())),
        "set" => debug(redis::set(address, &rest[0], rest[1].as_bytes())),
        "incr" => debug(redis::incr(address, &rest[0])),
        "del" => debug(redis::del(address, rest)),
        "sadd" => debug(redis::sadd(address, &rest[0], &rest[1..])),
        "smembers" => debug(redis::smembers(address, &rest[0]).map(|mut members| {
            members.sort();
            members
        })),
        "srem" => debug(redis::srem(address, &rest[0], &rest[1..])),
        "execute" => {
            let parameters: Vec<RedisParameter> = rest[1..]
                .iter()
                .map(|argument| match argument.strip_prefix("i:") {
                    Some(number) => RedisParameter::Int64(number.parse().unwrap()),
                    None => RedisParameter::Binary(argument[2..].as_bytes().to_vec()),
                })
                .collect();
            debug(redis::execute(address, &rest[0], &parameters).map(|results| {
                let shown: Vec<String> = results
                    .into_iter()
                    .map(|result| match result {
                        RedisResult::Nil => "nil".to_string(),
                        RedisResult::Status(status) => status,
                        RedisResult::Int64(number) => number.to_string(),
                        RedisResult::Binary(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
                    })
                    .collect();
                shown
            }))
        }
        _ => "no such call\n".to_string(),
    }
}

fn kv_call(call: &str, args: &[String]) -> String {
    let store = match key_value::open(&args[0]) {
        Ok(store) => store,
        Err(e) => return format!("error {e:?}\n"),
    };
    let result = match call {
        "get" => debug(key_value::get(store, &args[1]).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())),
        "set" => debug(key_value::set(store, &args[1], args[2].as_bytes())),
        "delete" => debug(key_value::delete(store, &args[1])),
        "exists" => debug(key_value::exists(store, &args[1])),
        "keys" => debug(key_value::get_keys(store).map(|mut keys| {
            keys.sort();
            keys
        })),
        "closed" => {
            key_value::close(store);
            debug(key_value::get(store, "k"))
        }
        _ => "no such call\n".to_string(),
    };
    key_value::close(store);
    result
}

impl wasi::exports::http::incoming_handler::Guest for Old {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let target = Target::of(&request);
        let args = target.all("a");
        let text = match target.path.trim_start_matches('/').split_once('/') {
            Some(("redis", call)) => redis_call(call, &args),
            Some(("kv", call)) => kv_call(call, &args),
            Some(("llm", "infer")) => debug(llm::infer(&args[0], &args[1], None).map(|result| result.text)),
            Some(("llm", "embed")) => {
                debug(llm::generate_embeddings(&args[0], &args[1..]).map(|result| result.embeddings))
            }
            _ => debug(config::get_config(&args[0])),
        };
        answer(out, 200, &text);
    }
}

wasi::http::proxy::export!(Old);

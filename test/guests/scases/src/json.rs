//! Values of WIT as JSON, in the way in which JavaScript has them: variants are `{ "tag": …, "val": … }`, options null or the
//! value, bytes `{ "text": … }` where they are readable and else `{ "hex": … }`, integers of 64 bits `{ "int": "…" }`.

use serde_json::{json, Value};

pub trait Json: Sized {
    fn to_json(&self) -> Value;
    /// Panics, which the test sees as status 500: a wrong case is not an answer.
    fn from_json(_value: &Value) -> Self {
        unimplemented!("only answered")
    }
    fn list_to_json(all: &[Self]) -> Value {
        Value::Array(all.iter().map(Json::to_json).collect())
    }
    fn list_from_json(value: &Value) -> Vec<Self> {
        value.as_array().expect("a list").iter().map(Self::from_json).collect()
    }
}

macro_rules! number {
    ($($type:ty)*) => {
        $(impl Json for $type {
            fn to_json(&self) -> Value { json!(*self) }
            fn from_json(value: &Value) -> Self { serde_json::from_value(value.clone()).expect(stringify!($type)) }
        })*
    };
}
number!(bool i8 i16 i32 u16 u32 f32 f64 String);

macro_rules! long {
    ($($type:ty)*) => {
        $(impl Json for $type {
            fn to_json(&self) -> Value { json!({ "int": self.to_string() }) }
            fn from_json(value: &Value) -> Self { value["int"].as_str().and_then(|text| text.parse().ok()).expect("{ int }") }
        })*
    };
}
long!(i64 u64);

impl Json for () {
    fn to_json(&self) -> Value {
        Value::Null
    }
}

impl Json for u8 {
    fn to_json(&self) -> Value {
        json!(*self)
    }
    fn from_json(value: &Value) -> Self {
        value.as_u64().expect("a number") as u8
    }
    fn list_to_json(all: &[Self]) -> Value {
        if all.iter().all(|byte| (32..127).contains(byte)) {
            return json!({ "text": String::from_utf8_lossy(all) });
        }
        json!({ "hex": all.iter().map(|byte| format!("{byte:02x}")).collect::<String>() })
    }
    fn list_from_json(value: &Value) -> Vec<Self> {
        if let Some(text) = value["text"].as_str() {
            return text.chars().map(|letter| letter as u8).collect();
        }
        let hex = value["hex"].as_str().expect("{ text } or { hex }");
        (0..hex.len() / 2).map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).expect("hex")).collect()
    }
}

impl<T: Json> Json for Vec<T> {
    fn to_json(&self) -> Value {
        T::list_to_json(self)
    }
    fn from_json(value: &Value) -> Self {
        T::list_from_json(value)
    }
}

impl<T: Json> Json for Option<T> {
    fn to_json(&self) -> Value {
        self.as_ref().map_or(Value::Null, Json::to_json)
    }
    fn from_json(value: &Value) -> Self {
        (!value.is_null()).then(|| T::from_json(value))
    }
}

macro_rules! tuple {
    ($($type:ident $at:tt),*) => {
        impl<$($type: Json),*> Json for ($($type,)*) {
            fn to_json(&self) -> Value { Value::Array(vec![$(self.$at.to_json()),*]) }
            fn from_json(value: &Value) -> Self { ($($type::from_json(&value[$at]),)*) }
        }
    };
}
tuple!(A 0, B 1);
tuple!(A 0, B 1, C 2);
tuple!(A 0, B 1, C 2, D 3);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6);

/// `variant!(type; Case = "case", …; Empty = "empty", …)`: cases with a value, then those without.
#[macro_export]
macro_rules! variant {
    ($type:ty; $($case:ident = $name:literal),*; $($empty:ident = $alone:literal),*) => {
        impl $crate::json::Json for $type {
            fn to_json(&self) -> serde_json::Value {
                type V = $type;
                match self {
                    $(V::$case(value) => serde_json::json!({ "tag": $name, "val": $crate::json::Json::to_json(value) }),)*
                    $(V::$empty => serde_json::json!({ "tag": $alone }),)*
                }
            }
            #[allow(unused_variables)]
            fn from_json(value: &serde_json::Value) -> Self {
                type V = $type;
                match value["tag"].as_str() {
                    $(Some($name) => V::$case($crate::json::Json::from_json(&value["val"])),)*
                    $(Some($alone) => V::$empty,)*
                    other => panic!("no case {other:?}"),
                }
            }
        }
    };
}

/// An enum of WIT is its name.
#[macro_export]
macro_rules! named {
    ($type:ty; $($case:ident = $name:literal),*) => {
        impl $crate::json::Json for $type {
            fn to_json(&self) -> serde_json::Value {
                type V = $type;
                serde_json::json!(match self { $(V::$case => $name,)* })
            }
            fn from_json(value: &serde_json::Value) -> Self {
                type V = $type;
                match value.as_str() {
                    $(Some($name) => V::$case,)*
                    other => panic!("no case {other:?}"),
                }
            }
        }
    };
}

/// `record!(type; field = "field", …)`.
#[macro_export]
macro_rules! record {
    ($type:path; $($field:ident = $name:literal),*) => {
        impl $crate::json::Json for $type {
            fn to_json(&self) -> serde_json::Value {
                serde_json::json!({ $($name: $crate::json::Json::to_json(&self.$field)),* })
            }
            fn from_json(value: &serde_json::Value) -> Self {
                $type { $($field: $crate::json::Json::from_json(&value[$name])),* }
            }
        }
    };
}

/// The argument at a place.
pub fn arg<T: Json>(args: &[Value], at: usize) -> T {
    T::from_json(args.get(at).unwrap_or(&Value::Null))
}

pub type Done = Option<Result<Value, Value>>;

pub fn done<T: Json, E: Json>(result: Result<T, E>) -> Done {
    Some(result.map(|value| value.to_json()).map_err(|error| error.to_json()))
}

/// Keeps what has been opened.
pub fn opened<T, E: Json>(place: &mut Option<T>, open: impl FnOnce() -> Result<T, E>) -> Done {
    *place = None;
    done(open().map(|resource| *place = Some(resource)))
}

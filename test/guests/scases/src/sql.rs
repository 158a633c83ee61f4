//! The relational interfaces: `pg2`, `pg3`, `pg4` and `mysql` (open, query, execute), `sqlite2` and `sqlite3` (open, execute).

use crate::calls::Open;
use crate::json::{arg, done, opened, Done};
use crate::{named, record, variant};
use serde_json::Value;
use spin_sdk::wit::{pg3, pg4, sqlite3, v2};

variant!(v2::rdbms_types::Error; ConnectionFailed = "connection-failed", BadParameter = "bad-parameter", QueryFailed = "query-failed",
    ValueConversionFailed = "value-conversion-failed", Other = "other";);
variant!(v2::rdbms_types::DbValue; Boolean = "boolean", Int8 = "int8", Int16 = "int16", Int32 = "int32", Int64 = "int64",
    Uint8 = "uint8", Uint16 = "uint16", Uint32 = "uint32", Uint64 = "uint64", Floating32 = "floating32",
    Floating64 = "floating64", Str = "str", Binary = "binary"; DbNull = "db-null", Unsupported = "unsupported");
variant!(v2::rdbms_types::ParameterValue; Boolean = "boolean", Int8 = "int8", Int16 = "int16", Int32 = "int32", Int64 = "int64",
    Uint8 = "uint8", Uint16 = "uint16", Uint32 = "uint32", Uint64 = "uint64", Floating32 = "floating32",
    Floating64 = "floating64", Str = "str", Binary = "binary"; DbNull = "db-null");
named!(v2::rdbms_types::DbDataType; Boolean = "boolean", Int8 = "int8", Int16 = "int16", Int32 = "int32", Int64 = "int64",
    Uint8 = "uint8", Uint16 = "uint16", Uint32 = "uint32", Uint64 = "uint64", Floating32 = "floating32",
    Floating64 = "floating64", Str = "str", Binary = "binary", Other = "other");
record!(v2::rdbms_types::Column; name = "name", data_type = "dataType");
record!(v2::rdbms_types::RowSet; columns = "columns", rows = "rows");

variant!(pg3::Error; ConnectionFailed = "connection-failed", BadParameter = "bad-parameter", QueryFailed = "query-failed",
    ValueConversionFailed = "value-conversion-failed", Other = "other";);
variant!(pg3::DbValue; Boolean = "boolean", Int8 = "int8", Int16 = "int16", Int32 = "int32", Int64 = "int64",
    Floating32 = "floating32", Floating64 = "floating64", Str = "str", Binary = "binary", Date = "date", Time = "time",
    Datetime = "datetime", Timestamp = "timestamp"; DbNull = "db-null", Unsupported = "unsupported");
variant!(pg3::ParameterValue; Boolean = "boolean", Int8 = "int8", Int16 = "int16", Int32 = "int32", Int64 = "int64",
    Floating32 = "floating32", Floating64 = "floating64", Str = "str", Binary = "binary", Date = "date", Time = "time",
    Datetime = "datetime", Timestamp = "timestamp"; DbNull = "db-null");
named!(pg3::DbDataType; Boolean = "boolean", Int8 = "int8", Int16 = "int16", Int32 = "int32", Int64 = "int64",
    Floating32 = "floating32", Floating64 = "floating64", Str = "str", Binary = "binary", Date = "date", Time = "time",
    Datetime = "datetime", Timestamp = "timestamp", Other = "other");
record!(pg3::Column; name = "name", data_type = "dataType");
record!(pg3::RowSet; columns = "columns", rows = "rows");

variant!(pg4::Error; ConnectionFailed = "connection-failed", BadParameter = "bad-parameter", QueryFailed = "query-failed",
    ValueConversionFailed = "value-conversion-failed", Other = "other";);
variant!(pg4::QueryError; Text = "text", DbError = "db-error";);
record!(pg4::DbError; as_text = "asText", severity = "severity", code = "code", message = "message", detail = "detail",
    extras = "extras");
variant!(pg4::DbValue; Boolean = "boolean", Int8 = "int8", Int16 = "int16", Int32 = "int32", Int64 = "int64",
    Floating32 = "floating32", Floating64 = "floating64", Str = "str", Binary = "binary", Date = "date", Time = "time",
    Datetime = "datetime", Timestamp = "timestamp", Uuid = "uuid", Jsonb = "jsonb", Decimal = "decimal",
    RangeInt32 = "range-int32", RangeInt64 = "range-int64", RangeDecimal = "range-decimal", ArrayInt32 = "array-int32",
    ArrayInt64 = "array-int64", ArrayDecimal = "array-decimal", ArrayStr = "array-str", Interval = "interval",
    Unsupported = "unsupported"; DbNull = "db-null");
variant!(pg4::ParameterValue; Boolean = "boolean", Int8 = "int8", Int16 = "int16", Int32 = "int32", Int64 = "int64",
    Floating32 = "floating32", Floating64 = "floating64", Str = "str", Binary = "binary", Date = "date", Time = "time",
    Datetime = "datetime", Timestamp = "timestamp", Uuid = "uuid", Jsonb = "jsonb", Decimal = "decimal",
    RangeInt32 = "range-int32", RangeInt64 = "range-int64", RangeDecimal = "range-decimal", ArrayInt32 = "array-int32",
    ArrayInt64 = "array-int64", ArrayDecimal = "array-decimal", ArrayStr = "array-str", Interval = "interval";
    DbNull = "db-null");
variant!(pg4::DbDataType; Other = "other"; Boolean = "boolean", Int8 = "int8", Int16 = "int16", Int32 = "int32",
    Int64 = "int64", Floating32 = "floating32", Floating64 = "floating64", Str = "str", Binary = "binary", Date = "date",
    Time = "time", Datetime = "datetime", Timestamp = "timestamp", Uuid = "uuid", Jsonb = "jsonb", Decimal = "decimal",
    RangeInt32 = "range-int32", RangeInt64 = "range-int64", RangeDecimal = "range-decimal", ArrayInt32 = "array-int32",
    ArrayInt64 = "array-int64", ArrayDecimal = "array-decimal", ArrayStr = "array-str", Interval = "interval");
named!(pg4::RangeBoundKind; Inclusive = "inclusive", Exclusive = "exclusive");
record!(pg4::Interval; micros = "micros", days = "days", months = "months");
record!(pg4::Column; name = "name", data_type = "dataType");
record!(pg4::RowSet; columns = "columns", rows = "rows");

macro_rules! sqlite {
    ($of:path) => {
        const _: () = {
            use $of as sqlite;
            variant!(sqlite::Error; Io = "io"; NoSuchDatabase = "no-such-database", AccessDenied = "access-denied",
                InvalidConnection = "invalid-connection", DatabaseFull = "database-full");
            variant!(sqlite::Value; Integer = "integer", Real = "real", Text = "text", Blob = "blob"; Null = "null");
            record!(sqlite::RowResult; values = "values");
            record!(sqlite::QueryResult; columns = "columns", rows = "rows");
        };
    };
}
sqlite!(v2::sqlite);
sqlite!(sqlite3);

macro_rules! rdbms {
    ($place:expr, $connection:ty, $function:ident, $args:ident) => {
        match $function {
            "open" => opened($place, || <$connection>::open(&arg::<String>($args, 0))),
            "query" => done($place.as_ref()?.query(&arg::<String>($args, 0), &arg::<Vec<_>>($args, 1))),
            "execute" => done($place.as_ref()?.execute(&arg::<String>($args, 0), &arg::<Vec<_>>($args, 1))),
            _ => None,
        }
    };
}

pub fn call(open: &mut Open, prefix: &str, function: &str, args: &[Value]) -> Done {
    match prefix {
        "pg2" => rdbms!(&mut open.pg2, v2::postgres::Connection, function, args),
        "pg3" => rdbms!(&mut open.pg3, pg3::Connection, function, args),
        "pg4" => rdbms!(&mut open.pg4, pg4::Connection, function, args),
        "mysql" => rdbms!(&mut open.mysql, v2::mysql::Connection, function, args),
        "sqlite2" => match function {
            "open" => opened(&mut open.sqlite2, || v2::sqlite::Connection::open(&arg::<String>(args, 0))),
            "execute" => done(open.sqlite2.as_ref()?.execute(&arg::<String>(args, 0), &arg::<Vec<_>>(args, 1))),
            _ => None,
        },
        _ => match function {
            "open" => opened(&mut open.sqlite3, || sqlite3::Connection::open(&arg::<String>(args, 0))),
            "execute" => done(open.sqlite3.as_ref()?.execute(&arg::<String>(args, 0), &arg::<Vec<_>>(args, 1))),
            "last-insert-rowid" => done(Ok::<_, ()>(open.sqlite3.as_ref()?.last_insert_rowid())),
            "changes" => done(Ok::<_, ()>(open.sqlite3.as_ref()?.changes())),
            _ => None,
        },
    }
}

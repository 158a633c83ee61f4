//! One call of a host interface a request, as an app makes it with the Spin Rust SDK: `/kv-get`, `/kv-set`, `/sqlite`,
//! `/pg?ADDRESS`, `/mysql?ADDRESS`, `/http?URL`, and `/nothing` for none. Answers with what the call gave;
//! test/bench/host/plain-server.ts answers the same without a guest.

use anyhow::Context;
use spin_sdk::http::{IntoResponse, Method, Request, Response};
use spin_sdk::{http_component, key_value::Store, mysql, pg4, sqlite};

const ID: i32 = 7;

fn key_value_get() -> anyhow::Result<Vec<u8>> {
    Store::open_default()?.get("greeting")?.context("no value")
}

fn key_value_set() -> anyhow::Result<Vec<u8>> {
    Store::open_default()?.set("count", b"Hello from a store!\n")?;
    Ok(b"set\n".to_vec())
}

fn sqlite_query() -> anyhow::Result<Vec<u8>> {
    let connection = sqlite::Connection::open_default()?;
    let parameters = [sqlite::Value::Integer(ID.into())];
    let result = connection.execute("SELECT name FROM person WHERE id = ?", &parameters)?;
    let row = result.rows.first().context("no row")?;
    Ok(row.get::<&str>(0).context("no name")?.as_bytes().to_vec())
}

fn postgres_query(address: &str) -> anyhow::Result<Vec<u8>> {
    let connection = pg4::Connection::open(address)?;
    let result = connection.query("SELECT name FROM person WHERE id = $1", &[ID.into()])?;
    let row = result.rows().next().context("no row")?;
    Ok(row.get::<String>("name").context("no name")?.into_bytes())
}

fn mysql_query(address: &str) -> anyhow::Result<Vec<u8>> {
    let connection = mysql::Connection::open(address)?;
    let parameters = [mysql::ParameterValue::Int32(ID)];
    let result = connection.query("SELECT name FROM person WHERE id = ?", &parameters)?;
    match result.rows.first().and_then(|row| row.first()) {
        Some(mysql::DbValue::Str(name)) => Ok(name.clone().into_bytes()),
        other => anyhow::bail!("{other:?} is no name"),
    }
}

async fn http_get(url: &str) -> anyhow::Result<Vec<u8>> {
    let response: Response = spin_sdk::http::send(Request::builder().method(Method::Get).uri(url).build()).await?;
    Ok(response.into_body())
}

#[http_component]
async fn handle(request: Request) -> anyhow::Result<impl IntoResponse> {
    let body = match request.path() {
        "/nothing" => b"nothing\n".to_vec(),
        "/kv-get" => key_value_get()?,
        "/kv-set" => key_value_set()?,
        "/sqlite" => sqlite_query()?,
        "/pg" => postgres_query(request.query())?,
        "/mysql" => mysql_query(request.query())?,
        "/http" => http_get(request.query()).await?,
        other => anyhow::bail!("there is no {other}"),
    };
    Ok(Response::builder().status(200).header("content-type", "text/plain").body(body).build())
}

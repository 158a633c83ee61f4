//! The asynchronous interfaces of Spin 4 to servers: `/mysql?URL`, `/pg?URL`, `/redis?URL` and `/mqtt?URL` each use one,
//! several calls at a time. A message of the Redis trigger is the address of a server, whose key `heard` it counts up.

use futures::future::join_all;
use spin_sdk::http::{IntoResponse, Request};
use spin_sdk::wasip3::http::types::{ErrorCode, Response};
use spin_sdk::{http_service, mqtt, mysql, pg, redis, redis_subscriber};

#[http_service]
async fn handle(request: Request) -> Result<Response, ErrorCode> {
    let address = request.uri().query().unwrap_or_default().to_string();
    let told = match request.uri().path() {
        "/mysql" => of_mysql(&address).await.map_err(|e| format!("{e:?}")),
        "/pg" => of_pg(&address).await.map_err(|e| format!("{e:?}")),
        "/redis" => of_redis(&address).await.map_err(|e| format!("{e:?}")),
        "/mqtt" => of_mqtt(&address).await.map_err(|e| format!("{e:?}")),
        path => Err(format!("no path {path}")),
    };
    match told {
        Ok(text) => text,
        Err(error) => format!("error {error}"),
    }
    .into_response()
}

/// Two queries at once on one connection, then one that is wrong.
async fn of_mysql(address: &str) -> Result<String, mysql::Error> {
    let db = mysql::Connection::open(address).await?;
    let sql = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 500) select i from n";
    let counts = join_all((0..2).map(|_| async { Ok::<_, mysql::Error>(db.query(sql, []).await?.collect().await?.len()) })).await;
    let counts: Result<Vec<_>, _> = counts.into_iter().collect();
    let mut found = db.query("select ? as a, 'b' as b", [mysql::ParameterValue::Int32(7)]).await?;
    let names: Vec<_> = found.columns().iter().map(|c| c.name.clone()).collect();
    let row = found.next().await.map(|r| (r.get::<i64>("a"), r.get::<String>("b")));
    found.result().await?;
    let wrong = db.query("select nothing", []).await.is_err();
    Ok(format!("{:?} {names:?} {row:?} {wrong}", counts?))
}

async fn of_pg(address: &str) -> Result<String, pg::Error> {
    let db = pg::Connection::open(address).await?;
    let sql = "select i from generate_series(1, 500) as n(i)";
    let counts = join_all((0..2).map(|_| async { Ok::<_, pg::Error>(db.query(sql, []).await?.collect().await?.len()) })).await;
    let counts: Result<Vec<_>, _> = counts.into_iter().collect();
    db.execute("create temp table t (a int4, b text)", []).await?;
    let parameters = [pg::ParameterValue::Int32(7), pg::ParameterValue::Str("b".into())];
    let changed = db.execute("insert into t values ($1, $2)", parameters).await?;
    let mut found = db.query("select * from t", []).await?;
    let names: Vec<_> = found.columns().iter().map(|c| c.name.clone()).collect();
    let row = found.next().await.map(|r| (r.get::<i32>("a"), r.get::<String>("b")));
    found.result().await?;
    let wrong = db.query("select nothing", []).await.is_err();
    Ok(format!("{:?} {changed} {names:?} {row:?} {wrong}", counts?))
}

async fn of_redis(address: &str) -> Result<String, redis::Error> {
    let store = redis::Connection::open(address).await?;
    store.set("a", b"one").await?;
    join_all((0..10).map(|_| store.incr("n"))).await;
    let n = store.incr("n").await?;
    let a = store.get("a").await?.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    store.sadd("s", ["x", "y"]).await?;
    let members = store.smembers("s").await?.len();
    let removed = store.del(["a", "n", "s"]).await?;
    Ok(format!("{n} {a:?} {members} {removed} {:?}", store.get("a").await?))
}

async fn of_mqtt(address: &str) -> Result<String, mqtt::Error> {
    let broker = mqtt::Connection::open(address, "", "", 5).await?;
    let sent = join_all((0..5).map(|n| broker.publish("s4", vec![b'0' + n], mqtt::Qos::AtLeastOnce))).await;
    sent.into_iter().collect::<Result<(), _>>()?;
    Ok("published".into())
}

#[redis_subscriber]
async fn heard(message: Vec<u8>) -> Result<(), redis::Error> {
    let address = String::from_utf8_lossy(&message).into_owned();
    redis::Connection::open(&address).await?.incr("heard").await?;
    Ok(())
}

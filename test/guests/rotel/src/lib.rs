//! Sends telemetry of its own by wasi:otel. `/spans?url=` records a span within another and asks the host for things between
//! them; `/unknown` ends a span that was never started, `/twice` one twice, `/many?n=` starts n spans; `/outer` answers with
//! the span that it is called in; `/log`, `/metrics` send a record and one metric of each kind; `/huge?bytes=` a large span.

use support::{answer, read_all, request_to, Target};
use wasi::http::outgoing_handler;
use wasi::http::types::*;

mod bindings {
    wit_bindgen::generate!({ path: "wit", world: "sender", generate_all });
}
use bindings::wasi::clocks::wall_clock::Datetime;
use bindings::wasi::config::store;
use bindings::wasi::otel::logs::{self, LogRecord};
use bindings::wasi::otel::metrics::{
    self, Exemplar, ExponentialBucket, ExponentialHistogram, ExponentialHistogramDataPoint, Gauge, GaugeDataPoint,
    Histogram, HistogramDataPoint, Metric, MetricData, MetricNumber, ResourceMetrics, ScopeMetrics, Sum, SumDataPoint,
    Temporality,
};
use bindings::wasi::otel::tracing::{self, Event, Link, SpanContext, SpanData, SpanKind, Status, TraceFlags};
use bindings::wasi::otel::types::{InstrumentationScope, KeyValue, Resource};

struct Otel;

fn at(seconds: u64, nanoseconds: u32) -> Datetime {
    Datetime { seconds, nanoseconds }
}

fn pair(key: &str, value: &str) -> KeyValue {
    KeyValue { key: key.to_string(), value: value.to_string() }
}

fn scope() -> InstrumentationScope {
    InstrumentationScope {
        name: "rotel".to_string(),
        version: Some("1.2.3".to_string()),
        schema_url: Some("https://example.com/schema".to_string()),
        attributes: vec![pair("of", "\"the scope\"")],
    }
}

fn context(outer: &SpanContext, span: &str) -> SpanContext {
    let trace_id = if outer.trace_id.chars().all(|c| c == '0') { "a".repeat(32) } else { outer.trace_id.clone() };
    SpanContext {
        trace_id,
        span_id: span.to_string(),
        trace_flags: TraceFlags::SAMPLED,
        is_remote: false,
        trace_state: outer.trace_state.clone(),
    }
}

fn span(context: SpanContext, parent: &str, name: &str, status: Status) -> SpanData {
    SpanData {
        parent_span_id: parent.to_string(),
        span_kind: SpanKind::Producer,
        name: name.to_string(),
        start_time: at(1_700_000_000, 123_456_789),
        end_time: at(1_700_000_001, 987_654_321),
        attributes: vec![
            pair("text", "\"some\""),
            pair("number", "6"),
            pair("part", "1.5"),
            pair("yes", "true"),
            pair("list", "[\"a\",\"b\"]"),
            pair("bare", "no json"),
        ],
        events: vec![Event {
            name: "halfway".to_string(),
            time: at(1_700_000_000, 500_000_000),
            attributes: vec![pair("n", "1")],
        }],
        links: vec![Link { span_context: context.clone(), attributes: vec![pair("why", "\"because\"")] }],
        status,
        instrumentation_scope: scope(),
        dropped_attributes: 1,
        dropped_events: 2,
        dropped_links: 3,
        span_context: context,
    }
}

fn get(url: &str) -> String {
    match outgoing_handler::handle(request_to(url, Fields::new()), None) {
        Err(e) => format!("{e:?}"),
        Ok(future) => {
            future.subscribe().block();
            match future.get().unwrap().unwrap() {
                Ok(response) => format!("{} {:?}", response.status(), read_all(response.consume().unwrap()).map(|b| b.len())),
                Err(e) => format!("{e:?}"),
            }
        }
    }
}

const OUTER: &str = "00000000000000a1";
const INNER: &str = "00000000000000b2";

fn spans(target: &Target) -> String {
    let outer = tracing::outer_span_context();
    let (first, second) = (context(&outer, OUTER), context(&outer, INNER));
    let before = store::get("before");
    tracing::on_start(&first);
    let within = store::get("within");
    tracing::on_start(&second);
    let answer = target.get("url").map(|url| get(&url));
    tracing::on_end(&span(second, OUTER, "inner", Status::Error("broken".to_string())));
    let after = store::get("after");
    tracing::on_end(&span(first, &outer.span_id, "outer", Status::Ok));
    format!("{before:?} {within:?} {after:?} {answer:?}\n")
}

fn exemplars(value: MetricNumber) -> Vec<Exemplar> {
    vec![Exemplar {
        filtered_attributes: vec![],
        time: at(1, 0),
        value,
        span_id: INNER.to_string(),
        trace_id: "a".repeat(32),
    }]
}

fn data(kind: &str, value: MetricNumber) -> Metric {
    let attributes = vec![pair("kind", &format!("\"{kind}\""))];
    let (start_time, time) = (at(1_700_000_000, 0), at(1_700_000_009, 5));
    let exemplars = exemplars(value);
    let sum = Sum {
        data_points: vec![SumDataPoint { attributes: attributes.clone(), value, exemplars: exemplars.clone() }],
        start_time,
        time,
        temporality: Temporality::Delta,
        is_monotonic: true,
    };
    let gauge = Gauge {
        data_points: vec![GaugeDataPoint { attributes: attributes.clone(), value, exemplars: exemplars.clone() }],
        start_time: None,
        time,
    };
    let histogram = Histogram {
        data_points: vec![HistogramDataPoint {
            attributes: attributes.clone(),
            count: 3,
            bounds: vec![1.0, 2.5],
            bucket_counts: vec![1, 0, 2],
            min: Some(value),
            max: None,
            sum: value,
            exemplars: exemplars.clone(),
        }],
        start_time,
        time,
        temporality: Temporality::LowMemory,
    };
    let exponential = ExponentialHistogram {
        data_points: vec![ExponentialHistogramDataPoint {
            attributes,
            count: 7,
            min: None,
            max: Some(value),
            sum: value,
            scale: -2,
            zero_count: 1,
            positive_bucket: ExponentialBucket { offset: 3, counts: vec![2, 4] },
            negative_bucket: ExponentialBucket { offset: -1, counts: vec![] },
            zero_threshold: 0.5,
            exemplars,
        }],
        start_time,
        time,
        temporality: Temporality::Cumulative,
    };
    let data = match (kind, value) {
        ("sum", MetricNumber::F64(_)) => MetricData::F64Sum(sum),
        ("sum", MetricNumber::S64(_)) => MetricData::S64Sum(sum),
        ("sum", MetricNumber::U64(_)) => MetricData::U64Sum(sum),
        ("gauge", MetricNumber::F64(_)) => MetricData::F64Gauge(gauge),
        ("gauge", MetricNumber::S64(_)) => MetricData::S64Gauge(gauge),
        ("gauge", MetricNumber::U64(_)) => MetricData::U64Gauge(gauge),
        ("histogram", MetricNumber::F64(_)) => MetricData::F64Histogram(histogram),
        ("histogram", MetricNumber::S64(_)) => MetricData::S64Histogram(histogram),
        ("histogram", MetricNumber::U64(_)) => MetricData::U64Histogram(histogram),
        (_, MetricNumber::F64(_)) => MetricData::F64ExponentialHistogram(exponential),
        (_, MetricNumber::S64(_)) => MetricData::S64ExponentialHistogram(exponential),
        (_, MetricNumber::U64(_)) => MetricData::U64ExponentialHistogram(exponential),
    };
    let number = match value {
        MetricNumber::F64(_) => "f64",
        MetricNumber::S64(_) => "s64",
        MetricNumber::U64(_) => "u64",
    };
    Metric {
        name: format!("{number}-{kind}"),
        description: "what it is".to_string(),
        unit: "By".to_string(),
        data,
    }
}

fn send_metrics() -> String {
    let numbers = [MetricNumber::F64(1.5), MetricNumber::S64(-4), MetricNumber::U64(9)];
    let metrics = ["sum", "gauge", "histogram", "exponential"]
        .iter()
        .flat_map(|kind| numbers.iter().map(|number| data(kind, *number)))
        .collect();
    let sent = metrics::export(&ResourceMetrics {
        resource: Resource {
            attributes: vec![pair("service.name", "\"the guest\"")],
            schema_url: Some("https://example.com/resource".to_string()),
        },
        scope_metrics: vec![ScopeMetrics { scope: scope(), metrics }],
    });
    format!("{sent:?}\n")
}

fn send_log(target: &Target) {
    logs::on_emit(&LogRecord {
        timestamp: Some(at(1_700_000_000, 1)),
        observed_timestamp: Some(at(1_700_000_000, 2)),
        severity_text: Some("WARN".to_string()),
        severity_number: Some(target.number("severity", 13) as u8),
        body: Some(target.get("body").unwrap_or_else(|| "{\"said\":[1,\"data:application/octet-stream;base64,AAEC\"]}".to_string())),
        attributes: Some(vec![pair("a", "1")]),
        event_name: Some("event".to_string()),
        resource: Some(Resource { attributes: vec![], schema_url: None }),
        instrumentation_scope: Some(scope()),
        trace_id: Some("a".repeat(32)),
        span_id: Some(INNER.to_string()),
        trace_flags: Some(TraceFlags::SAMPLED),
    });
}

impl wasi::exports::http::incoming_handler::Guest for Otel {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let target = Target::of(&request);
        let outer = tracing::outer_span_context();
        let text = match target.path.as_str() {
            "/spans" => spans(&target),
            "/outer" => format!("{outer:?}\n"),
            "/unknown" => {
                tracing::on_end(&span(context(&outer, OUTER), "", "unknown", Status::Unset));
                "ended\n".to_string()
            }
            "/twice" => {
                let one = context(&outer, OUTER);
                tracing::on_start(&one);
                tracing::on_end(&span(one.clone(), "no id", "once", Status::Unset));
                tracing::on_end(&span(one, "no id", "twice", Status::Unset));
                "ended\n".to_string()
            }
            "/many" => {
                for n in 0..target.number("n", 1) {
                    tracing::on_start(&context(&outer, &format!("{:016x}", n + 1)));
                }
                "started\n".to_string()
            }
            "/huge" => {
                let one = context(&outer, OUTER);
                tracing::on_start(&one);
                let mut data = span(one, "", "huge", Status::Unset);
                let value = format!("\"{}\"", "x".repeat(target.number("bytes", 1) as usize));
                data.attributes = (0..200).map(|n| pair(&format!("k{n}"), &value)).collect();
                tracing::on_end(&data);
                "ended\n".to_string()
            }
            "/log" => {
                send_log(&target);
                "sent\n".to_string()
            }
            _ => send_metrics(),
        };
        answer(out, 200, &text);
    }
}

wasi::http::proxy::export!(Otel);

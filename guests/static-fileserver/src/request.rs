//! What matters of a request.

use wasi::http::types::{Headers, IncomingRequest, Method};

pub struct Request {
    method: Method,
    headers: Headers,
    /// Of the URL, as it came.
    path: String,
    query: Option<String>,
}

impl Request {
    pub fn of(incoming: &IncomingRequest) -> Self {
        let target = incoming.path_with_query().unwrap_or_default();
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path.to_string(), Some(query.to_string())),
            None => (target, None),
        };
        Request { method: incoming.method(), headers: incoming.headers(), path, query }
    }

    pub fn is_read(&self) -> bool {
        matches!(self.method, Method::Get | Method::Head)
    }

    pub fn head_only(&self) -> bool {
        matches!(self.method, Method::Head)
    }

    /// The path below the component's route; of the URL itself where the route is exact, or where no runtime of Spin
    /// applications said what the route is.
    pub fn path(&self) -> String {
        match self.own("spin-path-info") {
            Some(info) if !info.is_empty() || self.is_wildcard() => info,
            _ => self.path.clone(),
        }
    }

    /// Where the folder that was asked for without its slash is, relative to what was asked for. A path that begins
    /// with two slashes, or holds a colon, must not become another site that way, hence the dot.
    pub fn slash_form(&self) -> Option<String> {
        let name = self.path.rsplit('/').next().filter(|name| !name.is_empty())?;
        let query = self.query.as_ref().map_or(String::new(), |query| format!("?{query}"));
        (!self.has_exact_route()).then(|| format!("./{name}/{query}"))
    }

    /// All values of a field as one list; None when there is none that is text.
    pub fn list(&self, name: &str) -> Option<String> {
        let values: Vec<String> =
            self.headers.get(name).into_iter().filter_map(|value| String::from_utf8(value).ok()).collect();
        (!values.is_empty()).then(|| values.join(","))
    }

    /// None also when there is more than one, which is no range of any kind.
    pub fn range(&self) -> Option<String> {
        // Without GET there are no ranges (RFC 9110 §14.2).
        let [value] = <[Vec<u8>; 1]>::try_from(self.headers.get("range")).ok()?;
        String::from_utf8(value).ok().filter(|_| !self.head_only())
    }

    fn is_wildcard(&self) -> bool {
        self.own("spin-raw-component-route").is_some_and(|route| route.ends_with("/..."))
    }

    fn has_exact_route(&self) -> bool {
        self.own("spin-raw-component-route").is_some_and(|route| !route.ends_with("/..."))
    }

    /// A field of the runtime. It comes after one of the same name that the client may have sent.
    fn own(&self, name: &str) -> Option<String> {
        self.headers.get(name).pop().and_then(|value| String::from_utf8(value).ok())
    }
}

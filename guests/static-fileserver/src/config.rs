//! What the environment of the component sets. The first four names and their meaning are those of Spin's file server.

/// As Spin's file server has it.
const DEFAULT_CACHE_CONTROL: &str = "max-age=60";
/// A year: the longest that caches keep anything (RFC 9111 §4.2.1 names no bound; a year is the custom of the web).
const IMMUTABLE: &str = "public, max-age=31536000, immutable";

pub struct Config {
    /// Served with 200 in place of what is not there.
    pub fallback: Option<String>,
    /// Served with 404 in place of what is not there.
    pub not_found: Option<String>,
    /// Served where a favicon is asked for and not there.
    pub favicon: Option<String>,
    /// Names that begin with a dot exist.
    pub hidden: bool,
    /// Text is compressed where there is no compressed copy beside it.
    pub compress: bool,
    cache_control: Option<String>,
    immutable: Vec<String>,
}

impl Config {
    pub fn from_environment() -> Self {
        Self::of(wasi::cli::environment::get_environment())
    }

    fn of(environment: Vec<(String, String)>) -> Self {
        let get = |name: &str| environment.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        let path = |name| get(name).filter(|value| !value.is_empty());
        Config {
            cache_control: get("CACHE_CONTROL"),
            fallback: path("FALLBACK_PATH"),
            not_found: path("CUSTOM_404_PATH"),
            favicon: path("FAVICON_PATH"),
            immutable: get("IMMUTABLE_PATHS").map_or(Vec::new(), |paths| {
                paths.split(',').map(|path| path.trim().trim_start_matches('/').to_string()).filter(|p| !p.is_empty()).collect()
            }),
            hidden: get("HIDDEN_FILES").is_some_and(|value| is_on(&value)),
            compress: get("COMPRESS").is_none_or(|value| is_on(&value)),
        }
    }

    /// `path` as `path::Path` has it, without a slash in front; empty for what is no file of the site.
    pub fn cache_control(&self, path: &str) -> &str {
        if !path.is_empty() && self.immutable.iter().any(|prefix| path.starts_with(prefix.as_str())) {
            return IMMUTABLE;
        }
        self.cache_control.as_deref().unwrap_or(DEFAULT_CACHE_CONTROL)
    }
}

fn is_on(value: &str) -> bool {
    matches!(value.trim(), "1" | "true" | "on" | "yes")
}

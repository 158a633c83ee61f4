//! Which encoding a client wants most (RFC 9110 §12.5.3).

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Encoding {
    Brotli,
    Gzip,
}

impl Encoding {
    pub fn name(self) -> &'static str {
        match self {
            Encoding::Brotli => "br",
            Encoding::Gzip => "gzip",
        }
    }

    /// Of the compressed copy beside a file.
    pub fn ending(self) -> &'static str {
        match self {
            Encoding::Brotli => ".br",
            Encoding::Gzip => ".gz",
        }
    }
}

/// Those that are accepted, and not less than no encoding at all; the best first, and of equals the smaller result.
pub fn accepted(header: Option<&str>) -> Vec<Encoding> {
    let Some(header) = header else {
        return Vec::new();
    };
    let weights: Vec<(&str, u16)> = header.split(',').filter_map(weighted).collect();
    let named = |name: &str| weights.iter().find(|(coding, _)| coding.eq_ignore_ascii_case(name)).map(|(_, weight)| *weight);
    let any = named("*");
    let brotli = named("br").or(any).unwrap_or(0);
    // An alias, to be treated alike (RFC 9110 §8.4.1.3).
    let gzip = named("gzip").or_else(|| named("x-gzip")).or(any).unwrap_or(0);
    let plain = named("identity").unwrap_or(0);
    let mut wanted: Vec<(Encoding, u16)> = [(Encoding::Brotli, brotli), (Encoding::Gzip, gzip)]
        .into_iter()
        .filter(|(_, weight)| *weight > 0 && *weight >= plain)
        .collect();
    wanted.sort_by_key(|(_, weight)| std::cmp::Reverse(*weight));
    wanted.into_iter().map(|(encoding, _)| encoding).collect()
}

/// A coding and its weight in thousandths; None when the weight is none.
fn weighted(item: &str) -> Option<(&str, u16)> {
    let (coding, parameters) = item.split_once(';').unwrap_or((item, ""));
    let parameter = parameters.trim();
    let weight = match parameter.strip_prefix("q=").or_else(|| parameter.strip_prefix("Q=")) {
        Some(text) => thousandths(text.trim())?,
        None => 1000,
    };
    Some((coding.trim(), weight))
}

/// `0`, `0.5`, `1.000`.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.len() > 3 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part: u16 = format!("{fraction:0<3}").parse().ok()?;
    match whole {
        "0" => Some(part),
        "1" if part == 0 => Some(1000),
        _ => None,
    }
}

//! What every request must fulfil before anything looks at it, and what every answer says to the browser.

use std::net::IpAddr;

use axum::extract::{Request, State};
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::uri::Authority;
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::Shared;

/// Nothing from elsewhere, nothing inline, no frame around it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    // Not `no-referrer`: with it a form's Origin is null, and ours could not be told from others'.
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// Names by which this server may be called. A page elsewhere whose name was pointed at this computer
/// (DNS rebinding) calls it by its own.
#[derive(Clone, Debug)]
pub struct Hosts {
    pub port: u16,
    /// Listens beyond this computer: then by any of its addresses, for those cannot be rebound.
    pub open: bool,
    pub names: Vec<String>,
}

impl Hosts {
    /// Whether a `Host` header names this server.
    pub fn allows(&self, host: &str) -> bool {
        let (name, port) = match host.rsplit_once(':') {
            Some((name, port)) if !port.ends_with(']') => (name, Some(port)),
            _ => (host, None),
        };
        let port_fits = port.is_none_or(|p| p.parse() == Ok(self.port)) && port.is_some()
            || port.is_none() && self.port == 80;
        let name = name.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
        let known = match name.parse::<IpAddr>() {
            Ok(ip) => ip.is_loopback() || self.open,
            Err(_) => name == "localhost" || self.names.contains(&name),
        };
        // Behind a proxy that ends TLS the port is the proxy's.
        known && (port_fits || self.names.contains(&name))
    }
}

/// The order is: host, then site, then the rest of the program; and the headers on whatever comes out.
pub async fn shield(State(app): State<Shared>, request: Request, next: Next) -> Response {
    let mut response = match refuse(&app.hosts, &request) {
        Some(why) => (StatusCode::FORBIDDEN, why).into_response(),
        None => next.run(request).await,
    };
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

fn refuse(hosts: &Hosts, request: &Request) -> Option<&'static str> {
    let headers = request.headers();
    // Whoever sends two names means one for us and another for somebody else: both must be ours.
    let named = headers.get_all(header::HOST).iter().map(|v| v.to_str().unwrap_or_default());
    let named: Vec<&str> = named.chain(request.uri().authority().map(Authority::as_str)).collect();
    let host = named.first().copied().unwrap_or_default();
    if named.is_empty() || !named.iter().all(|name| hosts.allows(name)) {
        return Some("this server is not known by that name");
    }
    let site = text(headers, "sec-fetch-site");
    let visit = request.method() == Method::GET
        && text(headers, "sec-fetch-mode") == Some("navigate")
        && text(headers, "sec-fetch-dest") == Some("document");
    if !site.is_none_or(|s| matches!(s, "same-origin" | "none") || visit) {
        return Some("a page elsewhere asked for this");
    }
    // Browsers without Fetch Metadata send where a form or script stands.
    let changes = request.method() != Method::GET;
    let origin = text(headers, "origin");
    let own = |o: &str| o.split_once("://").is_some_and(|(_, rest)| rest == host);
    if changes && origin.is_some_and(|o| !own(o)) {
        return Some("a page elsewhere asked for this");
    }
    None
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|v| v.to_str().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_own_names_are_answered() {
        let here = Hosts { port: 8080, open: false, names: vec![] };
        for host in ["127.0.0.1:8080", "localhost:8080", "[::1]:8080", "LOCALHOST:8080"] {
            assert!(here.allows(host), "{host}");
        }
        for host in [
            "",
            "evil.example:8080",
            "127.0.0.1:81",
            "192.168.0.7:8080",
            "127.0.0.1",
            "127.0.0.1.evil.example:8080",
            "localhost.evil.example:8080",
        ] {
            assert!(!here.allows(host), "{host}");
        }
        let open = Hosts { port: 8080, open: true, names: vec!["faxes.example".into()] };
        assert!(open.allows("192.168.0.7:8080") && open.allows("faxes.example"));
        assert!(!open.allows("evil.example:8080"));
    }
}

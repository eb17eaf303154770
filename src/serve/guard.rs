//! Which requests are meant for this server, and come from its own page.
//!
//! A page of somebody else that a browser has open can send requests here, too. Two attacks are met:
//!
//! - *Cross-site request forgery*: that page asks as if it were ours. What a browser lets it send without asking us
//!   first is no JSON, so a question has to be JSON; and a browser names the page that asks (`Origin`), so where
//!   one is named it has to be ours.
//! - *DNS rebinding*: a name of the attacker's is made to lead to this machine, so that a browser takes our answers
//!   for that page's own. Such a request has the name in its `Host`, so that has to be `localhost` or a number.

use super::http::{Method, Reply, Request};
use std::net::{IpAddr, Ipv6Addr};

/// Why a request is not answered, if it is not.
pub(super) fn refusal(request: &Request) -> Option<Reply> {
    let host = request.header("host").unwrap_or_default().to_ascii_lowercase();
    if !is_number_or_localhost(&host) {
        return Some(Reply::error(421, "the host is neither `localhost` nor an address"));
    }
    if request.method != Method::Post {
        return None;
    }
    let json = request.header("content-type").is_some_and(|kind| {
        kind.split(';')
            .next()
            .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
    });
    if !json {
        return Some(Reply::error(415, "the content type is not application/json"));
    }
    let own = |origin: &str| origin.eq_ignore_ascii_case(&format!("http://{host}"));
    if request.header("origin").is_some_and(|origin| !own(origin)) {
        return Some(Reply::error(403, "the request comes from another page"));
    }
    None
}

/// Is a host a number, or this machine's own name? Other names can be made to lead anywhere.
fn is_number_or_localhost(host: &str) -> bool {
    let without_port = |host: &str| match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name.to_owned(),
        _ => host.to_owned(),
    };
    match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((number, rest)) => {
            let port = rest.strip_prefix(':').unwrap_or(rest);
            number.parse::<Ipv6Addr>().is_ok() && port.bytes().all(|b| b.is_ascii_digit())
        }
        None => {
            let name = without_port(host);
            name == "localhost" || name.parse::<IpAddr>().is_ok()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_others_are_no_hosts() {
        for host in
            ["localhost", "localhost:80", "127.0.0.1:8421", "[::1]:8421", "[::1]", "10.0.0.1"]
        {
            assert!(is_number_or_localhost(host), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example:80",
            "[::1]evil",
            "x:1",
        ] {
            assert!(!is_number_or_localhost(host), "{host}");
        }
    }
}

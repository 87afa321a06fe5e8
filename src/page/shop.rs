//! Where the shop is, from where the visitor stands.

/// The names of this machine for itself: a cookie set under one is not sent to another.
const OWN_NAMES: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// A shop on this machine, under the name by which the visitor knows this machine: their cookie
/// goes with them. Any other address stays as it is.
pub fn under_name(url: &str, host: &str) -> String {
    let own = |authority: &str| {
        let name = OWN_NAMES.iter().find(|name| {
            let port = authority.strip_prefix(**name);
            port.is_some_and(|port| port.is_empty() || port.starts_with(':'))
        })?;
        Some(*name)
    };
    let changed = || {
        let (scheme, rest) = url.split_once("://")?;
        let (authority, _) = rest.split_once('/').unwrap_or((rest, ""));
        let rest = rest.strip_prefix(own(authority)?)?;
        Some(format!("{scheme}://{}{rest}", own(host)?))
    };
    changed().unwrap_or_else(|| url.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shop_on_this_machine_is_reached_under_the_name_that_the_visitor_used() {
        for (url, host, wanted) in [
            ("http://127.0.0.1:8082/", "localhost:8080", "http://localhost:8082/"),
            ("http://localhost:8082/x", "127.0.0.1:8080", "http://127.0.0.1:8082/x"),
            ("http://127.0.0.1", "localhost", "http://localhost"),
            ("http://127.0.0.1:8082/", "queue.example", "http://127.0.0.1:8082/"),
            ("https://shop.example/", "localhost:8080", "https://shop.example/"),
            ("http://localhost.example/", "127.0.0.1", "http://localhost.example/"),
            ("http://127.0.0.1:8082/", "", "http://127.0.0.1:8082/"),
        ] {
            assert_eq!(under_name(url, host), wanted, "{url} seen from {host}");
        }
    }
}

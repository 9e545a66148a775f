//! The broker's address: the URL of `--broker`. Not the user (see `credentials`) and not the
//! certificates (see `tls`).

use std::fmt;
use std::str::FromStr;

/// A broker's address, from `mqtt://host[:1883]` or `mqtts://host[:8883]`; `tcp://` and `ssl://`
/// are the same two. A user and a password in it are refused: process lists would show them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Name or IP address, an IPv6 address without its brackets.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Whether the connection is encrypted.
    pub tls: bool,
}

/// Why a text is no broker address. No text of the user's is repeated where it could hold a
/// password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// There is no `scheme://`.
    #[error("a broker address begins with mqtt:// or mqtts://, as in mqtt://localhost:1883")]
    NoScheme,
    /// The scheme is none of ours.
    #[error("{0}:// is not supported: use mqtt://, or mqtts:// for an encrypted connection")]
    Scheme(String),
    /// A user or a password stands before an `@`.
    #[error(
        "a broker address may not contain a user name or password, because other users of this \
         machine could see them: set GRIDTWIN_MQTT_USER and GRIDTWIN_MQTT_PASSWORD, or give --credentials FILE"
    )]
    Credentials,
    /// Nothing stands between the scheme and the port.
    #[error("the broker address has no host: give one, as in mqtt://localhost:1883")]
    NoHost,
    /// The host has characters that no host name or IP address has.
    #[error("{0:?} is neither a host name nor an IP address")]
    Host(String),
    /// The port is not a number from 1 to 65535.
    #[error("{0:?} is not a port; expected a number from 1 to 65535")]
    Port(String),
    /// A path or a query follows the host.
    #[error("a broker address ends after the host and the port: remove {0:?}")]
    Rest(String),
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        // First of all, so that no later message repeats a password.
        if text.contains('@') {
            return Err(AddressError::Credentials);
        }
        let (scheme, rest) = text.split_once("://").ok_or(AddressError::NoScheme)?;
        let tls = match scheme.to_ascii_lowercase().as_str() {
            "mqtt" | "tcp" => false,
            "mqtts" | "ssl" => true,
            other => return Err(AddressError::Scheme(other.to_owned())),
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (place, tail) = rest.split_at(end);
        if !tail.is_empty() && tail != "/" {
            return Err(AddressError::Rest(tail.to_owned()));
        }
        let (host, port) = split_port(place)?;
        if host.is_empty() {
            return Err(AddressError::NoHost);
        }
        let port = match port {
            None => {
                if tls {
                    8883
                } else {
                    1883
                }
            }
            Some(digits) => match digits.parse::<u16>() {
                Ok(port) if port > 0 && digits.bytes().all(|b| b.is_ascii_digit()) => port,
                _ => return Err(AddressError::Port(digits.to_owned())),
            },
        };
        Ok(Self { host: host.to_owned(), port, tls })
    }
}

/// Host and port of `host`, `host:port`, `[v6]` or `[v6]:port`.
fn split_port(place: &str) -> Result<(&str, Option<&str>), AddressError> {
    let wrong = || AddressError::Host(place.to_owned());
    if let Some(inner) = place.strip_prefix('[') {
        let (host, after) = inner.split_once(']').ok_or_else(wrong)?;
        host.parse::<std::net::Ipv6Addr>().map_err(|_| wrong())?;
        return match after.strip_prefix(':') {
            Some(port) => Ok((host, Some(port))),
            None if after.is_empty() => Ok((host, None)),
            None => Err(wrong()),
        };
    }
    let (host, port) = match place.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (place, None),
    };
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
    if host.len() > 253 || !host.bytes().all(fits) {
        return Err(wrong());
    }
    Ok((host, port))
}

impl Address {
    /// Whether the host is this machine's own loopback: messages to it do not leave the machine.
    pub fn is_loopback(&self) -> bool {
        let own = |ip: std::net::IpAddr| ip.is_loopback();
        self.host.eq_ignore_ascii_case("localhost") || self.host.parse().is_ok_and(own)
    }

    /// `host:port` for people, with an IPv6 address in brackets.
    pub fn place(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", if self.tls { "mqtts" } else { "mqtt" }, self.place())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(text: &str) -> Result<Address, AddressError> {
        text.parse()
    }

    #[test]
    fn an_address_without_a_port_has_the_protocol_s_own() {
        assert_eq!(parse("mqtt://meter.local").unwrap().port, 1883);
        assert_eq!(parse("tcp://10.0.0.2/").unwrap().port, 1883);
        let tls = parse("ssl://b").unwrap();
        assert_eq!((tls.port, tls.tls), (8883, true));
        assert_eq!(parse("MQTTS://b:1").unwrap().to_string(), "mqtts://b:1");
    }

    #[test]
    fn an_ipv6_host_stands_in_brackets() {
        let address = parse("mqtt://[::1]:1884").unwrap();
        assert_eq!((address.host.as_str(), address.port), ("::1", 1884));
        assert_eq!(address.to_string(), "mqtt://[::1]:1884");
        assert!(address.is_loopback());
        assert_eq!(parse("mqtt://[::1]").unwrap().port, 1883);
        for wrong in ["mqtt://[::1", "mqtt://[x]", "mqtt://[::1]1", "mqtt://::1"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_password_in_an_address_is_refused_and_not_repeated() {
        for text in ["mqtt://joe:s3cret@host", "joe:s3cret@host", "mqtt://joe@host:18x"] {
            let error = parse(text).unwrap_err();
            assert_eq!(error, AddressError::Credentials);
            assert!(error.to_string().contains("GRIDTWIN_MQTT_PASSWORD"));
            assert!(!error.to_string().contains("s3cret"));
        }
    }

    #[test]
    fn what_is_wrong_with_an_address_is_said() {
        let wrong = [
            ("localhost:1883", AddressError::NoScheme),
            ("ws://h", AddressError::Scheme("ws".into())),
            ("mqtt://", AddressError::NoHost),
            ("mqtt://:1883", AddressError::NoHost),
            ("mqtt://h:0", AddressError::Port("0".into())),
            ("mqtt://h:+1", AddressError::Port("+1".into())),
            ("mqtt://h:65536", AddressError::Port("65536".into())),
            ("mqtt://h h", AddressError::Host("h h".into())),
            ("mqtt://h/a?b", AddressError::Rest("/a?b".into())),
        ];
        for (text, error) in wrong {
            assert_eq!(parse(text), Err(error), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_an_address_or_an_error_and_an_address_reads_back(text in ".{0,40}") {
            if let Ok(address) = parse(&text) {
                prop_assert_eq!(parse(&address.to_string()), Ok(address));
            }
        }
    }
}

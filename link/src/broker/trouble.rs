//! What can go wrong with a connection, each as one clear sentence. Not when to try again (see
//! `backoff`).

use std::error::Error;
use std::io;

use rumqttc::mqttbytes;
use rumqttc::{ConnectReturnCode, ConnectionError, StateError, TlsError};
use rustls::{AlertDescription, CertificateError};

use super::Options;

/// Why there is no connection.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// The broker refuses user and password, or wants them.
    #[error("{}", denied(place, user.as_deref()))]
    Denied {
        /// The broker, `host:port`.
        place: String,
        /// The user name.
        user: Option<String>,
    },
    /// The broker rejects the client id.
    #[error("the broker at {place} does not accept the client id {client_id:?}")]
    ClientId {
        /// The broker, `host:port`.
        place: String,
        /// The client id.
        client_id: String,
    },
    /// The broker does not support MQTT 3.1.1.
    #[error("the broker at {0} does not support MQTT 3.1.1")]
    Version(String),
    /// The broker reports that it is unavailable.
    #[error("the broker at {0} reports that it is unavailable")]
    Unavailable(String),
    /// No such host.
    #[error("host {0:?} not found: this name has no IP address; check its spelling")]
    NoSuchHost(String),
    /// The host exists, but refuses connections at the port.
    #[error("{0} refuses connections: check that the broker runs and that the port is right")]
    Refused(String),
    /// The host can't be reached.
    #[error("{place} can't be reached: {why}")]
    Unreachable {
        /// The broker, `host:port`.
        place: String,
        /// The system's error.
        why: String,
    },
    /// No answer.
    #[error("{0} did not answer in time")]
    NoAnswer(String),
    /// The broker's certificate is not signed by a trusted CA.
    #[error(
        "the certificate of {place} is not trusted ({why}): give the CA certificate that signed \
         it (--ca)"
    )]
    Untrusted {
        /// The broker, `host:port`.
        place: String,
        /// What is wrong with it.
        why: String,
    },
    /// The certificate is for another host.
    #[error(
        "the certificate of {place} is for {names}, not for {host}: in --broker, use a host name \
         that the certificate contains"
    )]
    OtherHost {
        /// The broker, `host:port`.
        place: String,
        /// The requested host.
        host: String,
        /// The names in the certificate.
        names: String,
    },
    /// The certificate is out of its time.
    #[error(
        "the certificate of {place} is not valid today ({why}): renew it, or correct this \
         machine's clock"
    )]
    OutOfDate {
        /// The broker, `host:port`.
        place: String,
        /// In which way.
        why: String,
    },
    /// The broker rejects the client certificate, or requires one.
    #[error("{}", client_certificate(place, *given, why))]
    ClientCertificate {
        /// The broker, `host:port`.
        place: String,
        /// Whether one was given.
        given: bool,
        /// The broker's reason.
        why: String,
    },
    /// There is no TLS at that port.
    #[error("{0} does not answer with TLS: use mqtt://, or another port")]
    NotTls(String),
    /// Another failure of TLS.
    #[error("no encrypted connection to {place}: {why}")]
    Tls {
        /// The broker, `host:port`.
        place: String,
        /// The error of rustls.
        why: String,
    },
    /// The broker closed the connection before it answered.
    #[error("{0} closed the connection before it answered{1}")]
    ClosedEarly(String, &'static str),
    /// The broker closed the connection.
    #[error("the broker at {0} closed the connection")]
    Closed(String),
    /// The connection broke.
    #[error("the connection to {place} failed: {why}")]
    Broken {
        /// The broker, `host:port`.
        place: String,
        /// The system's error.
        why: String,
    },
    /// The broker stopped answering.
    #[error("the broker at {0} stopped answering")]
    Silent(String),
    /// A packet exceeds the limit.
    #[error(
        "the broker at {place} sent a packet of {bytes} bytes; at most {most} are accepted, so \
         the connection was closed"
    )]
    TooLarge {
        /// The broker, `host:port`.
        place: String,
        /// What the packet's head announces, in bytes.
        bytes: usize,
        /// The most that is taken, in bytes.
        most: usize,
    },
    /// The broker does not send valid MQTT.
    #[error("{place} does not send valid MQTT ({why}), so the connection was closed")]
    NotMqtt {
        /// The broker, `host:port`.
        place: String,
        /// What is wrong with it.
        why: String,
    },
}

impl Trouble {
    /// Whether only a change of settings can help: to wait and try again is no use.
    pub fn is_permanent(&self) -> bool {
        matches!(
            self,
            Self::Denied { .. }
                | Self::ClientId { .. }
                | Self::Version(_)
                | Self::Untrusted { .. }
                | Self::OtherHost { .. }
                | Self::OutOfDate { .. }
                | Self::ClientCertificate { .. }
                | Self::NotTls(_)
        )
    }

    /// The meaning of `error` for a connection with `options`. `greeted`: whether the broker had
    /// accepted the connection.
    pub(crate) fn from_error(error: &ConnectionError, options: &Options, greeted: bool) -> Self {
        let place = options.address.place();
        match error {
            ConnectionError::ConnectionRefused(code) => refused(*code, options),
            ConnectionError::NetworkTimeout | ConnectionError::FlushTimeout => {
                if greeted {
                    Self::Silent(place)
                } else {
                    Self::NoAnswer(place)
                }
            }
            ConnectionError::NotConnAck(_) => {
                Self::NotMqtt { place, why: "its first packet is not CONNACK".to_owned() }
            }
            ConnectionError::Tls(TlsError::TLS(error)) => from_rustls(error, options),
            ConnectionError::Tls(TlsError::Io(error)) | ConnectionError::Io(error) => {
                from_io(error, options, greeted)
            }
            ConnectionError::Tls(error) => Self::Tls { place, why: error.to_string() },
            ConnectionError::MqttState(error) => from_state(error, options, greeted),
            // Only when our own end is gone.
            ConnectionError::RequestsDone => Self::Closed(place),
        }
    }
}

fn refused(code: ConnectReturnCode, options: &Options) -> Trouble {
    let place = options.address.place();
    match code {
        ConnectReturnCode::BadUserNamePassword | ConnectReturnCode::NotAuthorized => {
            let user = options.credentials.as_ref().map(|who| who.user().to_owned());
            Trouble::Denied { place, user }
        }
        ConnectReturnCode::BadClientId => {
            Trouble::ClientId { place, client_id: options.client_id.clone() }
        }
        ConnectReturnCode::RefusedProtocolVersion => Trouble::Version(place),
        ConnectReturnCode::ServiceUnavailable => Trouble::Unavailable(place),
        ConnectReturnCode::Success => {
            Trouble::NotMqtt { place, why: "its CONNACK is contradictory".to_owned() }
        }
    }
}

fn from_state(error: &StateError, options: &Options, greeted: bool) -> Trouble {
    let place = options.address.place();
    match error {
        StateError::Io(error) | StateError::Deserialization(mqttbytes::Error::Io(error)) => {
            from_io(error, options, greeted)
        }
        StateError::ConnectionAborted => closed(options, greeted),
        StateError::AwaitPingResp | StateError::CollisionTimeout => Trouble::Silent(place),
        StateError::Deserialization(mqttbytes::Error::PayloadSizeLimitExceeded(bytes)) => {
            Trouble::TooLarge { place, bytes: *bytes, most: options.limits.packet_bytes() }
        }
        StateError::Deserialization(error) => Trouble::NotMqtt { place, why: error.to_string() },
        error => Trouble::NotMqtt { place, why: error.to_string() },
    }
}

fn closed(options: &Options, greeted: bool) -> Trouble {
    let place = options.address.place();
    if greeted {
        return Trouble::Closed(place);
    }
    let hint = match (options.address.tls, options.tls.cert.is_some()) {
        (false, _) => ": it may require mqtts://",
        (true, false) => ": it may require a client certificate (--cert, --key)",
        (true, true) => ": it may not accept the client certificate",
    };
    Trouble::ClosedEarly(place, hint)
}

fn from_io(error: &io::Error, options: &Options, greeted: bool) -> Trouble {
    if let Some(error) = rustls_inside(error) {
        return from_rustls(error, options);
    }
    let place = options.address.place();
    let why = error.to_string();
    if greeted {
        return match error.kind() {
            io::ErrorKind::UnexpectedEof
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe => Trouble::Closed(place),
            _ => Trouble::Broken { place, why },
        };
    }
    match error.kind() {
        io::ErrorKind::ConnectionRefused => Trouble::Refused(place),
        io::ErrorKind::TimedOut => Trouble::NoAnswer(place),
        io::ErrorKind::UnexpectedEof
        | io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe => closed(options, false),
        // The standard library's own words for every failed look-up; it has no kind for them.
        _ if why.starts_with("failed to lookup address") => {
            Trouble::NoSuchHost(options.address.host.clone())
        }
        _ => Trouble::Unreachable { place, why },
    }
}

/// The TLS error inside an I/O error, if there is one.
fn rustls_inside(error: &io::Error) -> Option<&rustls::Error> {
    let mut inner: &(dyn Error + 'static) = error.get_ref()?;
    loop {
        if let Some(found) = inner.downcast_ref::<rustls::Error>() {
            return Some(found);
        }
        inner = match inner.downcast_ref::<io::Error>() {
            Some(error) => error.get_ref()?,
            None => inner.source()?,
        };
    }
}

fn from_rustls(error: &rustls::Error, options: &Options) -> Trouble {
    let place = options.address.place();
    let host = options.address.host.clone();
    match error {
        rustls::Error::InvalidCertificate(what) => match what {
            CertificateError::NotValidForName => {
                Trouble::OtherHost { place, host, names: "another host".to_owned() }
            }
            CertificateError::NotValidForNameContext { presented, .. } => {
                Trouble::OtherHost { place, host, names: names(presented) }
            }
            CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. } => {
                Trouble::OutOfDate { place, why: what.to_string() }
            }
            CertificateError::UnknownIssuer => {
                Trouble::Untrusted { place, why: "it is not signed by a known CA".to_owned() }
            }
            other => Trouble::Untrusted { place, why: other.to_string() },
        },
        rustls::Error::AlertReceived(alert) => {
            let why = alert_words(*alert);
            let given = options.tls.cert.is_some();
            match alert {
                AlertDescription::CertificateRequired
                | AlertDescription::BadCertificate
                | AlertDescription::UnsupportedCertificate
                | AlertDescription::CertificateRevoked
                | AlertDescription::CertificateExpired
                | AlertDescription::CertificateUnknown
                | AlertDescription::UnknownCA
                | AlertDescription::AccessDenied => {
                    Trouble::ClientCertificate { place, given, why }
                }
                // What older brokers say when they want a certificate and get none.
                AlertDescription::HandshakeFailure if !given => {
                    Trouble::ClientCertificate { place, given, why }
                }
                _ => Trouble::Tls { place, why },
            }
        }
        rustls::Error::InvalidMessage(rustls::InvalidMessage::InvalidContentType) => {
            Trouble::NotTls(place)
        }
        error => Trouble::Tls { place, why: error.to_string() },
    }
}

/// The names in a certificate, as rustls gives them (`DnsName("a")`), bare; three at most.
fn names(presented: &[String]) -> String {
    let bare = |name: &String| match name.split_once("(\"") {
        Some((_, rest)) => rest.trim_end_matches("\")").to_owned(),
        None => name.clone(),
    };
    if presented.is_empty() {
        return "no host".to_owned();
    }
    let shown: Vec<String> = presented.iter().take(3).map(bare).collect();
    match presented.len() - shown.len() {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

fn alert_words(alert: AlertDescription) -> String {
    match alert {
        AlertDescription::CertificateRequired => "the broker received none".to_owned(),
        AlertDescription::UnknownCA => "the broker does not know its CA".to_owned(),
        other => format!("TLS alert {other:?}"),
    }
}

fn denied(place: &str, user: Option<&str>) -> String {
    match user {
        Some(user) => format!("the broker at {place} rejects the user {user:?} or its password"),
        None => format!(
            "the broker at {place} requires a user name and a password: set \
             GRIDTWIN_MQTT_USER and GRIDTWIN_MQTT_PASSWORD, or give --credentials FILE"
        ),
    }
}

fn client_certificate(place: &str, given: bool, why: &str) -> String {
    if given {
        format!("the broker at {place} rejects the client certificate: {why}")
    } else {
        format!("the broker at {place} requires a client certificate (--cert, --key): {why}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_a_certificate_are_listed_bare_and_briefly() {
        let list = |n: usize| {
            let all: Vec<String> = (0..n).map(|i| format!("DnsName(\"h{i}\")")).collect();
            names(&all)
        };
        assert_eq!(list(0), "no host");
        assert_eq!(list(1), "h0");
        assert_eq!(list(3), "h0, h1, h2");
        assert_eq!(list(9), "h0, h1, h2 and 6 more");
    }
}

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
        /// The user that we gave.
        user: Option<String>,
    },
    /// The broker refuses our client id.
    #[error("the broker at {place} does not accept the client id {client_id:?}")]
    ClientId {
        /// The broker, `host:port`.
        place: String,
        /// The id that we gave.
        client_id: String,
    },
    /// The broker does not speak MQTT 3.1.1.
    #[error("the broker at {0} does not speak MQTT 3.1.1")]
    Version(String),
    /// The broker says that it can't serve now.
    #[error("the broker at {0} says that it can't serve anybody now")]
    Unavailable(String),
    /// No such host.
    #[error("there is no host {0:?}: its name has no address")]
    NoSuchHost(String),
    /// The host is there, but nothing listens at the port.
    #[error("nothing listens at {0}: is the broker running, and is the port right?")]
    Refused(String),
    /// The host can't be reached.
    #[error("{place} can't be reached: {why}")]
    Unreachable {
        /// The broker, `host:port`.
        place: String,
        /// What the system says.
        why: String,
    },
    /// No answer.
    #[error("{0} did not answer in time")]
    NoAnswer(String),
    /// Nobody we trust has signed the broker's certificate.
    #[error(
        "the certificate of {place} is not to be trusted ({why}): give the certificate of the \
         authority that signed it (--ca)"
    )]
    Untrusted {
        /// The broker, `host:port`.
        place: String,
        /// What is wrong with it.
        why: String,
    },
    /// The certificate is for another host.
    #[error("the certificate of {place} is for {names}, not for {host}: use the name it is for")]
    OtherHost {
        /// The broker, `host:port`.
        place: String,
        /// The host that we asked for.
        host: String,
        /// The names in the certificate.
        names: String,
    },
    /// The certificate is out of its time.
    #[error("the certificate of {place} {why}: has it run out, or is a clock wrong?")]
    OutOfDate {
        /// The broker, `host:port`.
        place: String,
        /// In which way.
        why: String,
    },
    /// The broker does not take our certificate, or wants one.
    #[error("{}", client_certificate(place, *given, why))]
    ClientCertificate {
        /// The broker, `host:port`.
        place: String,
        /// Whether we gave one.
        given: bool,
        /// What the broker says.
        why: String,
    },
    /// There is no TLS at that port.
    #[error("{0} does not speak TLS: is it mqtt:// there, or another port?")]
    NotTls(String),
    /// Another failure of TLS.
    #[error("no encrypted connection with {place}: {why}")]
    Tls {
        /// The broker, `host:port`.
        place: String,
        /// What rustls says.
        why: String,
    },
    /// The broker closed the connection before it greeted us.
    #[error("{0} closed the connection before it said a word{1}")]
    ClosedEarly(String, &'static str),
    /// The broker closed the connection.
    #[error("the broker at {0} closed the connection")]
    Closed(String),
    /// The connection broke.
    #[error("the connection with {place} broke: {why}")]
    Broken {
        /// The broker, `host:port`.
        place: String,
        /// What the system says.
        why: String,
    },
    /// The broker stopped answering.
    #[error("the broker at {0} stopped answering")]
    Silent(String),
    /// A packet is larger than we take.
    #[error(
        "the broker at {place} sent a packet of {bytes} bytes; more than {most} is not taken, so \
         the connection was cut"
    )]
    TooLarge {
        /// The broker, `host:port`.
        place: String,
        /// What the packet's head announces, in bytes.
        bytes: usize,
        /// The most that is taken, in bytes.
        most: usize,
    },
    /// What the broker says is not MQTT.
    #[error("what {place} says is not MQTT ({why}), so the connection was cut")]
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

    /// What `error` means for a connection with `options`. `greeted`: whether the broker had let
    /// us in.
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
                Self::NotMqtt { place, why: "it does not begin with a greeting".to_owned() }
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
            Trouble::NotMqtt { place, why: "it refuses with success".to_owned() }
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
        (false, _) => ": is it mqtts:// there?",
        (true, false) => ": it may want a client certificate (--cert, --key)",
        (true, true) => ": it may not trust our client certificate",
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
                Trouble::Untrusted { place, why: "nobody whom we trust has signed it".to_owned() }
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
        return "no host at all".to_owned();
    }
    let shown: Vec<String> = presented.iter().take(3).map(bare).collect();
    match presented.len() - shown.len() {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

fn alert_words(alert: AlertDescription) -> String {
    match alert {
        AlertDescription::CertificateRequired => "it wants one".to_owned(),
        AlertDescription::UnknownCA => "it does not know who signed it".to_owned(),
        other => format!("TLS alert {other:?}"),
    }
}

fn denied(place: &str, user: Option<&str>) -> String {
    match user {
        Some(user) => format!("the broker at {place} refuses the user {user:?} or its password"),
        None => format!(
            "the broker at {place} lets nobody in without a user and a password: set \
             GRIDTWIN_MQTT_USER and GRIDTWIN_MQTT_PASSWORD, or give --credentials FILE"
        ),
    }
}

fn client_certificate(place: &str, given: bool, why: &str) -> String {
    if given {
        format!("the broker at {place} does not accept our client certificate: {why}")
    } else {
        format!("the broker at {place} asks for a client certificate (--cert, --key): {why}")
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
        assert_eq!(list(0), "no host at all");
        assert_eq!(list(1), "h0");
        assert_eq!(list(3), "h0, h1, h2");
        assert_eq!(list(9), "h0, h1, h2 and 6 more");
    }
}

//! An embedded broker (rumqttd) on this machine's loopback, for a try with nothing installed. Not
//! for a site: it has no password, keeps nothing on disk and is not reached from outside.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rumqttd::protocol::v4::V4;
use rumqttd::{ConnectionSettings, LinkType, Router, RouterConfig, Server, ServerSettings};
use tokio::runtime::Builder;
use tokio::sync::Notify;

use super::Address;

/// Ports that are tried before giving up.
const TRIES: usize = 20;
/// The longest time a broker may take to accept connections.
const START: Duration = Duration::from_secs(30);

/// A running broker. Dropped, it stops: it closes its port and every connection. Its idle router
/// thread stays parked until the process ends, because rumqttd has no way to end it.
#[derive(Debug)]
pub struct DemoBroker {
    port: u16,
    stop: Arc<Notify>,
    thread: Option<JoinHandle<()>>,
}

/// Why there is no demo broker.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The system has no free port or thread.
    #[error("can't start the demo broker: {0}")]
    System(#[from] std::io::Error),
    /// It does not accept connections.
    #[error("the demo broker did not start: {0}")]
    Start(String),
}

impl DemoBroker {
    /// Starts a broker at a free port of 127.0.0.1 and waits until it accepts connections.
    ///
    /// # Errors
    /// If the system provides no port or no thread.
    pub fn start() -> Result<Self, DemoError> {
        let mut last = "no port is free".to_owned();
        for _ in 0..TRIES {
            // rumqttd wants to know its port beforehand, so another program may get in between.
            let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
            match Self::start_at(port)? {
                Ok(broker) => return Ok(broker),
                Err(why) => last = why,
            }
        }
        Err(DemoError::Start(last))
    }

    fn start_at(port: u16) -> Result<Result<Self, String>, DemoError> {
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let runtime = Builder::new_current_thread().enable_io().enable_time().build()?;
        let stop = Arc::new(Notify::new());
        let (told, failed) = channel();
        let thread = std::thread::Builder::new().name("demo-broker".to_owned()).spawn({
            let stop = Arc::clone(&stop);
            move || {
                let mut server =
                    Server::new(settings(listen), Router::new(0, router()).spawn(), V4);
                runtime.block_on(async {
                    tokio::select! {
                        end = server.start(LinkType::Remote) => {
                            let why = end.err().map(|error| error.to_string());
                            // There is no receiver any more once it has begun.
                            let _ = told.send(why.unwrap_or_else(|| "it stopped".to_owned()));
                        }
                        () = stop.notified() => {}
                    }
                });
                // Every connection is a task of this runtime and ends with it.
                drop(runtime);
            }
        })?;
        let broker = Self { port, stop, thread: Some(thread) };
        Ok(wait_until_it_listens(listen, &failed).map(|()| broker))
    }

    /// The port at 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The address to connect to.
    pub fn address(&self) -> Address {
        Address { host: Ipv4Addr::LOCALHOST.to_string(), port: self.port, tls: false }
    }

    /// Stops it and waits until its port is closed.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for DemoBroker {
    fn drop(&mut self) {
        self.stop.notify_one();
        if let Some(thread) = self.thread.take() {
            // A panic in rumqttd has ended it already.
            let _ = thread.join();
        }
    }
}

fn wait_until_it_listens(listen: SocketAddr, failed: &Receiver<String>) -> Result<(), String> {
    let deadline = Instant::now() + START;
    loop {
        match failed.try_recv() {
            Ok(why) => return Err(why),
            Err(TryRecvError::Disconnected) => return Err("it stopped unexpectedly".to_owned()),
            Err(TryRecvError::Empty) => {}
        }
        if TcpStream::connect_timeout(&listen, Duration::from_secs(1)).is_ok() {
            return Ok(());
        }
        if Instant::now() >= deadline {
            return Err("it does not accept connections".to_owned());
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn settings(listen: SocketAddr) -> ServerSettings {
    ServerSettings {
        name: "demo".to_owned(),
        listen,
        tls: None,
        next_connection_delay_ms: 0,
        connections: ConnectionSettings {
            connection_timeout_ms: 10_000,
            max_payload_size: 2 << 20,
            max_inflight_count: 200,
            auth: None,
            external_auth: None,
            dynamic_filters: true,
        },
    }
}

fn router() -> RouterConfig {
    RouterConfig {
        max_connections: 256,
        max_outgoing_packet_count: 200,
        // A log for each filter: the oldest of its segments goes first.
        max_segment_size: 1 << 20,
        max_segment_count: 4,
        custom_segment: None::<HashMap<_, _>>,
        initialized_filters: None,
        ..RouterConfig::default()
    }
}

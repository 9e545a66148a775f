//! A fake broker: a plain socket that speaks just enough MQTT.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use gridtwin_link::broker::{Backoff, News, Options, Trouble};

use super::{PATIENCE, options};

/// The answer to CONNECT: come in.
pub const WELCOME: [u8; 4] = [0x20, 2, 0, 0];

/// A listener that serves every connection with the same function, and counts them.
pub struct Fake {
    address: String,
    port: u16,
    pub accepted: Arc<AtomicU32>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Fake {
    pub fn start(serve: impl Fn(TcpStream, u32) + Send + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let (accepted, stop) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicBool::new(false)));
        let thread = std::thread::spawn({
            let (accepted, stop) = (Arc::clone(&accepted), Arc::clone(&stop));
            move || {
                for stream in listener.incoming() {
                    if stop.load(Ordering::SeqCst) {
                        return;
                    }
                    let number = accepted.fetch_add(1, Ordering::SeqCst);
                    let stream = stream.unwrap();
                    stream.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
                    stream.set_write_timeout(Some(Duration::from_secs(60))).unwrap();
                    serve(stream, number);
                }
            }
        });
        let address = format!("mqtt://127.0.0.1:{port}");
        Self { address, port, accepted, stop, thread: Some(thread) }
    }

    pub fn options(&self) -> Options {
        Options { filters: vec!["#".to_owned()], ..options(&self.address, "twin") }
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // Wakes it up.
        drop(TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)));
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

/// Reads the CONNECT, all of it, and lets the client in.
pub fn welcome(stream: &mut TcpStream) {
    let mut byte = [0; 1];
    let mut length = 0;
    read_all(stream, &mut byte);
    for shift in [0, 7, 14, 21] {
        read_all(stream, &mut byte);
        length |= usize::from(byte[0] & 0x7f) << shift;
        if byte[0] & 0x80 == 0 {
            break;
        }
    }
    read_all(stream, &mut vec![0; length]);
    stream.write_all(&WELCOME).unwrap();
}

pub fn read_all(stream: &mut TcpStream, buffer: &mut [u8]) {
    let mut filled = 0;
    let deadline = Instant::now() + PATIENCE;
    while filled < buffer.len() {
        match stream.read(&mut buffer[filled..]) {
            Ok(0) => return,
            Ok(read) => filled += read,
            Err(_) => assert!(Instant::now() < deadline, "the client says nothing"),
        }
    }
}

/// Writes until the client hangs up; what it wrote in bytes.
pub fn pour(stream: &mut TcpStream, chunk: &[u8], most: usize) -> usize {
    let mut written = 0;
    while written < most {
        match stream.write(chunk) {
            Ok(bytes) => written += bytes,
            Err(_) => break,
        }
    }
    written
}

pub fn publish(topic: &str, payload: &[u8]) -> Vec<u8> {
    let mut length = 2 + topic.len() + payload.len();
    let mut packet = vec![0x30];
    while length >= 128 {
        packet.push(length as u8 | 0x80);
        length >>= 7;
    }
    packet.push(length as u8);
    packet.extend((topic.len() as u16).to_be_bytes());
    packet.extend(topic.as_bytes());
    packet.extend(payload);
    packet
}

/// Waits that a test can sit out: 50 ms, 100, 200, ...
pub fn short() -> Backoff {
    Backoff { first: Duration::from_millis(50), most: Duration::from_secs(3600) }
}

pub fn troubles(news: &[News]) -> Vec<&Trouble> {
    news.iter()
        .filter_map(|news| match news {
            News::Disconnected { why, .. } => Some(why),
            _ => None,
        })
        .collect()
}

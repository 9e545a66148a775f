//! What the broker's tests share: Mosquitto as a child process, certificates, and patience.

#![allow(dead_code, unreachable_pub, clippy::disallowed_methods)]

pub mod fake;

use std::io::Write;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use gridtwin_link::broker::{Backoff, Batch, Broker, Options};

/// No test waits longer for something that must come.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// A program of Debian's mosquitto packages.
pub fn program(name: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let places = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/usr/bin".into()]);
    places.map(|folder| folder.join(name)).find(|file| file.is_file()).unwrap_or_else(|| {
        panic!("this test needs {name}: apt-get update && apt-get install -y mosquitto")
    })
}

/// A free port of 127.0.0.1, as far as one can know.
pub fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

/// A Mosquitto that is killed at the end of the test.
pub struct Mosquitto {
    pub port: u16,
    pub folder: tempfile::TempDir,
    child: Option<Child>,
}

impl Mosquitto {
    /// Starts one with `lines` in its listener's configuration.
    pub fn start(lines: &str) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), lines)
    }

    /// The same, with files in `folder` that `lines` name.
    pub fn start_in(folder: tempfile::TempDir, lines: &str) -> Self {
        for _ in 0..20 {
            let port = free_port();
            // It would give up root otherwise, and could not read the folder.
            let text =
                format!("user root\npersistence false\nlistener {port} 127.0.0.1\n{lines}\n");
            std::fs::write(folder.path().join("mosquitto.conf"), text).unwrap();
            if let Some(child) = run(folder.path(), port) {
                return Self { port, folder, child: Some(child) };
            }
        }
        panic!("mosquitto does not start: {}", log(folder.path()));
    }

    /// kill -9.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Starts it again, at the same port.
    pub fn restart(&mut self) {
        self.kill();
        let deadline = Instant::now() + PATIENCE;
        while self.child.is_none() {
            assert!(Instant::now() < deadline, "{}", log(self.folder.path()));
            self.child = run(self.folder.path(), self.port);
        }
    }

    pub fn log(&self) -> String {
        log(self.folder.path())
    }

    /// Impatient options for it with short waits.
    pub fn options(&self, client_id: &str) -> Options {
        options(&format!("mqtt://127.0.0.1:{}", self.port), client_id)
    }
}

impl Drop for Mosquitto {
    fn drop(&mut self) {
        self.kill();
    }
}

pub fn options(address: &str, client_id: &str) -> Options {
    let backoff = Backoff { first: Duration::from_millis(100), most: Duration::from_secs(2) };
    let first_wait = PATIENCE;
    Options { backoff, first_wait, ..Options::new(address.parse().unwrap(), client_id) }
}

fn log(folder: &Path) -> String {
    std::fs::read_to_string(folder.join("log")).unwrap_or_default()
}

/// Runs it and waits until it listens; nothing when it ends instead.
fn run(folder: &Path, port: u16) -> Option<Child> {
    let log = std::fs::File::create(folder.join("log")).unwrap();
    let mut child = Command::new(program("mosquitto"))
        .arg("-v")
        .arg("-c")
        .arg(folder.join("mosquitto.conf"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .unwrap();
    let deadline = Instant::now() + PATIENCE;
    loop {
        if child.try_wait().unwrap().is_some() {
            return None;
        }
        if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return Some(child);
        }
        assert!(Instant::now() < deadline, "mosquitto does not listen");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Receives until `enough` says so of all that came.
pub fn receive_until(broker: &Broker, mut enough: impl FnMut(&Batch) -> bool) -> Batch {
    let deadline = Instant::now() + PATIENCE;
    let mut all = Batch::default();
    while !enough(&all) {
        assert!(Instant::now() < deadline, "it never came; what did: {all:?}");
        let batch = broker.receive(Instant::now() + Duration::from_millis(200));
        all.messages.extend(batch.messages);
        all.news.extend(batch.news);
    }
    all
}

/// Waits for `condition`.
pub fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < deadline, "it never happened: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Certificates of an authority, a broker for `localhost`, and a client, as PEM files.
pub struct Certificates {
    pub ca: PathBuf,
    pub server: PathBuf,
    pub server_key: PathBuf,
    pub client: PathBuf,
    pub client_key: PathBuf,
}

impl Certificates {
    pub fn new(folder: &Path, prefix: &str) -> Self {
        use rcgen::{
            BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
            KeyPair, KeyUsagePurpose,
        };
        let save = |name: &str, text: &str| {
            let path = folder.join(format!("{prefix}{name}"));
            let mut file = std::fs::File::create(&path).unwrap();
            file.write_all(text.as_bytes()).unwrap();
            path
        };
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.distinguished_name.push(DnType::CommonName, format!("{prefix} authority"));
        let ca_key = KeyPair::generate().unwrap();
        let ca = save("ca.pem", &params.self_signed(&ca_key).unwrap().pem());
        let issuer = Issuer::new(params, ca_key);
        let signed = |name: &str, host: &str, purpose: ExtendedKeyUsagePurpose| {
            let mut params = CertificateParams::new(vec![host.to_owned()]).unwrap();
            params.distinguished_name.push(DnType::CommonName, host);
            params.extended_key_usages = vec![purpose];
            let key = KeyPair::generate().unwrap();
            let certificate = params.signed_by(&key, &issuer).unwrap();
            let file = save(&format!("{name}.pem"), &certificate.pem());
            (file, save(&format!("{name}.key"), &key.serialize_pem()))
        };
        let (server, server_key) =
            signed("server", "localhost", ExtendedKeyUsagePurpose::ServerAuth);
        let (client, client_key) = signed("client", "twin", ExtendedKeyUsagePurpose::ClientAuth);
        Self { ca, server, server_key, client, client_key }
    }

    /// The lines of Mosquitto's listener.
    pub fn lines(&self) -> String {
        format!(
            "cafile {}\ncertfile {}\nkeyfile {}",
            self.ca.display(),
            self.server.display(),
            self.server_key.display()
        )
    }
}

/// Memory of this process, of which the most since it was made is asked.
pub struct Memory {
    before: u64,
}

impl Memory {
    /// Begins to watch.
    pub fn watch() -> Self {
        // Linux: the peak starts over from what is in use now.
        std::fs::write("/proc/self/clear_refs", "5").unwrap();
        Self { before: status("VmRSS:") }
    }

    /// How many bytes more were in use at some time than at the beginning.
    pub fn most_more(&self) -> u64 {
        status("VmHWM:").saturating_sub(self.before)
    }
}

fn status(key: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(key)).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

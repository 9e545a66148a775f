//! What a run is: the hash of all that it depends on. Two runs of the same identity come to the same
//! figures, on whatever machine.

use gridtwin_twin::scenario::Scenario;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

/// The version that runs are told apart by.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// How much of the hash is kept, in bytes.
const KEPT: usize = 8;

/// The contents of files, hashed once each.
#[derive(Debug, Default)]
pub(crate) struct Files(Mutex<BTreeMap<PathBuf, Vec<u8>>>);

impl Files {
    fn hash(&self, scenario: &Scenario, path: PathBuf) -> Vec<u8> {
        let known = |files: &BTreeMap<PathBuf, Vec<u8>>| files.get(&path).cloned();
        if let Some(hash) = known(&self.0.lock().unwrap_or_else(PoisonError::into_inner)) {
            return hash;
        }
        // What cannot be read fails the run itself, which says why.
        let hash =
            scenario.source.read(&path).map_or_else(|_| Vec::new(), |b| Sha256::digest(b).to_vec());
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(path, hash.clone());
        hash
    }

    /// A run's identity: of version, scenario as resolved, and what stands in the files that it names.
    pub(crate) fn identity(&self, scenario: &Scenario) -> String {
        let mut hasher = Sha256::new();
        hasher.update(VERSION);
        hasher.update([0]);
        hasher.update(scenario.meaning());
        for file in scenario.files() {
            hasher.update([0]);
            hasher.update(self.hash(scenario, file));
        }
        hexadecimal(&hasher.finalize()[..KEPT])
    }
}

/// Bytes as hexadecimal digits.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to memory cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

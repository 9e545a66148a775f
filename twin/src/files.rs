//! Data files as their readers get them: from the disk, or as they were when they were first read.
//! Not what stands in them.
//!
//! A study reads each file once. The scenarios that it makes carry what has been read
//! ([`Files`]), and whoever builds a world from such a scenario opens it to the readers
//! ([`within`]), so that a file that is edited while a study runs changes none of its runs.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// The contents of files, each as it was when it was first read. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Files(Arc<Mutex<BTreeMap<PathBuf, Arc<[u8]>>>>);

impl Files {
    /// What stands in a file; read from the disk the first time only.
    ///
    /// # Errors
    /// Where it cannot be read. That is not remembered: it is tried again the next time.
    pub fn read(&self, path: &Path) -> io::Result<Arc<[u8]>> {
        // Held while the file is read: two threads must not read two versions of it.
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bytes) = known.get(path) {
            return Ok(Arc::clone(bytes));
        }
        let bytes: Arc<[u8]> = std::fs::read(path)?.into();
        known.insert(path.to_owned(), Arc::clone(&bytes));
        Ok(bytes)
    }

    /// Whether a file has been read.
    pub(crate) fn holds(&self, path: &Path) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains_key(path)
    }
}

thread_local! {
    /// The files of the scenario that this thread is building a world from.
    static OPEN: RefCell<Option<Files>> = const { RefCell::new(None) };
}

/// What stands in a data file: every reader of the twin asks here, and nowhere else.
///
/// # Errors
/// Where it cannot be read.
pub(crate) fn read(path: &Path) -> io::Result<Arc<[u8]>> {
    let open = OPEN.with_borrow(Clone::clone);
    match open {
        Some(files) => files.read(path),
        None => std::fs::read(path).map(Into::into),
    }
}

/// Does some work whose readers get the files of a scenario.
pub(crate) fn within<T>(files: Option<&Files>, work: impl FnOnce() -> T) -> T {
    /// Gives back what was open before, after a panic as well.
    struct Back(Option<Files>);
    impl Drop for Back {
        fn drop(&mut self) {
            OPEN.set(self.0.take());
        }
    }
    let _back = Back(OPEN.replace(files.cloned()));
    work()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_once_within_and_anew_without() {
        let path = std::env::temp_dir().join(format!("gridtwin-files-{}", std::process::id()));
        let text = || String::from_utf8(read(&path).unwrap().to_vec()).unwrap();
        std::fs::write(&path, "first").unwrap();
        let files = Files::default();
        assert_eq!(within(Some(&files), text), "first");
        std::fs::write(&path, "second").unwrap();
        assert_eq!(within(Some(&files), text), "first");
        assert_eq!(text(), "second");
        let broken = std::panic::catch_unwind(|| within(Some(&files), || panic!("in between")));
        assert!(broken.is_err());
        assert_eq!(text(), "second", "what a panic left open");
        std::fs::remove_file(&path).unwrap();
        assert!(files.holds(&path) && read(&path).is_err());
        assert_eq!(within(Some(&files), text), "first");
    }
}

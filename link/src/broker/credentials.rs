//! User name and password, from the environment or from a file. Never from the command line, and
//! never printed.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The environment variable that holds the user's name.
pub const USER_VARIABLE: &str = "GRIDTWIN_MQTT_USER";
/// The environment variable that holds the password.
pub const PASSWORD_VARIABLE: &str = "GRIDTWIN_MQTT_PASSWORD";

/// No credentials file is longer than this, in bytes.
const LONGEST_FILE: u64 = 4096;

/// A user's name and password. `Debug` shows the name alone.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    user: String,
    password: String,
}

/// Why there are no credentials. No message holds a part of a password.
#[derive(Debug, thiserror::Error)]
pub enum CredentialsError {
    /// A password has no user.
    #[error("{PASSWORD_VARIABLE} is set but {USER_VARIABLE} is not: set both")]
    NoUser,
    /// A variable is not UTF-8.
    #[error("the environment variable {0} is not UTF-8 text")]
    NotText(&'static str),
    /// The file can't be read.
    #[error("can't read the credentials file {path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
    /// The file holds something else.
    #[error("{path}:{line}: expected the two lines user=NAME and password=PASSWORD")]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// The file lacks a user.
    #[error("the credentials file {0} has no line user=NAME")]
    FileNoUser(PathBuf),
    /// The file is much too long.
    #[error("{0} is not a credentials file: it is longer than {LONGEST_FILE} bytes")]
    TooLong(PathBuf),
    /// MQTT has no room for it.
    #[error("a user name and a password may have at most 65535 bytes each")]
    Size,
}

impl Credentials {
    /// A user and a password as they are.
    ///
    /// # Errors
    /// When one of them is longer than MQTT's 65535 bytes.
    pub fn new(user: String, password: String) -> Result<Self, CredentialsError> {
        if user.len() > 0xffff || password.len() > 0xffff {
            return Err(CredentialsError::Size);
        }
        Ok(Self { user, password })
    }

    /// The environment variables' user name and password; `None` if neither is set.
    ///
    /// # Errors
    /// When there is a password without a user, or one of them is not UTF-8.
    pub fn from_environment() -> Result<Option<Self>, CredentialsError> {
        let read = |name: &'static str| match std::env::var(name) {
            Ok(text) => Ok(Some(text)),
            Err(std::env::VarError::NotPresent) => Ok(None),
            Err(std::env::VarError::NotUnicode(_)) => Err(CredentialsError::NotText(name)),
        };
        Self::from_two(read(USER_VARIABLE)?, read(PASSWORD_VARIABLE)?)
    }

    fn from_two(
        user: Option<String>,
        password: Option<String>,
    ) -> Result<Option<Self>, CredentialsError> {
        match (user.filter(|user| !user.is_empty()), password) {
            (Some(user), password) => Self::new(user, password.unwrap_or_default()).map(Some),
            (None, Some(password)) if !password.is_empty() => Err(CredentialsError::NoUser),
            (None, _) => Ok(None),
        }
    }

    /// Reads a file of two lines, `user=NAME` and `password=PASSWORD`, and returns a warning if
    /// other users of this machine may read it.
    ///
    /// # Errors
    /// When the file can't be read or holds anything else.
    pub fn from_file(path: &Path) -> Result<(Self, Option<String>), CredentialsError> {
        let failed = |source| CredentialsError::File { path: path.to_owned(), source };
        let file = File::open(path).map_err(failed)?;
        let warning = readable_by_others(&file).then(|| {
            let p = path.display();
            format!("{p} can be read by other users of this machine: run `chmod 600 {p}`")
        });
        let mut text = String::new();
        file.take(LONGEST_FILE + 1).read_to_string(&mut text).map_err(failed)?;
        if text.len() as u64 > LONGEST_FILE {
            return Err(CredentialsError::TooLong(path.to_owned()));
        }
        let (mut user, mut password) = (None, None);
        for (index, line) in text.lines().enumerate() {
            // A password is taken to the end of its line, blanks and all.
            match line.split_once('=') {
                Some(("user", value)) if user.is_none() => user = Some(value.to_owned()),
                Some(("password", value)) if password.is_none() => {
                    password = Some(value.to_owned());
                }
                None if line.trim().is_empty() => {}
                _ => return Err(CredentialsError::Line { path: path.to_owned(), line: index + 1 }),
            }
        }
        let Some(user) = user.filter(|user| !user.is_empty()) else {
            return Err(CredentialsError::FileNoUser(path.to_owned()));
        };
        Ok((Self::new(user, password.unwrap_or_default())?, warning))
    }

    /// The user's name.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The password, for the connection alone.
    pub(crate) fn password(&self) -> &str {
        &self.password
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("user", &self.user).finish_non_exhaustive()
    }
}

#[cfg(unix)]
fn readable_by_others(file: &File) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata().is_ok_and(|data| data.permissions().mode() & 0o044 != 0)
}

#[cfg(not(unix))]
fn readable_by_others(_file: &File) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from_text(text: &str, mode: u32) -> Result<(Credentials, Option<String>), CredentialsError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        std::fs::write(&path, text).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        }
        Credentials::from_file(&path)
    }

    #[test]
    fn a_file_gives_user_and_password_as_they_stand() {
        let (found, warning) = from_text("user=twin\r\npassword= a=b \n", 0o600).unwrap();
        assert_eq!((found.user(), found.password()), ("twin", " a=b "));
        assert_eq!(warning, None);
    }

    #[test]
    fn a_file_that_others_can_read_earns_a_warning() {
        let (_, warning) = from_text("user=twin\npassword=x", 0o644).unwrap();
        assert!(warning.unwrap().contains("chmod 600"));
    }

    #[test]
    fn debug_never_shows_the_password() {
        let (found, _) = from_text("user=twin\npassword=hush", 0o600).unwrap();
        let shown = format!("{found:?} {found:#?}");
        assert!(shown.contains("twin") && !shown.contains("hush"), "{shown}");
    }

    #[test]
    fn a_wrong_file_is_told_by_its_line_and_never_quoted() {
        for text in ["user=a\nhush", "user=a\nPassword=hush", "user=a\nuser=hush"] {
            let message = from_text(text, 0o600).unwrap_err().to_string();
            assert!(message.contains(":2:") && !message.contains("hush"), "{message}");
        }
        assert!(from_text("password=hush", 0o600).unwrap_err().to_string().contains("user=NAME"));
        let long = format!("user=a\npassword={}", "x".repeat(5000));
        assert!(matches!(from_text(&long, 0o600), Err(CredentialsError::TooLong(_))));
        let none = Credentials::from_file(Path::new("/nowhere/at/all")).unwrap_err();
        assert!(none.to_string().contains("/nowhere/at/all"));
    }

    #[test]
    fn the_environment_gives_both_or_nothing_or_says_what_is_missing() {
        let two = |user: Option<&str>, password: Option<&str>| {
            Credentials::from_two(user.map(String::from), password.map(String::from))
        };
        assert_eq!(two(None, None).unwrap(), None);
        assert_eq!(two(Some(""), Some("")).unwrap(), None);
        assert_eq!(two(Some("u"), None).unwrap().unwrap().password(), "");
        assert!(matches!(two(None, Some("p")), Err(CredentialsError::NoUser)));
        assert!(two(Some(&"u".repeat(70_000)), None).is_err());
    }
}

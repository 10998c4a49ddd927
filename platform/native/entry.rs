//! A keychain that is one entry of the store that the system has, by
//! [`keyring-core`](https://docs.rs/keyring-core).

use keyring_core::{Entry, Error};
use zeroize::Zeroizing;

use super::native::{Keychain, KeychainError};

/// A secret in the entry that the function within finds.
pub(super) struct EntryKeychain<F>(pub(super) F);

impl<F> EntryKeychain<F>
where
    F: Fn() -> Result<Entry, Error>,
{
    fn entry(&self) -> Result<Entry, KeychainError> {
        (self.0)().map_err(|error| refusal(&error))
    }
}

impl<F> Keychain for EntryKeychain<F>
where
    F: Fn() -> Result<Entry, Error> + Send + Sync,
{
    fn read(&self) -> Result<Option<Zeroizing<String>>, KeychainError> {
        match self.entry()?.get_password() {
            Ok(secret) => Ok(Some(Zeroizing::new(secret))),
            Err(Error::NoEntry) => Ok(None),
            // What somebody else has put there is no key.
            Err(Error::BadEncoding(_)) => Ok(Some(Zeroizing::default())),
            Err(error) => Err(refusal(&error)),
        }
    }

    fn write(&self, secret: &str) -> Result<(), KeychainError> {
        let written = self.entry()?.set_password(secret);
        written.map_err(|error| refusal(&error))
    }
}

/// Says what the keychain said, without what it may hold.
fn refusal(error: &Error) -> KeychainError {
    KeychainError::new(match error {
        Error::NoDefaultStore => "there is none, or it does not run".to_owned(),
        Error::NoStorageAccess(_) => "it is locked, or the user did not open it".to_owned(),
        Error::PlatformFailure(error) => error.to_string(),
        Error::Ambiguous(_) => "it has several entries of this name".to_owned(),
        _ => "it does not work as it should".to_owned(),
    })
}

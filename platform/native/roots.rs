//! The certificates that the system trusts, where it keeps them in a directory and verifies none itself: on Android, where
//! what verifies is Java's, and would have to be brought along by every app.
//!
//! What the user has added is not among them, as Android itself has it for apps. Whether a certificate was revoked is not
//! asked.

use std::path::Path;

use reqwest::Certificate;
use rustls::RootCertStore;

use crate::port::PortError;

/// Reads the first of the `directories` that has certificates.
///
/// # Errors
///
/// [`PortError::Unavailable`] when none has any: nothing is trusted then.
pub(super) fn read(directories: &[impl AsRef<Path>]) -> Result<Vec<Certificate>, PortError> {
    let mut trusted = directories.iter().map(|directory| of(directory.as_ref()));
    let found = trusted.find(|certificates| !certificates.is_empty());
    found.ok_or_else(|| {
        let names = directories
            .iter()
            .map(|directory| directory.as_ref().display().to_string());
        PortError::Unavailable {
            what: "the certificates that the system trusts",
            why: format!(
                "there are none in {}",
                names.collect::<Vec<_>>().join(" or ")
            ),
        }
    })
}

/// What is no certificate, or one that cannot be used, is left out: one bad file must not take all others along.
fn of(directory: &Path) -> Vec<Certificate> {
    let found = rustls_native_certs::load_certs_from_paths(None, Some(directory));
    let usable = found
        .certs
        .into_iter()
        .filter(|certificate| RootCertStore::empty().add(certificate.clone()).is_ok());
    usable
        .filter_map(|certificate| Certificate::from_der(&certificate).ok())
        .collect()
}

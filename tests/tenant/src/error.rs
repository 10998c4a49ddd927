use std::io;

use thiserror::Error;

/// Why the tenant could not start or could not do what it was asked.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// Another program holds the port; whoever runs the tenant must free it or name another.
    #[error(
        "port {port} of 127.0.0.1 is in use: stop the program that holds it or choose another port"
    )]
    PortBusy {
        /// The port that was asked for.
        port: u16,
    },
    /// The port could not be opened for another reason.
    #[error("port {port} of 127.0.0.1 could not be opened")]
    Bind {
        /// The port that was asked for.
        port: u16,
        /// What the operating system said.
        source: io::Error,
    },
    /// The store could not be opened, read or written.
    #[error("the tenant's store failed")]
    Store(#[source] Box<redb::Error>),
    /// A record in the store is not what this version writes.
    #[error("the tenant's store holds an unreadable record in {table}")]
    Record {
        /// The table of the record.
        table: String,
        /// Where reading stopped.
        source: serde_json::Error,
    },
    /// A signing key could not be made or read.
    #[error("a signing key could not be {what}")]
    Key {
        /// `generated`, `read` or `used`.
        what: &'static str,
    },
    /// A password could not be hashed with the configured cost.
    #[error("a password could not be hashed: {0}")]
    Password(String),
    /// No user has this id.
    #[error("no user has the id {id}")]
    UnknownUser {
        /// The id that was asked for.
        id: String,
    },
    /// No module of the conformance suite that is known here has this id.
    #[error("no module has the id {id}")]
    UnknownModule {
        /// The id that was asked for.
        id: String,
    },
    /// No device waits for a user with this code.
    #[error("no device waits for a user with this code")]
    UnknownUserCode,
    /// A user with this e-mail address exists.
    #[error("a user with the e-mail address {email} exists")]
    EmailTaken {
        /// The address.
        email: String,
    },
    /// `user_metadata` must be a JSON object.
    #[error("user_metadata must be a JSON object")]
    MetadataShape,
}

impl Error {
    /// Whether freeing or changing a port would help.
    pub fn is_port_busy(&self) -> bool {
        matches!(self, Self::PortBusy { .. })
    }
}

macro_rules! from_redb {
    ($($kind:ty),*) => {$(
        impl From<$kind> for Error {
            fn from(source: $kind) -> Self {
                Self::Store(Box::new(source.into()))
            }
        }
    )*};
}

from_redb!(
    redb::DatabaseError,
    redb::TransactionError,
    redb::TableError,
    redb::StorageError,
    redb::CommitError
);

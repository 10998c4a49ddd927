//! The embedded store: every user, session, transaction, code and token of the tenant.

mod devices;
mod grants;
mod logins;
mod pushed;
mod records;
mod users;

use std::path::Path;
use std::sync::Arc;

use redb::backends::InMemoryBackend;
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition, WriteTransaction};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::clock::Seconds;
use crate::error::Error;

pub(crate) use devices::{Decision, Device, Poll};
pub(crate) use grants::{Rotation, Spend, Start, Use};
pub(crate) use pushed::Pushed;
pub(crate) use records::{
    CodeRecord, Family, Grant, Membership, Objection, OpaqueToken, Problem, RefreshRecord, Refusal,
    Session, Stage, Transaction,
};
pub use users::{NewUser, User};
pub(crate) use users::{PasswordHash, object};

/// A table of JSON records by name.
pub(crate) type Table = TableDefinition<'static, &'static str, &'static [u8]>;

pub(crate) const USERS: Table = TableDefinition::new("users");
pub(crate) const EMAILS: Table = TableDefinition::new("emails");
pub(crate) const SESSIONS: Table = TableDefinition::new("sessions");
pub(crate) const TRANSACTIONS: Table = TableDefinition::new("transactions");
pub(crate) const CODES: Table = TableDefinition::new("codes");
pub(crate) const FAMILIES: Table = TableDefinition::new("families");
pub(crate) const REFRESH_TOKENS: Table = TableDefinition::new("refresh_tokens");
pub(crate) const OPAQUE_TOKENS: Table = TableDefinition::new("opaque_tokens");
pub(crate) const CONSENTS: Table = TableDefinition::new("consents");
pub(crate) const PUSHED: Table = TableDefinition::new("pushed");
pub(crate) const DEVICES: Table = TableDefinition::new("devices");
pub(crate) const USER_CODES: Table = TableDefinition::new("user_codes");
pub(crate) const KEYS: Table = TableDefinition::new("keys");

const ALL: [Table; 13] = [
    USERS,
    EMAILS,
    SESSIONS,
    TRANSACTIONS,
    CODES,
    FAMILIES,
    REFRESH_TOKENS,
    OPAQUE_TOKENS,
    CONSENTS,
    PUSHED,
    DEVICES,
    USER_CODES,
    KEYS,
];

/// Where a tenant keeps its users, sessions and grants.
///
/// Clones share one store, so a tenant can be stopped and started again with what it knew:
///
/// ```
/// # async fn run() -> Result<(), tenant::Error> {
/// let store = tenant::Store::memory()?;
/// let first = tenant::Tenant::builder().store(store.clone()).start().await?;
/// let port = first.port();
/// first.stop().await;
/// let again = tenant::Tenant::builder().store(store).port(port).start().await?;
/// # again.stop().await;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Store {
    database: Arc<Database>,
    lasting: bool,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store")
            .field("lasting", &self.lasting)
            .finish_non_exhaustive()
    }
}

impl Store {
    /// Opens a store that lives as long as its last clone, for tests.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] when the database cannot be created.
    pub fn memory() -> Result<Self, Error> {
        let database = Database::builder().create_with_backend(InMemoryBackend::new())?;
        Self::prepare(database, false)
    }

    /// Opens the store in a file, creating it when it is missing.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] when the file cannot be opened or is no store.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        Self::prepare(Database::create(path)?, true)
    }

    fn prepare(database: Database, lasting: bool) -> Result<Self, Error> {
        let writing = database.begin_write()?;
        for table in ALL {
            writing.open_table(table)?;
        }
        writing.commit()?;
        Ok(Self {
            database: Arc::new(database),
            lasting,
        })
    }

    /// Removes what ran out before `now`: logins, sessions, codes and tokens.
    pub(crate) fn sweep(&self, now: Seconds) -> Result<(), Error> {
        // Codes stay a while after their minute, and logins after their ten, to recognise a second use.
        let day = 86_400;
        self.write(|write| {
            write.keep::<Transaction>(TRANSACTIONS, |login| login.created + day > now)?;
            write.keep::<CodeRecord>(CODES, |code| code.expires + day > now)?;
            write.keep::<Pushed>(PUSHED, |pushed| pushed.expires > now)?;
            write.keep::<Device>(DEVICES, |device| device.expires + day > now)?;
            write.keep::<Session>(SESSIONS, |session| session.expires > now)?;
            write.keep::<OpaqueToken>(OPAQUE_TOKENS, |token| token.expires > now)
        })
    }

    /// Whether the store outlives the process.
    pub(crate) fn is_lasting(&self) -> bool {
        self.lasting
    }

    /// Reads one record.
    pub(crate) fn read<T: DeserializeOwned>(
        &self,
        table: Table,
        key: &str,
    ) -> Result<Option<T>, Error> {
        let reading = self.database.begin_read()?;
        let open = reading.open_table(table)?;
        open.get(key)?
            .map(|found| parse(table, found.value()))
            .transpose()
    }

    /// Reads every record of a table in the order of its keys.
    pub(crate) fn all<T: DeserializeOwned>(&self, table: Table) -> Result<Vec<T>, Error> {
        let reading = self.database.begin_read()?;
        let open = reading.open_table(table)?;
        open.iter()?
            .map(|entry| {
                let (_, value) = entry?;
                parse(table, value.value())
            })
            .collect()
    }

    /// Runs one atomic change. Nothing is written when `change` returns an error.
    pub(crate) fn write<R>(
        &self,
        change: impl FnOnce(&Write) -> Result<R, Error>,
    ) -> Result<R, Error> {
        let write = Write(self.database.begin_write()?);
        let result = change(&write)?;
        write.0.commit()?;
        Ok(result)
    }
}

/// One atomic change of the store; the database lets one at a time happen.
pub(crate) struct Write(WriteTransaction);

impl Write {
    pub(crate) fn get<T: DeserializeOwned>(
        &self,
        table: Table,
        key: &str,
    ) -> Result<Option<T>, Error> {
        let open = self.0.open_table(table)?;
        open.get(key)?
            .map(|found| parse(table, found.value()))
            .transpose()
    }

    pub(crate) fn put<T: Serialize>(
        &self,
        table: Table,
        key: &str,
        value: &T,
    ) -> Result<(), Error> {
        let bytes = serde_json::to_vec(value).map_err(|source| unreadable(table, source))?;
        self.0.open_table(table)?.insert(key, bytes.as_slice())?;
        Ok(())
    }

    /// Removes the records that `keeps` does not want.
    fn keep<T: DeserializeOwned>(
        &self,
        table: Table,
        keeps: impl Fn(&T) -> bool,
    ) -> Result<(), Error> {
        let wanted =
            |_: &str, value: &[u8]| parse::<T>(table, value).is_ok_and(|record| keeps(&record));
        Ok(self.0.open_table(table)?.retain(wanted)?)
    }

    pub(crate) fn remove(&self, table: Table, key: &str) -> Result<(), Error> {
        self.0.open_table(table)?.remove(key)?;
        Ok(())
    }
}

fn parse<T: DeserializeOwned>(table: Table, bytes: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(bytes).map_err(|source| unreadable(table, source))
}

fn unreadable(table: Table, source: serde_json::Error) -> Error {
    Error::Record {
        table: redb::TableHandle::name(&table).to_owned(),
        source,
    }
}

//! The users of a provider in memory.

use serde_json::{Map, Value};

/// A user of a [`MemoryProvider`](super::MemoryProvider).
///
/// # Examples
///
/// ```
/// use dioxus_auth0::testing::Account;
///
/// let ada = Account {
///     email: "ada@work.example".into(),
///     ..Account::new("auth0|ada", "Ada Lovelace")
/// };
/// assert_eq!(Account::new("auth0|ada", "Ada Lovelace").email, "ada@example.com");
/// # assert!(!ada.is_blocked);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Account {
    /// The user's id, such as `auth0|ada`.
    pub sub: String,
    /// The name, for those who ask for the scope `profile`.
    pub name: String,
    /// The address, for those who ask for the scope `email`.
    pub email: String,
    /// What the user may change about themselves.
    pub user_metadata: Map<String, Value>,
    /// More claims of the ID token; they take the place of others of the same name.
    pub claims: Map<String, Value>,
    /// Whether the provider keeps the user out: no login and no refresh.
    pub is_blocked: bool,
}

impl Account {
    /// Makes a user without metadata, with the last part of `sub` as the address at `example.com`.
    pub fn new(sub: impl Into<String>, name: impl Into<String>) -> Self {
        let sub = sub.into();
        let local = sub.rsplit('|').next().unwrap_or_default();
        Self {
            email: [local, "@example.com"].concat(),
            name: name.into(),
            sub,
            ..Self::default()
        }
    }
}

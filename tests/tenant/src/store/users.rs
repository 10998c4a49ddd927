use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::clock::{Seconds, iso};
use crate::error::Error;
use crate::random;
use crate::store::{EMAILS, Store, USERS};

/// A user of the tenant. Serialised it is the store's own record, the password's hash included.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct User {
    /// The subject, such as `auth0|ada000000000000000000001`.
    pub user_id: String,
    /// The e-mail address, in lower case.
    pub email: String,
    /// Whether the address was confirmed.
    pub email_verified: bool,
    /// The full name; the e-mail address when the user gave none.
    pub name: String,
    /// The part of the e-mail address before the `@`.
    pub nickname: String,
    /// The path of the picture on the tenant.
    pub picture: String,
    /// What the user may change; absent until something was set.
    pub user_metadata: Option<Map<String, Value>>,
    /// Whether the user is kept out.
    pub blocked: bool,
    /// Whether the token endpoint demands a second factor, which nobody here can show.
    #[serde(default)]
    pub mfa_required: bool,
    pub(crate) password: PasswordHash,
    pub(crate) created_at: Seconds,
    pub(crate) updated_at: Seconds,
    pub(crate) last_login: Option<Seconds>,
    pub(crate) logins_count: u64,
}

/// An argon2 hash in PHC form. Its `Debug` shows nothing of it.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct PasswordHash(String);

impl PasswordHash {
    pub(crate) fn new(phc: String) -> Self {
        Self(phc)
    }

    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordHash(..)")
    }
}

/// A user to add.
///
/// ```
/// let user = tenant::NewUser::new("alan@example.com", "correct horse")
///     .name("Alan Turing")
///     .metadata(serde_json::json!({ "theme": "light" }));
/// ```
#[derive(Clone)]
pub struct NewUser {
    pub(crate) id: Option<String>,
    pub(crate) email: String,
    pub(crate) password: String,
    pub(crate) name: Option<String>,
    pub(crate) metadata: Option<Value>,
    pub(crate) verified: bool,
    pub(crate) blocked: bool,
    pub(crate) mfa_required: bool,
}

impl std::fmt::Debug for NewUser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewUser")
            .field("email", &self.email)
            .finish_non_exhaustive()
    }
}

impl NewUser {
    /// Describes a user who logs in with this e-mail address and password.
    pub fn new(email: impl Into<String>, password: impl Into<String>) -> Self {
        Self {
            id: None,
            email: email.into().trim().to_lowercase(),
            password: password.into(),
            name: None,
            metadata: None,
            verified: false,
            blocked: false,
            mfa_required: false,
        }
    }

    /// Sets the id; without it a random one of Auth0's shape is given.
    #[must_use]
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Sets the full name.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets `user_metadata`, a JSON object.
    #[must_use]
    pub fn metadata(mut self, metadata: Value) -> Self {
        self.metadata = Some(metadata);
        self
    }

    /// Marks the e-mail address as confirmed.
    #[must_use]
    pub fn verified(mut self) -> Self {
        self.verified = true;
        self
    }

    /// Keeps the user out.
    #[must_use]
    pub fn blocked(mut self) -> Self {
        self.blocked = true;
        self
    }

    /// Lets the token endpoint demand a second factor, which nobody here can show.
    #[must_use]
    pub fn mfa_required(mut self) -> Self {
        self.mfa_required = true;
        self
    }

    pub(crate) fn into_user(self, password: PasswordHash, now: Seconds) -> Result<User, Error> {
        let nickname = self.email.split('@').next().unwrap_or_default().to_owned();
        let name = self
            .name
            .filter(|name| !name.trim().is_empty())
            .unwrap_or_else(|| self.email.clone());
        Ok(User {
            user_id: self
                .id
                .unwrap_or_else(|| format!("auth0|{}", random::hex24())),
            picture: picture_path(&name),
            email_verified: self.verified,
            user_metadata: self.metadata.map(object).transpose()?,
            blocked: self.blocked,
            mfa_required: self.mfa_required,
            email: self.email,
            name,
            nickname,
            password,
            created_at: now,
            updated_at: now,
            last_login: None,
            logins_count: 0,
        })
    }
}

impl User {
    /// Answers as the Management API would, with the picture under `issuer`.
    pub(crate) fn to_json(&self, issuer: &str) -> Value {
        let (provider, id) = self
            .user_id
            .split_once('|')
            .unwrap_or(("auth0", &self.user_id));
        let mut json = serde_json::json!({
            "user_id": self.user_id,
            "email": self.email,
            "email_verified": self.email_verified,
            "name": self.name,
            "nickname": self.nickname,
            "picture": self.picture_url(issuer),
            "created_at": iso(self.created_at),
            "updated_at": iso(self.updated_at),
            "logins_count": self.logins_count,
            "identities": [{
                "connection": "Username-Password-Authentication",
                "provider": provider,
                "user_id": id,
                "isSocial": false,
            }],
        });
        if let Some(metadata) = &self.user_metadata {
            json["user_metadata"] = Value::Object(metadata.clone());
        }
        if let Some(last_login) = self.last_login {
            json["last_login"] = iso(last_login).into();
            json["last_ip"] = "127.0.0.1".into();
        }
        if self.blocked {
            json["blocked"] = true.into();
        }
        json
    }

    pub(crate) fn picture_url(&self, issuer: &str) -> String {
        format!("{}{}", issuer.trim_end_matches('/'), self.picture)
    }
}

impl Store {
    pub(crate) fn user(&self, id: &str) -> Result<Option<User>, Error> {
        self.read(USERS, id)
    }

    pub(crate) fn user_by_email(&self, email: &str) -> Result<Option<User>, Error> {
        let id: Option<String> = self.read(EMAILS, &email.trim().to_lowercase())?;
        id.map_or(Ok(None), |id| self.user(&id))
    }

    pub(crate) fn users(&self) -> Result<Vec<User>, Error> {
        self.all(USERS)
    }

    /// Adds a user unless the address is taken.
    pub(crate) fn insert_user(&self, user: &User) -> Result<(), Error> {
        self.write(|write| {
            if write.get::<String>(EMAILS, &user.email)?.is_some() {
                return Err(Error::EmailTaken {
                    email: user.email.clone(),
                });
            }
            write.put(EMAILS, &user.email, &user.user_id)?;
            write.put(USERS, &user.user_id, user)
        })
    }

    /// Changes a user in one step and returns what is now stored.
    pub(crate) fn change_user(
        &self,
        id: &str,
        change: impl FnOnce(&mut User),
    ) -> Result<User, Error> {
        self.write(|write| {
            let mut user: User = write
                .get(USERS, id)?
                .ok_or_else(|| Error::UnknownUser { id: id.to_owned() })?;
            change(&mut user);
            write.put(USERS, id, &user)?;
            Ok(user)
        })
    }
}

/// Takes the object out of a JSON value.
pub(crate) fn object(value: Value) -> Result<Map<String, Value>, Error> {
    match value {
        Value::Object(map) => Ok(map),
        _ => Err(Error::MetadataShape),
    }
}

/// Pictures are drawn from the initials, as Auth0's default avatars are.
fn picture_path(name: &str) -> String {
    let initials: String = name
        .split(|c: char| !c.is_alphanumeric())
        .filter_map(|word| word.chars().next())
        .filter(char::is_ascii_alphanumeric)
        .take(2)
        .collect();
    let initials = if initials.is_empty() {
        "u".to_owned()
    } else {
        initials.to_ascii_lowercase()
    };
    format!("/pictures/{initials}.svg")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_named_by_initials() {
        assert_eq!(picture_path("Ada Lovelace"), "/pictures/al.svg");
        assert_eq!(picture_path("ada@example.com"), "/pictures/ae.svg");
        assert_eq!(picture_path("李 白"), "/pictures/u.svg");
    }

    #[test]
    fn metadata_that_is_no_object_is_refused() {
        let user = NewUser::new("a@example.com", "x").metadata(serde_json::json!([1]));
        assert!(matches!(
            user.into_user(PasswordHash::new(String::new()), 0),
            Err(Error::MetadataShape)
        ));
    }
}

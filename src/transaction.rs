//! What must survive the trip to the provider: one transaction for each `state`, for ten minutes.

use std::time::Duration;

use serde_json::Value;

use crate::config::Config;
use crate::json;
use crate::port::{PortError, Storage};
use crate::scope::Scope;
use crate::secret::{Nonce, State, Verifier};
use crate::time::UnixTime;

/// How long a user may take between leaving for the provider and coming back.
pub const LIFETIME: Duration = Duration::from_secs(600);

const PREFIX: &str = "dioxus-auth0.transaction.";

/// A login that is under way.
pub struct Transaction {
    pub(crate) state: State,
    pub(crate) nonce: Nonce,
    pub(crate) verifier: Verifier,
    pub(crate) redirect_uri: String,
    pub(crate) audience: Option<String>,
    pub(crate) scope: Scope,
    pub(crate) organization: Option<String>,
    pub(crate) max_age: Option<Duration>,
    pub(crate) return_to: Option<String>,
    pub(crate) started: UnixTime,
}

/// Why an authorization response finds no login that is waiting for it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TransactionError {
    /// No login with this `state` is pending here: it was used already, or it began elsewhere.
    #[error("no login with this state is pending")]
    Unknown,
    /// The login began too long ago.
    #[error("the login took longer than {} minutes", LIFETIME.as_secs() / 60)]
    Expired,
    /// What was stored about the login cannot be read, or belongs to another client or issuer.
    #[error("the pending login cannot be read")]
    Corrupt,
}

impl Transaction {
    /// Stores the transaction, and forgets those that are past their lifetime.
    pub(crate) async fn keep(
        &self,
        storage: &dyn Storage,
        config: &Config,
    ) -> Result<(), PortError> {
        forget_expired(storage, self.started).await?;
        let text = self.to_value(config).to_string();
        storage.set(&key(&self.state), &text).await
    }

    /// Takes the transaction of `state` out of `storage`, so that no second answer finds it.
    pub(crate) async fn take(
        storage: &dyn Storage,
        config: &Config,
        state: &State,
        now: UnixTime,
    ) -> Result<Result<Self, TransactionError>, PortError> {
        let key = key(state);
        let Some(text) = storage.get(&key).await? else {
            return Ok(Err(TransactionError::Unknown));
        };
        storage.remove(&key).await?;
        let Some(transaction) = Self::from_text(&text, config, state.clone()) else {
            return Ok(Err(TransactionError::Corrupt));
        };
        if is_expired(transaction.started, now) {
            return Ok(Err(TransactionError::Expired));
        }
        Ok(Ok(transaction))
    }

    /// Reads where the login of `state` comes back to, if it is pending. Nothing is taken.
    pub(crate) async fn redirect_uri_of(
        storage: &dyn Storage,
        config: &Config,
        state: &State,
        now: UnixTime,
    ) -> Option<String> {
        let text = storage.get(&key(state)).await.ok()??;
        let transaction = Self::from_text(&text, config, state.clone())?;
        (!is_expired(transaction.started, now)).then_some(transaction.redirect_uri)
    }

    /// Removes the transaction of `state`: its login was given up.
    pub(crate) async fn forget(storage: &dyn Storage, state: &State) -> Result<(), PortError> {
        storage.remove(&key(state)).await
    }

    fn to_value(&self, config: &Config) -> Value {
        let max_age = self.max_age.map(|age| age.as_secs());
        json::record([
            ("issuer", config.issuer.as_str().into()),
            ("client_id", config.client_id.as_str().into()),
            ("nonce", self.nonce.expose().into()),
            ("verifier", self.verifier.expose().into()),
            ("redirect_uri", self.redirect_uri.as_str().into()),
            ("audience", self.audience.as_deref().into()),
            ("scope", self.scope.to_string().into()),
            ("organization", self.organization.as_deref().into()),
            ("max_age", max_age.into()),
            ("return_to", self.return_to.as_deref().into()),
            ("started", self.started.seconds().into()),
        ])
    }

    fn from_text(text: &str, config: &Config, state: State) -> Option<Self> {
        let value = json::parse(text.as_bytes()).ok()?;
        let text = |key: &str| value[key].as_str().map(str::to_owned);
        if text("issuer")? != config.issuer.as_str() || text("client_id")? != config.client_id {
            return None;
        }
        Some(Self {
            state,
            nonce: Nonce::new(text("nonce")?),
            verifier: Verifier::new(text("verifier")?),
            redirect_uri: text("redirect_uri")?,
            audience: text("audience"),
            scope: Scope::parse(&text("scope")?),
            organization: text("organization"),
            max_age: value["max_age"].as_u64().map(Duration::from_secs),
            return_to: text("return_to"),
            started: UnixTime::from_seconds(value["started"].as_i64()?),
        })
    }
}

/// Says whether a login was begun and may still be answered.
pub(crate) async fn is_pending(storage: &dyn Storage, now: UnixTime) -> Result<bool, PortError> {
    forget_expired(storage, now).await?;
    Ok(!storage.keys(PREFIX).await?.is_empty())
}

async fn forget_expired(storage: &dyn Storage, now: UnixTime) -> Result<(), PortError> {
    for key in storage.keys(PREFIX).await? {
        let started = storage.get(&key).await?.and_then(|text| {
            json::parse(text.as_bytes()).ok()?["started"]
                .as_i64()
                .map(UnixTime::from_seconds)
        });
        if started.is_none_or(|started| is_expired(started, now)) {
            storage.remove(&key).await?;
        }
    }
    Ok(())
}

/// A start in the future is the sign of a clock that was set back; it is as good as none.
fn is_expired(started: UnixTime, now: UnixTime) -> bool {
    now > started + LIFETIME || started > now + LIFETIME
}

fn key(state: &State) -> String {
    let mut key = String::from(PREFIX);
    key.push_str(state.expose());
    key
}

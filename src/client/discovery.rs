//! The provider's metadata and keys: fetched once, kept for the life of the tab, renewed when a key is unknown.

use std::rc::Rc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{LocalBoxFuture, Shared};
use url::Url;

use super::time::Mark;
use super::{Client, host_of};
use crate::error::{Error, NetworkError};
use crate::json::{self, JsonError};
use crate::oidc::Jwks;
use crate::port::{self, HTTP_TIMEOUT, Http, Platform};
use crate::provider::Metadata;
use crate::time::UnixTime;

/// How long metadata and keys are used before they are fetched again.
const LIFETIME: Duration = Duration::from_secs(3600);

/// How long they are enough to refresh with when an earlier process of the app has fetched them. Where it keeps them in a
/// file they would outlive a provider's move otherwise.
const MEMORY: Duration = Duration::from_secs(24 * 3600);

const PREFIX: &str = "dioxus-auth0.provider.";

/// What is known of the provider.
pub(super) struct Provider {
    pub(super) metadata: Metadata,
    pub(super) keys: Jwks,
    fetched: UnixTime,
}

/// Metadata and keys on their way, for all who wait. It is polled by whoever waits, so that nobody is held up by one who
/// began it and gave up.
#[derive(Clone)]
pub(super) struct Discovery {
    begun: Mark,
    found: Shared<LocalBoxFuture<'static, Result<Rc<Provider>, Error>>>,
}

impl Client {
    /// Makes sure that the provider is known, so that a login can start and a callback be checked without waiting.
    ///
    /// # Errors
    ///
    /// [`Error::Network`] when it does not answer, [`Error::Protocol`] when its metadata or keys cannot be used.
    pub async fn prepare(&self) -> Result<(), Error> {
        self.provider().await.map(drop)
    }

    /// Returns what is known of the provider, if it is not too old to start a login with.
    pub(super) async fn provider(&self) -> Result<Rc<Provider>, Error> {
        let now = self.core.platform.clock.now();
        self.provider_at(Some(now)).await
    }

    /// Returns what is known of the provider, however long this process has known it: enough to refresh with, without
    /// another request.
    pub(super) async fn known_provider(&self) -> Result<Rc<Provider>, Error> {
        self.provider_at(None).await
    }

    /// Returns what is known of the provider if it is fresh at `now`, or always when that does not matter.
    async fn provider_at(&self, now: Option<UnixTime>) -> Result<Rc<Provider>, Error> {
        let will_do = |provider: &Provider| now.is_none_or(|now| provider.is_fresh(now));
        if let Some(provider) = self.core.provider.borrow().as_ref().filter(|p| will_do(p)) {
            return Ok(provider.clone());
        }
        if let Some(provider) = self.remembered().await.filter(will_do) {
            return Ok(self.know(provider));
        }
        let ahead = self.core.discovery.borrow().clone();
        let is_old = |ahead: &Discovery| ahead.begun.elapsed(self.clock()) >= HTTP_TIMEOUT;
        let was_old = ahead.as_ref().is_some_and(is_old);
        match self.found(ahead.unwrap_or_else(|| self.discover())).await {
            // Its callers had given up; that they were not answered says nothing of now.
            Err(error) if was_old && error.is_network() => self.found(self.discover()).await,
            found => found,
        }
    }

    /// Waits for metadata and keys.
    async fn found(&self, discovery: Discovery) -> Result<Rc<Provider>, Error> {
        let found = discovery.found.clone().await;
        let is_same = |current: &mut Discovery| current.found.ptr_eq(&discovery.found);
        let taken = self.core.discovery.borrow_mut().take_if(is_same);
        let provider = found?;
        if taken.is_some() {
            self.core.provider.replace(Some(provider.clone()));
            self.remember(&provider).await;
        }
        Ok(provider)
    }

    /// Begins to fetch metadata and keys, for all who need them.
    fn discover(&self) -> Discovery {
        let Platform { http, clock, .. } = self.core.platform.clone();
        let issuer = self.core.config.issuer.clone();
        let work = async move {
            let bytes = fetch(&*http, &issuer.discovery_url()).await?;
            let metadata = Metadata::parse(&bytes, &issuer)?;
            let keys = Jwks::from_bytes(&fetch(&*http, &metadata.jwks_uri).await?)?;
            Ok(Rc::new(Provider {
                metadata,
                keys,
                fetched: clock.now(),
            }))
        };
        let discovery = Discovery {
            begun: Mark::now(self.clock()),
            found: work.boxed_local().shared(),
        };
        self.core.discovery.replace(Some(discovery.clone()));
        discovery
    }

    /// Fetches the keys again, for a signature by a key that `known` does not have.
    pub(super) async fn newer_keys(&self, known: &Provider) -> Result<Rc<Provider>, Error> {
        let keys =
            Jwks::from_bytes(&fetch(&*self.core.platform.http, &known.metadata.jwks_uri).await?)?;
        let provider = Provider {
            metadata: known.metadata.clone(),
            keys,
            fetched: known.fetched,
        };
        self.remember(&provider).await;
        Ok(self.know(provider))
    }

    fn know(&self, provider: Provider) -> Rc<Provider> {
        let provider = Rc::new(provider);
        self.core.provider.replace(Some(provider.clone()));
        provider
    }

    /// Keeps the provider for later pages of this tab. It can be fetched again, so a storage that fails is no error.
    async fn remember(&self, provider: &Provider) {
        let value = json::record([
            ("metadata", provider.metadata.to_value()),
            ("keys", provider.keys.to_value()),
            ("fetched", provider.fetched.seconds().into()),
        ]);
        let text = value.to_string();
        let _ = self
            .core
            .platform
            .session_storage
            .set(&self.provider_key(), &text)
            .await;
    }

    async fn remembered(&self) -> Option<Provider> {
        let storage = &self.core.platform.session_storage;
        let text = storage.get(&self.provider_key()).await.ok()??;
        let value = json::parse(text.as_bytes()).ok()?;
        let provider = Provider {
            metadata: Metadata::from_value(&value["metadata"], &self.core.config.issuer).ok()?,
            keys: Jwks::parse(&value["keys"]).ok()?,
            fetched: UnixTime::from_seconds(value["fetched"].as_i64()?),
        };
        let now = self.core.platform.clock.now();
        provider.is_younger_than(MEMORY, now).then_some(provider)
    }

    fn provider_key(&self) -> String {
        let mut key = String::from(PREFIX);
        key.push_str(self.core.config.issuer.as_str());
        key
    }
}

impl Provider {
    fn is_fresh(&self, now: UnixTime) -> bool {
        self.is_younger_than(LIFETIME, now)
    }

    fn is_younger_than(&self, age: Duration, now: UnixTime) -> bool {
        self.fetched <= now && now < self.fetched + age
    }
}

async fn fetch(http: &dyn Http, url: &Url) -> Result<Vec<u8>, Error> {
    let host = host_of(url);
    let request = port::request(http::Method::GET, url, Vec::new())?;
    let response = http.send(request).await?;
    let status = response.status().as_u16();
    if status != 200 {
        return Err(Error::Network(NetworkError::Unavailable { host, status }));
    }
    let body = response.into_body();
    if matches!(json::parse(&body), Err(JsonError::Html)) {
        return Err(Error::Network(NetworkError::Intercepted { host }));
    }
    Ok(body)
}

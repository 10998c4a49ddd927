//! The end of a session: on this machine at once, in every tab, then at the provider.

use std::pin::pin;
use std::time::Duration;

use futures_util::future;
use url::Url;

use super::{Client, host_of};
use crate::auth::Reason;
use crate::config::Flavour;
use crate::error::{Error, NetworkError, ProtocolError};
use crate::oidc::logout::{auth0_logout_url, end_session_url};
use crate::oidc::{Revocation, RevokeError};
use crate::options::LogoutOptions;
use crate::port::PortError;
use crate::session::Session;

/// How long a logout waits for the provider to revoke the refresh token.
const PATIENCE: Duration = Duration::from_secs(3);

impl Client {
    /// Forgets the session on this machine, in every tab and process, and returns what was forgotten.
    ///
    /// Tabs that keep sessions of their own see it by a text in the storage they share, also those that sleep.
    ///
    /// # Errors
    ///
    /// [`Error::Platform`] when the storage keeps it all the same; the client has forgotten it even then.
    pub async fn forget(&self) -> (Option<Session>, Result<(), Error>) {
        let session = self.end(Reason::LoggedOut);
        self.core.lifecycle.borrow_mut().end(Reason::LoggedOut);
        self.next_generation().await;
        let removed = self.remove().await;
        self.tell();
        (session, removed)
    }

    /// Leaves for the provider's end-session endpoint, unless the logout is local or the provider has none; before that,
    /// revokes the refresh token if `options` say so.
    ///
    /// # Errors
    ///
    /// [`Error::Platform`] when the machine cannot go there.
    pub async fn end_session(
        &self,
        forgotten: Option<Session>,
        options: LogoutOptions,
    ) -> Result<(), Error> {
        if options.revoke
            && let Some(session) = &forgotten
        {
            let revoked = pin!(self.revoke(session));
            // The session on this machine is gone already; a provider that does not answer holds nobody up.
            let _ = future::select(revoked, self.clock().sleep(PATIENCE)).await;
        }
        if options.local_only {
            return Ok(());
        }
        match self.end_session_url(forgotten, options).await {
            Some(url) => {
                let navigator = &self.core.platform.navigator;
                Ok(navigator.leave(&url, self.way_back()).await?)
            }
            None => Ok(()),
        }
    }

    /// Takes the refresh token back at the provider ([RFC 7009](https://www.rfc-editor.org/rfc/rfc7009)), and goes on with
    /// the access tokens that are held, for as long as they are good.
    ///
    /// # Errors
    ///
    /// [`Error::Network`] when the provider cannot be reached: the refresh token is kept, and may be revoked later.
    #[doc(alias = "revokeRefreshToken")]
    pub async fn revoke_refresh_token(&self) -> Result<(), Error> {
        let session = self.core.lifecycle.borrow().session().cloned();
        let session = session.ok_or(Error::Expired)?;
        let revoked = self.revoke(&session).await;
        self.heard(revoked)?;
        if !self.is_current(&session) {
            return Ok(());
        }
        let mut without = session;
        without.refresh_token = None;
        without.setback = None;
        self.replace(without).await
    }

    async fn revoke(&self, session: &Session) -> Result<(), Error> {
        let Some(refresh_token) = &session.refresh_token else {
            return Ok(());
        };
        let provider = self.known_provider().await?;
        let Some(endpoint) = &provider.metadata.revocation_endpoint else {
            return Ok(());
        };
        let request = Revocation {
            endpoint,
            client_id: &self.core.config.client_id,
            refresh_token,
        };
        let revoked = request.send(|request| self.ask(request)).await;
        revoked.map_err(|error| revocation_error(&host_of(endpoint), error))
    }

    async fn end_session_url(
        &self,
        forgotten: Option<Session>,
        options: LogoutOptions,
    ) -> Option<Url> {
        let config = &self.core.config;
        let navigator = &self.core.platform.navigator;
        let usual = || navigator.after_logout(self.way_back());
        let return_to = options.return_to.or_else(usual);
        if config.flavour == Flavour::Auth0 {
            return Some(auth0_logout_url(
                config.issuer.url(),
                &config.client_id,
                return_to.as_deref(),
                options.federated,
            ));
        }
        // A provider that does not answer must not keep the user from having logged out here.
        let provider = self.known_provider().await.ok()?;
        let endpoint = provider.metadata.end_session_endpoint.as_ref()?;
        Some(end_session_url(
            endpoint,
            forgotten.as_ref().map(|session| &session.id_token),
            &config.client_id,
            return_to.as_deref(),
            None,
        ))
    }
}

fn revocation_error(host: &str, error: RevokeError<PortError>) -> Error {
    let host = host.to_owned();
    match error {
        RevokeError::Transport(error) => error.into(),
        RevokeError::Busy { status, .. } => {
            Error::Network(NetworkError::Unavailable { host, status })
        }
        RevokeError::Refused {
            code,
            description,
            status,
        } => Error::refused(code, description, Some(status)),
        other => Error::Protocol(ProtocolError::Endpoint {
            name: "revocation_endpoint",
            problem: other.to_string(),
        }),
    }
}

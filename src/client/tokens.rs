//! Access tokens without the user: a held one if it will do, else one refresh.

use std::rc::Rc;

use super::login::{IdTokenExpected, check_token_type};
use super::{Client, Unsaved};
use crate::error::Error;
use crate::oidc::{ErrorCode, Refresh};
use crate::options::TokenOptions;
use crate::port::Held;
use crate::scope::Scope;
use crate::secret::AccessToken;
use crate::session::{Asked, Identity, Session};

impl Client {
    /// Returns an access token without asking the user.
    ///
    /// # Errors
    ///
    /// [`Error::Expired`] when only a login helps: nobody is signed in, no held token covers the request and there is no
    /// refresh token, or the provider has ended it. [`Error::Refused`] with the code `consent_required` when the login did
    /// not ask for the scope or audience: ask for it in [`LoginOptions`](crate::LoginOptions). [`Error::Network`] when waiting may help; the
    /// session goes on.
    pub async fn access_token(&self, options: &TokenOptions) -> Result<AccessToken, Error> {
        let wanted = Scope::parse(options.scope.as_deref().unwrap_or_default());
        let scope = self.config.scope.union(&wanted);
        let audience = options
            .audience
            .as_deref()
            .or(self.config.audience.as_deref());
        if self.unsaved.borrow().is_none()
            && let Some(token) = self.held(audience, &scope)
        {
            return Ok(token);
        }
        let before = self.refreshes.get();
        let mut failed = self.refreshing.lock().await;
        self.save().await;
        if let Some(token) = self.held(audience, &scope) {
            return Ok(token);
        }
        let asked_by = self.identity().ok_or(Error::Expired)?;
        // Whoever waited while a server did not answer has waited enough, and so has the server.
        if self.refreshes.get() != before
            && let Some(error) = &*failed
        {
            return Err(error.clone());
        }
        let refreshed = self.refresh(audience, &scope).await;
        self.refreshes.update(|count| count.wrapping_add(1));
        *failed = refreshed.clone().err().filter(Error::is_network);
        refreshed?;
        // Somebody else may have logged in meanwhile, in another tab or window: their token is not for this caller.
        let sub = |identity: &Identity| identity.user().sub().to_owned();
        if self.identity().as_deref().map(sub) != Some(sub(&asked_by)) {
            return Err(Error::Expired);
        }
        self.held(audience, &scope).ok_or(Error::Expired)
    }

    fn held(&self, audience: Option<&str>, scope: &Scope) -> Option<AccessToken> {
        let session = self.session.borrow();
        let now = self.platform.clock.now();
        let token = session.as_ref()?.usable(audience, scope, now)?;
        Some(token.access_token.clone())
    }

    async fn refresh(&self, audience: Option<&str>, scope: &Scope) -> Result<(), Error> {
        // Nothing that may take long comes between the look at the stored session and the request.
        let provider = self.known_provider().await?;
        let _held = self.lock().await?;
        let is_saved = self.unsaved.borrow().is_none();
        let stored = match is_saved {
            true => self.adopt().await?,
            false => None,
        };
        if self.held(audience, scope).is_some() {
            return Ok(());
        }
        let session = self.session.borrow().clone().ok_or(Error::Expired)?;
        let granted = session.grant(audience, scope).ok_or_else(not_granted)?;
        let refresh_token = session.refresh_token.as_ref().ok_or(Error::Expired)?;
        let request = Refresh {
            endpoint: &provider.metadata.token_endpoint,
            client_id: &self.config.client_id,
            refresh_token,
            scope: None,
            audience: None,
        };
        let answer = request
            .send(|request| self.platform.http.send(request))
            .await
            .map_err(|error| self.token_error(error, &provider));
        let answer = match answer {
            Err(Error::Refused(refusal)) if refusal.code == "invalid_grant" => {
                self.forget_if(&session).await?;
                return Err(Error::Expired);
            }
            other => other?,
        };
        check_token_type(&answer)?;
        let verified = match answer.id_token.clone() {
            None => None,
            Some(id_token) => {
                let expected = IdTokenExpected {
                    login: Some(session.identity.id_token_claims()),
                    ..IdTokenExpected::default()
                };
                let claims = self.verify(&id_token, provider, &expected).await?;
                Some((claims, id_token))
            }
        };
        // Without a scope of its own the request is for all that the login asked for (RFC 6749 §6).
        let asked = Asked {
            audience,
            scope: &granted.asked,
            now: self.platform.clock.now(),
        };
        if !self.is_current(&session) {
            return Err(Error::Expired);
        }
        let unsaved = stored.map_or(Unsaved::Begun, Unsaved::Refreshed);
        let session = session.refreshed(verified, answer, &asked);
        self.keep(session, unsaved).await
    }

    /// Keeps every other tab or process out, where the session is theirs as well.
    async fn lock(&self) -> Result<Option<Held>, Error> {
        let is_shared = self
            .sessions
            .as_ref()
            .is_some_and(|sessions| Rc::ptr_eq(sessions, &self.platform.local_storage));
        if !is_shared {
            return Ok(None);
        }
        let key = Session::key(&self.config);
        Ok(Some(self.platform.lock.hold(&key).await?))
    }

    /// Whether `session` is still the one in use: no logout and no other login happened meanwhile.
    fn is_current(&self, session: &Session) -> bool {
        self.session.borrow().as_ref() == Some(session)
    }

    async fn forget_if(&self, session: &Session) -> Result<(), Error> {
        match self.is_current(session) {
            true => self.forget().await.1,
            false => Ok(()),
        }
    }
}

/// A refresh cannot widen what the login was for ([RFC 6749 §6](https://www.rfc-editor.org/rfc/rfc6749#section-6)),
/// and a provider asked for another audience may answer with a token for the first, which must not reach the second.
fn not_granted() -> Error {
    Error::refused(
        ErrorCode::new("consent_required"),
        Some("the login did not ask for this scope or audience".to_owned()),
        None,
    )
}

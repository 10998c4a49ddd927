//! The refresh grant under faults: sent once, by one of all who share the session, and never lost on the way back.

use std::cell::Cell;
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use futures_util::future::{self, Either};

use super::check::{IdTokenExpected, check_token_type};
use super::discovery::Provider;
use super::exchange::Aftermath;
use super::store::{Found, Unsaved};
use super::time::Mark;
use super::{Client, host_of};
use crate::auth::Reason;
use crate::error::{Error, NetworkError};
use crate::json;
use crate::lifecycle::{Attempt, DEADLINE, Failure, LEAST_PATIENCE, Need, Reaction, Step};
use crate::oidc::dpop::Thumbprint;
use crate::oidc::{ErrorCode, Refresh, TokenAnswer, TokenType};
use crate::options::CacheMode;
use crate::port::Held;
use crate::secret::{AccessToken, from_base64url};
use crate::session::{Asked, Session, Setback};

impl Client {
    /// Gets a token for `need` by the refresh token, or finds that somebody else has.
    pub(super) async fn renew(&self, need: &Need) -> Result<(), Error> {
        let begun = Mark::now(self.clock());
        let before_all = self.newest(need);
        let (setback, asked_at) = (self.setback(), self.now());
        self.save().await;
        if let Step::Use(_) = self.step(need) {
            return Ok(());
        }
        // Nothing that may take long comes between the look at the stored session and the request.
        let provider = self.provider_in_time().await?;
        let key = self.thumbprint().await?;
        let asked = Mark::now(self.clock());
        let _held = self.lock().await?;
        // Whoever was held up by somebody else has as long as they had.
        let held_up = asked.elapsed(self.clock());
        let elapsed = || begun.elapsed(self.clock()).saturating_sub(held_up);
        let held = Need {
            cache: CacheMode::On,
            ..need.clone()
        };
        for before in 0.. {
            // Each time anew: while this one slept, somebody may have waited for the lock in vain and gone ahead.
            let stored = self.take_over().await?;
            if self.newest(need) != before_all && matches!(self.step(&held), Step::Use(_)) {
                // Somebody else has got a new one meanwhile, which is as good as one of its own.
                return Ok(());
            }
            if before == 0
                && let Some(newer) = self.setback()
                && Some(&newer) != setback.as_ref()
                && newer.at >= asked_at
            {
                // Somebody else was not answered just now; whoever waited for that has waited enough, and so has the server.
                let left = newer.left(self.now());
                return Err(backoff(&provider.metadata.token_endpoint, left));
            }
            let session = self.core.lifecycle.borrow().session().cloned();
            let session = session.ok_or(Error::Expired)?;
            let widens = match self.step(need) {
                Step::Use(_) => return Ok(()),
                Step::Renew => false,
                Step::Widen => true,
                Step::Wait(left) => return Err(backoff(&provider.metadata.token_endpoint, left)),
                Step::NotAsked => return Err(not_asked()),
                Step::NotGranted => return self.silently(need).await.unwrap_or(Err(not_granted())),
                Step::LogIn | Step::NotHeld => {
                    return self.silently(need).await.unwrap_or(Err(Error::Expired));
                }
            };
            let key = key.as_ref().map(Thumbprint::as_str);
            if session.thumbprint.is_some() && session.thumbprint.as_deref() != key {
                // The key is gone, and what was bound to it is of no use to anybody.
                self.expire(&session).await;
                return Err(Error::Expired);
            }
            let patience = DEADLINE.saturating_sub(elapsed());
            if patience < LEAST_PATIENCE {
                // Nobody might be left to hear what has become of the refresh token.
                return Err(timeout(host_of(&provider.metadata.token_endpoint)));
            }
            let (error, failure) = match self.ask_to_refresh(need, &session, widens, patience).await
            {
                Ok(answer) => {
                    let unsaved = match stored {
                        Some(text) => Unsaved::Refreshed(text),
                        None => self.core.unsaved.borrow().clone().unwrap_or(Unsaved::Begun),
                    };
                    return self.land(need, widens, &session, answer, unsaved).await;
                }
                Err(failed) => failed,
            };
            let attempt = self.attempt(before, elapsed())?;
            match self.react(failure, attempt) {
                Reaction::Again(wait) => self.clock().sleep(wait).await,
                Reaction::Report => return Err(error),
                Reaction::End => {
                    self.expire(&session).await;
                    return Err(reason(error));
                }
                Reaction::Later(setback) => {
                    // Without a network there is no server to leave alone, and none once it is back.
                    let was_asked = matches!(failure, Failure::Lost)
                        || !self.core.platform.connection.is_offline();
                    if was_asked && self.is_current(&session) {
                        self.core.lifecycle.borrow_mut().set_back(setback);
                        self.note(stored.as_ref()).await;
                    }
                    return Err(error);
                }
            }
        }
        Err(Error::Expired)
    }

    /// Takes over what others have made of the session, and gives the text that a refresh is to replace. A session that
    /// could not be stored is newer than what is.
    async fn take_over(&self) -> Result<Option<String>, Error> {
        // Once more: while this one waited for the others, one of them may have renewed what is stored.
        self.save().await;
        if !self.is_saved() {
            return Ok(None);
        }
        Ok(match self.adopt().await? {
            Found::Text(text) => Some(text),
            Found::Nothing => None,
        })
    }

    /// Finds out about the provider, in no longer than a caller waits.
    async fn provider_in_time(&self) -> Result<Rc<Provider>, Error> {
        let known = pin!(self.known_provider());
        match future::select(known, self.clock().sleep(DEADLINE)).await {
            Either::Left((known, _)) => known,
            Either::Right(_) => Err(timeout(host_of(self.core.config.issuer.url()))),
        }
    }

    /// Sends the refresh grant once. What fails comes with what that means for the refresh token.
    async fn ask_to_refresh(
        &self,
        need: &Need,
        session: &Session,
        widens: bool,
        patience: Duration,
    ) -> Result<TokenAnswer, (Error, Failure)> {
        let refused = |error| (error, Failure::Refused);
        let provider = self.known_provider().await.map_err(refused)?;
        let refresh_token = session.refresh_token.as_ref();
        let request = Refresh {
            endpoint: &provider.metadata.token_endpoint,
            client_id: &self.core.config.client_id,
            refresh_token: refresh_token.ok_or((Error::Expired, Failure::Refused))?,
            scope: widens.then_some(&need.scope),
            audience: need.audience.as_deref().filter(|_| widens),
        };
        let aftermath = Cell::new(Aftermath::default());
        let answer = request
            .send(|request| async {
                let (answer, after) = self.ask_within(request, patience).await;
                aftermath.set(after);
                answer
            })
            .await;
        answer.map_err(|error| {
            let error = self.token_error(error, &provider);
            let failure = failure(&error, aftermath.get());
            (error, failure)
        })
    }

    /// Checks what a refresh has brought, and makes it the session.
    async fn land(
        &self,
        need: &Need,
        widens: bool,
        session: &Session,
        answer: TokenAnswer,
        unsaved: Unsaved,
    ) -> Result<(), Error> {
        check_token_type(&answer, self.core.config.use_dpop)?;
        if widens && !is_for(&answer.access_token, need.audience.as_deref()) {
            // The refresh token that came along is good all the same.
            self.keep_refresh_token(session, answer, unsaved).await?;
            return Err(not_granted());
        }
        let verified = match answer.id_token.clone() {
            None => None,
            Some(id_token) => {
                let expected = IdTokenExpected {
                    login: Some(session.identity.id_token_claims()),
                    ..IdTokenExpected::default()
                };
                let provider = self.known_provider().await?;
                match self.verify(&id_token, provider, &expected).await {
                    Ok(claims) => Some((claims, id_token)),
                    Err(error) if error.is_network() => {
                        // Who the tokens are for is told when the keys can be fetched; the old refresh token is spent.
                        self.keep_refresh_token(session, answer, unsaved).await?;
                        return Err(error);
                    }
                    Err(error) => return Err(error),
                }
            }
        };
        // Without a scope of its own the request is for all that the login asked for (RFC 6749 §6).
        let held = session.held(need.audience.as_deref(), &need.scope);
        let asked = Asked {
            audience: need.audience.as_deref(),
            scope: match held {
                Some(token) if !widens => &token.asked,
                _ => &need.scope,
            },
            now: self.now(),
        };
        let thumbprint = match answer.token_type {
            TokenType::DPoP => self.thumbprint().await?.map(Thumbprint::into_text),
            TokenType::Bearer => session.thumbprint.clone(),
        };
        if !self.is_current(session) {
            return Err(Error::Expired);
        }
        let mut session = session.refreshed(verified, answer, &asked);
        session.thumbprint = thumbprint;
        self.keep(session, unsaved).await
    }

    async fn keep_refresh_token(
        &self,
        session: &Session,
        answer: TokenAnswer,
        unsaved: Unsaved,
    ) -> Result<(), Error> {
        if answer.refresh_token.is_none() || !self.is_current(session) {
            return Ok(());
        }
        let mut session = session.clone();
        session.refresh_token = answer.refresh_token;
        session.setback = None;
        self.keep(session, unsaved).await
    }

    fn setback(&self) -> Option<Setback> {
        self.core.lifecycle.borrow().session()?.setback.clone()
    }

    fn react(&self, failure: Failure, attempt: Attempt) -> Reaction {
        self.core.lifecycle.borrow().react(failure, attempt)
    }

    fn attempt(&self, before: u32, elapsed: Duration) -> Result<Attempt, Error> {
        let mut random = [0];
        self.core.platform.entropy.fill(&mut random)?;
        // A machine that knows it has no network does not get one by asking again.
        let before = match self.core.platform.connection.is_offline() {
            true => u32::MAX,
            false => before,
        };
        Ok(Attempt {
            before,
            elapsed,
            random: random[0],
            overlap: self.core.config.refresh_token_overlap,
            now: self.now(),
        })
    }

    /// Keeps every other tab or process out, where the session is theirs as well.
    async fn lock(&self) -> Result<Option<Held>, Error> {
        if !self.is_shared() {
            return Ok(None);
        }
        let key = self.key();
        Ok(Some(self.core.platform.lock.hold(&key).await?))
    }

    /// Whether `session` is still the one in use: no logout and no other login happened meanwhile.
    pub(super) fn is_current(&self, session: &Session) -> bool {
        let lifecycle = self.core.lifecycle.borrow();
        lifecycle
            .session()
            .is_some_and(|current| current.is_same(session))
    }

    /// Ends `session` for all, if it is still the one in use: the provider does not take its refresh token any more.
    async fn expire(&self, session: &Session) {
        if !self.is_current(session) {
            return;
        }
        self.end(Reason::Expired);
        // What the storage keeps all the same is ended, and found to be so by whoever tries it.
        let _ = self.remove().await;
        self.tell();
    }
}

/// Says why a session has ended. Why somebody is locked out is theirs to know.
fn reason(error: Error) -> Error {
    match error {
        Error::Refused(refusal) if refusal.code != "invalid_grant" => Error::Refused(refusal),
        _ => Error::Expired,
    }
}

/// Says what a failed refresh means for the refresh token ([RFC 6749 §5.2](https://www.rfc-editor.org/rfc/rfc6749#section-5.2)).
fn failure(error: &Error, after: Aftermath) -> Failure {
    match error {
        Error::Refused(refusal) => match refusal.code.as_str() {
            "invalid_grant" => Failure::Over,
            // Auth0 says so of users who were blocked.
            "access_denied" | "unauthorized" | "user_blocked" => Failure::Over,
            _ => Failure::Refused,
        },
        _ if after.is_unsent => Failure::NotDone(None),
        _ => match (after.status, after.retry_after) {
            (Some(429), wait) => Failure::NotDone(wait),
            (Some(500..), Some(wait)) => Failure::NotDone(Some(wait)),
            _ => Failure::Lost,
        },
    }
}

/// Whether a token may be for `audience`: a JWT says for whom it is, and what says nothing is believed.
///
/// A provider that does not know of multi-resource refresh tokens answers with a token for the first audience, which
/// must not reach the second.
fn is_for(token: &AccessToken, audience: Option<&str>) -> bool {
    let claims = || {
        let payload = token.expose().split('.').nth(1)?;
        json::parse(&from_base64url(payload)?).ok()
    };
    let (Some(audience), Some(claims)) = (audience, claims()) else {
        return true;
    };
    match &claims["aud"] {
        serde_json::Value::Array(all) => all.iter().any(|one| one.as_str() == Some(audience)),
        one => one.as_str() == Some(audience),
    }
}

fn timeout(host: String) -> Error {
    let seconds = DEADLINE.as_secs();
    Error::Network(NetworkError::Timeout { host, seconds })
}

fn backoff(endpoint: &url::Url, left: Duration) -> Error {
    Error::Network(NetworkError::Backoff {
        host: host_of(endpoint),
        seconds: left.as_secs(),
    })
}

fn not_asked() -> Error {
    Error::refused(
        ErrorCode::new("not_asked"),
        Some("the refresh token may be spent, and nobody asks for a token".to_owned()),
        None,
    )
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

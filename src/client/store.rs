//! The session where it is stored: read, written, taken over from others, and gone.

use std::rc::Rc;

use super::Client;
use crate::auth::{AuthState, Reason};
use crate::error::Error;
use crate::port::{PortError, StoredError};
use crate::secret::base64url;
use crate::session::Session;
use crate::transaction;

/// The generation where the storage does not tell it.
const UNKNOWN: &str = "";

/// A session that is held and not stored, by what it was to replace.
#[derive(Clone)]
pub(super) enum Unsaved {
    /// Whatever is there: it began with a login.
    Begun,
    /// This text and no other: a refresh has spent the token in it.
    Refreshed(String),
}

/// What became of a session that somebody else may have changed.
pub(super) enum Found {
    /// This text is stored.
    Text(String),
    /// What is stored is damaged, or nothing is stored anywhere.
    Nothing,
}

impl Client {
    /// Reads the stored session. What cannot be read is left where it is until the next login replaces it.
    pub async fn restore(&self) -> AuthState {
        match self.stored().await {
            Ok(Ok(session)) => {
                self.core.lifecycle.borrow_mut().hold(session);
                self.state()
            }
            Ok(Err(reason)) => {
                self.end(reason);
                AuthState::SignedOut(reason)
            }
            Err(error) => AuthState::Failed(error),
        }
    }

    pub(super) async fn stored(&self) -> Result<Result<Session, Reason>, Error> {
        let text = match &self.core.sessions {
            Some(sessions) => sessions.get(&self.key()).await?,
            None => None,
        };
        if let Some(text) = text {
            let session = Session::from_text(&text, &self.core.config)?;
            if self.is_over(&session).await {
                self.remove().await?;
                return Ok(Err(Reason::LoggedOut));
            }
            self.core.stored_text.replace(Some(text));
            self.core.time.assume(session.skew, self.clock());
            return Ok(match session.is_alive(self.now()) {
                true => Ok(session),
                false => Err(Reason::Expired),
            });
        }
        let storage = &*self.core.platform.session_storage;
        let now = self.clock().now();
        Ok(Err(match transaction::is_pending(storage, now).await? {
            true => Reason::Unfinished,
            false => Reason::Fresh,
        }))
    }

    /// Stores `session` and makes it the current one, in this order: nobody gets a token that a restart would lose.
    ///
    /// # Errors
    ///
    /// [`Error::Platform`] when the storage does not take it. It is the current one all the same, and is stored with
    /// the next token that is asked for.
    pub(super) async fn keep(&self, mut session: Session, unsaved: Unsaved) -> Result<(), Error> {
        session.skew = self.core.time.skew(self.clock());
        let ends = self.core.ends.get();
        let before = self.core.lifecycle.borrow().session().cloned();
        let stored = self.store(&session, &unsaved).await;
        if self.core.ends.get() != ends {
            // A logout came while the storage was at work, and holds.
            self.withdraw(&session).await?;
            return Err(Error::Expired);
        }
        let is_refreshed = matches!(unsaved, Unsaved::Refreshed(_));
        let is_overtaken = match (&before, self.core.lifecycle.borrow().session()) {
            (Some(before), Some(now)) => is_refreshed && !now.is_same(before),
            _ => false,
        };
        // Either way there is another session by now: a login's, or that of another tab.
        if is_overtaken
            || stored == Ok(false) && !self.overrule(before.as_ref(), &mut session).await?
        {
            return self.adopt().await.map(drop);
        }
        let is_new = self.identity().as_deref() != Some(&session.identity);
        self.core.lifecycle.borrow_mut().hold(session);
        let unsaved = stored.is_err().then_some(unsaved);
        self.core.unsaved.replace(unsaved);
        if is_new {
            self.notify();
            self.tell();
        }
        stored.map(drop)
    }

    /// Stores a refreshed `session` over what somebody else has made of the one before it without a new refresh token, such
    /// as a newer name of the user: the old one is spent by now. Says whether it is stored.
    async fn overrule(
        &self,
        before: Option<&Session>,
        session: &mut Session,
    ) -> Result<bool, Error> {
        let (Some(before), Some(sessions)) = (before, &self.core.sessions) else {
            return Ok(false);
        };
        let Ok(Some(text)) = sessions.get(&self.key()).await else {
            return Ok(false);
        };
        let Ok(theirs) = Session::from_text(&text, &self.core.config) else {
            return Ok(false);
        };
        // What they hold is the refresh token that is spent by now, whatever else they have got by it.
        let is_spent = session.refresh_token != before.refresh_token
            && theirs.refresh_token == before.refresh_token;
        let is_same = session.tokens != before.tokens && theirs.is_same(before);
        if !is_spent && !is_same {
            return Ok(false);
        }
        if theirs.id_token == session.id_token {
            session.identity = theirs.identity;
        }
        self.store(session, &Unsaved::Refreshed(text)).await
    }

    /// Removes `session` from where it was stored, unless another one is there by now.
    async fn withdraw(&self, session: &Session) -> Result<(), Error> {
        let Some(sessions) = &self.core.sessions else {
            return Ok(());
        };
        let text = session.to_text(&self.core.config);
        if sessions.get(&self.key()).await? == Some(text) {
            self.core.stored_text.take();
            self.remove().await?;
        }
        Ok(())
    }

    /// Writes `session` where it belongs, and says whether what it is to replace was still there.
    async fn store(&self, session: &Session, unsaved: &Unsaved) -> Result<bool, Error> {
        let Some(sessions) = &self.core.sessions else {
            return Ok(true);
        };
        let text = session.to_text(&self.core.config);
        let is_stored = match unsaved {
            Unsaved::Begun => sessions.set(&self.key(), &text).await.map(|()| true),
            Unsaved::Refreshed(old) => sessions.swap(&self.key(), old, &text).await,
        }?;
        if is_stored {
            self.core.stored_text.replace(Some(text));
        }
        Ok(is_stored)
    }

    /// Finds the text that is to be replaced where somebody has noted a setback in it meanwhile: its tokens are the same.
    async fn noted(&self, unsaved: &Unsaved) -> Option<String> {
        let (Some(sessions), Unsaved::Refreshed(old)) = (&self.core.sessions, unsaved) else {
            return None;
        };
        let old = Session::from_text(old, &self.core.config).ok()?;
        let text = sessions.get(&self.key()).await.ok()??;
        let found = Session::from_text(&text, &self.core.config).ok()?;
        found.is_same(&old).then_some(text)
    }

    pub(super) fn is_saved(&self) -> bool {
        self.core.unsaved.borrow().is_none()
    }

    /// Tries once more to store a session that the storage did not take.
    pub(super) async fn save(&self) {
        let Some(unsaved) = self.core.unsaved.take() else {
            return;
        };
        let session = self.core.lifecycle.borrow().session().cloned();
        if let Some(session) = session {
            if self.is_over(&session).await {
                self.end(Reason::LoggedOut);
                return;
            }
            // It was reported when it failed first; until it works the session holds in this process.
            let _ = self.keep(session, unsaved).await;
        }
    }

    /// Writes down that the session was set back. A storage that does not take it loses nothing but that.
    pub(super) async fn note(&self, stored: Option<&String>) {
        let session = self.core.lifecycle.borrow().session().cloned();
        let (Some(mut session), Some(stored)) = (session, stored) else {
            return;
        };
        let unsaved = Unsaved::Refreshed(stored.clone());
        if self.store(&session, &unsaved).await != Ok(false) {
            return;
        }
        let Some(text) = self.noted(&unsaved).await else {
            // Somebody else has renewed it meanwhile, or ended it.
            let _ = self.adopt().await;
            return;
        };
        // Somebody else was set back too. If either of them has the refresh token in doubt, it is.
        let other = Session::from_text(&text, &self.core.config).ok();
        let other = other.and_then(|session| session.setback);
        if let (Some(setback), Some(other)) = (&mut session.setback, other) {
            setback.lost_at = setback.lost_at.or(other.lost_at);
        }
        let _ = self.store(&session, &Unsaved::Refreshed(text)).await;
    }

    /// Takes over what another tab or process has made of the session, and returns the text that is stored.
    ///
    /// A storage that cannot be read leaves the session as it is known here, and the text as it was seen last: what
    /// somebody else has made of it meanwhile is not overwritten. What is damaged is nobody's, and found as nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Expired`] when it was ended there, [`Error::Protocol`] when a newer version of this library keeps it.
    pub(super) async fn adopt(&self) -> Result<Found, Error> {
        let session = self.core.lifecycle.borrow().session().cloned();
        if let Some(session) = session
            && self.is_over(&session).await
        {
            self.end(Reason::LoggedOut);
            self.remove().await?;
            return Err(Error::Expired);
        }
        let Some(sessions) = &self.core.sessions else {
            return Ok(Found::Nothing);
        };
        match sessions.get(&self.key()).await {
            Ok(Some(text)) => match Session::from_text(&text, &self.core.config) {
                Ok(mut session) => {
                    let is_new = self.identity().as_deref() != Some(&session.identity);
                    // A setback that the storage did not take is borne in mind here.
                    if let Some(held) = self.core.lifecycle.borrow().session()
                        && held.is_same(&session)
                        && session.setback.is_none()
                    {
                        session.setback = held.setback.clone();
                    }
                    self.core.time.assume(session.skew, self.clock());
                    self.core.lifecycle.borrow_mut().hold(session);
                    self.core.stored_text.replace(Some(text.clone()));
                    if is_new {
                        self.notify();
                    }
                    Ok(Found::Text(text))
                }
                // A newer version has taken over, and with it the refresh token.
                Err(error @ StoredError::Version { .. }) => Err(error.into()),
                Err(_) => Ok(Found::Nothing),
            },
            Ok(None) => {
                // Where it has ended here already, it is known why.
                if self.identity().is_some() {
                    self.end(Reason::LoggedOut);
                }
                Err(Error::Expired)
            }
            Err(PortError::Stored(error @ StoredError::Version { .. })) => Err(error.into()),
            Err(PortError::Stored(_)) => Ok(Found::Nothing),
            Err(_) => Ok(match self.core.stored_text.borrow().clone() {
                Some(text) => Found::Text(text),
                None => Found::Nothing,
            }),
        }
    }

    /// Forgets the session in this client alone.
    pub(super) fn end(&self, reason: Reason) -> Option<Session> {
        let session = self.core.lifecycle.borrow_mut().end(reason);
        self.core.ends.update(|ends| ends + 1);
        self.core.stored_text.take();
        self.core.unsaved.take();
        if session.is_some() {
            self.notify();
        }
        session
    }

    /// Removes what is stored of the session.
    pub(super) async fn remove(&self) -> Result<(), Error> {
        match &self.core.sessions {
            Some(sessions) => Ok(sessions.remove(&self.key()).await?),
            None => Ok(()),
        }
    }

    /// Whether other tabs or processes find the session where this client does.
    pub(super) fn is_shared(&self) -> bool {
        let sessions = self.core.sessions.as_ref();
        sessions.is_some_and(|sessions| Rc::ptr_eq(sessions, &self.core.platform.local_storage))
    }

    /// Whether somebody has logged out since `session` began, in a tab that keeps another one. What cannot be told ends
    /// nothing.
    async fn is_over(&self, session: &Session) -> bool {
        let is_known = |generation: &Option<String>| generation.as_deref() != Some(UNKNOWN);
        let now = self.generation().await;
        is_known(&now) && is_known(&session.generation) && now != session.generation
    }

    /// What the logouts of this machine have come to, for sessions that each tab keeps to itself: a tab that sleeps,
    /// or is opened again later, sees by it that somebody has logged out meanwhile.
    pub(super) async fn generation(&self) -> Option<String> {
        if self.is_shared() {
            return None;
        }
        let storage = &self.core.platform.local_storage;
        let generation = storage.get(&self.generation_key()).await;
        generation.unwrap_or_else(|_| Some(UNKNOWN.to_owned()))
    }

    /// Ends the sessions that other tabs keep to themselves.
    pub(super) async fn next_generation(&self) {
        if self.is_shared() {
            return;
        }
        let mut bytes = [0; 32];
        if self.core.platform.entropy.fill(&mut bytes).is_ok() {
            let text = base64url(&bytes);
            let storage = &self.core.platform.local_storage;
            // A browser that withholds it has no tabs that share anything.
            let _ = storage.set(&self.generation_key(), &text).await;
        }
    }

    pub(super) fn key(&self) -> String {
        Session::key(&self.core.config)
    }

    fn generation_key(&self) -> String {
        Session::generation_key(&self.core.config)
    }
}

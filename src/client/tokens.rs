//! Access tokens without the user: a held one if it will do, else one request for all who wait.

use std::rc::Rc;

use futures_channel::mpsc::unbounded;
use futures_util::future::{LocalBoxFuture, Shared};
use futures_util::{FutureExt, StreamExt};

use super::Client;
use crate::error::{Error, ProtocolError};
use crate::lifecycle::{Need, Step};
use crate::oidc::ErrorCode;
use crate::options::{CacheMode, LoginOptions, TokenDetails, TokenOptions};
use crate::port::PortError;
use crate::scope::Scope;
use crate::secret::AccessToken;
use crate::session::HeldToken;

/// A refresh under way, for all who wait for it. It is polled by whoever waits: the one who began it may give up, and
/// whoever [watches](Client::watch), or the next to ask, goes on with it where it stands.
#[derive(Clone)]
pub(super) struct Flight {
    need: Need,
    landed: Shared<LocalBoxFuture<'static, Result<(), Error>>>,
}

impl Client {
    /// Returns an access token without asking the user: a held one if it covers the request, else by one refresh.
    ///
    /// However many ask at once, in however many tabs or processes that share the session, one request is sent. A token
    /// that is near its end is handed out while the provider cannot be reached.
    ///
    /// # Errors
    ///
    /// [`Error::Expired`] when only a login helps: nobody is signed in, no held token covers the request and there is no
    /// refresh token, or the provider has ended it. [`Error::Refused`] with the code `consent_required` when the login did
    /// not ask for the scope or audience: ask for it in [`LoginOptions`]; with `mfa_required` when
    /// the provider wants another factor; with `not_held` when [`CacheMode::Only`] found nothing. [`Error::Network`] when
    /// waiting may help; the session goes on.
    ///
    /// # Examples
    ///
    /// ```
    /// use dioxus_auth0::client::Client;
    /// use dioxus_auth0::{Error, TokenOptions};
    ///
    /// async fn orders_token(client: &Client) -> Result<String, Error> {
    ///     let token = client.access_token(&TokenOptions::scope("read:orders")).await?;
    ///     Ok(token.expose().to_owned())
    /// }
    /// ```
    #[doc(alias = "getTokenSilently")]
    pub async fn access_token(&self, options: &TokenOptions) -> Result<AccessToken, Error> {
        let token = self.held_or_new(options).await?;
        Ok(token.access_token.clone())
    }

    /// Returns an access token as [`access_token`](Self::access_token) does, with what is known of it.
    ///
    /// # Errors
    ///
    /// Those of [`access_token`](Self::access_token).
    pub async fn access_token_detailed(
        &self,
        options: &TokenOptions,
    ) -> Result<TokenDetails, Error> {
        let token = self.held_or_new(options).await?;
        Ok(self.details(&token))
    }

    pub(super) fn details(&self, token: &HeldToken) -> TokenDetails {
        TokenDetails {
            access_token: token.access_token.clone(),
            token_type: token.token_type,
            expires_in: token.expires_at.since(self.now()),
            scope: token.granted.clone(),
            audience: token.audience.clone(),
        }
    }

    pub(super) fn need(&self, options: &TokenOptions) -> Need {
        let config = &self.core.config;
        let scope = match options.scope.as_deref() {
            Some(wanted) => config.scope.union(&Scope::parse(wanted)),
            None => config.scope.clone(),
        };
        Need {
            audience: options.audience.clone().or_else(|| config.audience.clone()),
            scope,
            min_ttl: options.min_ttl,
            cache: options.cache,
            is_asked: true,
        }
    }

    pub(super) async fn held_or_new(&self, options: &TokenOptions) -> Result<Rc<HeldToken>, Error> {
        self.check_organization(options)?;
        self.meet(&self.need(options)).await
    }

    /// Gets a token for what the client needs by itself. It leaves a refresh token alone that is in doubt.
    pub(super) async fn renew_unasked(&self, cache: CacheMode) -> Result<(), Error> {
        let need = Need {
            cache,
            is_asked: false,
            ..self.need(&TokenOptions::default())
        };
        self.meet(&need).await.map(drop)
    }

    async fn meet(&self, need: &Need) -> Result<Rc<HeldToken>, Error> {
        if self.is_saved()
            && let Step::Use(token) = self.step(need)
        {
            return Ok(token);
        }
        if need.cache == CacheMode::Only {
            return match self.step(need) {
                Step::Use(token) => Ok(token),
                _ => Err(not_held()),
            };
        }
        let asked_by = self.sub().ok_or(Error::Expired)?;
        let before = self.newest(need);
        let landed = self.fly(need).await;
        let landed = self.heard(landed);
        // Somebody else may have logged in meanwhile, in another tab or window: their token is not for this caller.
        if self.sub().as_ref() != Some(&asked_by) {
            return Err(landed.err().unwrap_or(Error::Expired));
        }
        match landed {
            Ok(()) => self.newest(need).ok_or(Error::Expired),
            Err(error) if may_pass(&error) => {
                let token = self.core.lifecycle.borrow().last_resort(need, self.now());
                token.ok_or(error)
            }
            Err(Error::Expired) => {
                // A login of the same user that came meanwhile has brought one, which is new to this caller.
                let held = Need {
                    cache: CacheMode::Only,
                    ..need.clone()
                };
                match self.step(&held) {
                    Step::Use(token) if Some(&token) != before.as_ref() => Ok(token),
                    _ => Err(Error::Expired),
                }
            }
            Err(error) => Err(error),
        }
    }

    pub(super) fn step(&self, need: &Need) -> Step {
        let lifecycle = self.core.lifecycle.borrow();
        lifecycle.step(need, self.core.config.use_mrrt, self.now())
    }

    /// The token that a refresh for `need` has brought, however short its life is.
    pub(super) fn newest(&self, need: &Need) -> Option<Rc<HeldToken>> {
        let lifecycle = self.core.lifecycle.borrow();
        let token = lifecycle
            .session()?
            .held(need.audience.as_deref(), &need.scope)?;
        Some(token.clone())
    }

    /// Waits for the refresh under way, and for one of its own if that did not help.
    async fn fly(&self, need: &Need) -> Result<(), Error> {
        loop {
            let ahead = self.flight.borrow().clone();
            let has_joined = ahead.is_some();
            let is_mine = ahead.as_ref().is_none_or(|flight| flight.need == *need);
            let flight = ahead.unwrap_or_else(|| self.take_off(need));
            let landed = flight.landed.clone().await;
            self.clear(&flight);
            match landed {
                // It was begun for a session that has another in its place by now.
                Err(Error::Expired) if has_joined && self.identity().is_some() => {}
                // Whoever waited while a server did not answer has waited enough, and so has the server.
                Err(error) if is_mine || error.is_network() => return Err(error),
                Ok(()) if is_mine => return Ok(()),
                _ if matches!(self.step(need), Step::Use(_)) => return Ok(()),
                _ => {}
            }
        }
    }

    fn take_off(&self, need: &Need) -> Flight {
        // The flight holds a client that has no flights, or nobody would ever let go of either.
        let client = Self {
            core: self.core.clone(),
            flight: Rc::default(),
        };
        let asked = need.clone();
        let work = async move {
            let renewed = client.renew(&asked).await;
            client.core.lifecycle.borrow_mut().set_refreshing(false);
            renewed
        };
        self.core.lifecycle.borrow_mut().set_refreshing(true);
        let flight = Flight {
            need: need.clone(),
            landed: work.boxed_local().shared(),
        };
        self.flight.replace(Some(flight.clone()));
        let mut companions = self.core.companions.borrow_mut();
        companions.retain(|sender| sender.unbounded_send(()).is_ok());
        flight
    }

    /// Goes on with every refresh that is begun from now on, so that it ends when its caller gives it up: until then it
    /// keeps other tabs and processes out.
    pub(super) async fn accompany(&self) {
        let (sender, mut begun) = unbounded();
        self.core.companions.borrow_mut().push(sender);
        while let Some(()) = begun.next().await {
            let flight = self.flight.borrow().clone();
            if let Some(flight) = flight {
                // Whoever needs the token hears why there is none.
                let _ = flight.landed.clone().await;
                self.clear(&flight);
            }
        }
    }

    /// Makes way for the next refresh.
    fn clear(&self, flight: &Flight) {
        let mut current = self.flight.borrow_mut();
        current.take_if(|current| current.landed.ptr_eq(&flight.landed));
    }

    fn check_organization(&self, options: &TokenOptions) -> Result<(), Error> {
        let Some(organization) = &options.organization else {
            return Ok(());
        };
        let lifecycle = self.core.lifecycle.borrow();
        let session = lifecycle.session().ok_or(Error::Expired)?;
        match session.is_of(organization) {
            true => Ok(()),
            false => Err(Error::refused(
                ErrorCode::new("login_required"),
                Some("the session is of another organization".to_owned()),
                None,
            )),
        }
    }

    pub(super) fn sub(&self) -> Option<String> {
        let identity = self.identity()?;
        Some(identity.user().sub().to_owned())
    }

    /// Asks for what a token of `options` needs, as a login does.
    pub(super) fn login_for(options: &TokenOptions) -> LoginOptions {
        LoginOptions {
            audience: options.audience.clone(),
            scope: options.scope.clone(),
            organization: options.organization.clone(),
            ..LoginOptions::default()
        }
    }
}

/// Whether the provider may give a token the next time: it was not reached, or what it answered cannot be read.
fn may_pass(error: &Error) -> bool {
    matches!(
        error,
        Error::Network(_)
            | Error::Platform(PortError::TooLarge { .. })
            | Error::Protocol(ProtocolError::Token(_))
    )
}

fn not_held() -> Error {
    Error::refused(
        ErrorCode::new("not_held"),
        Some("no held token covers the request, and nothing may be sent".to_owned()),
        None,
    )
}

//! Logins beside the page: in a popup, and in a frame that nobody sees.

use std::time::Duration;

use super::Client;
use super::login::{Leaving, Outcome};
use crate::error::Error;
use crate::lifecycle::Need;
use crate::options::{LoginOptions, TokenOptions};
use crate::port::{Beside, Departure, PortError, Trip};
use crate::secret::AccessToken;
use crate::session::Asked;
use crate::transaction::Transaction;

/// How long a popup waits for its user.
pub const POPUP_PATIENCE: Duration = Duration::from_secs(300);

/// How long a frame waits for a provider that asks nobody.
pub const FRAME_PATIENCE: Duration = Duration::from_secs(10);

impl Client {
    /// Takes the user to the provider's login page in a popup, which opens in this very call: call it while a click is
    /// handled.
    ///
    /// # Errors
    ///
    /// Those of [`login`](Self::login), and: [`Error::Platform`] with the code `popup_open` when the browser opens none;
    /// [`Error::Cancelled`] when the user closes it; [`Error::TimedOut`] after [`POPUP_PATIENCE`].
    #[doc(alias = "loginWithPopup")]
    pub fn login_with_popup(
        &self,
        options: LoginOptions,
    ) -> impl Future<Output = Result<Outcome, Error>> + use<> {
        let opened = self.open(Beside::Popup, POPUP_PATIENCE);
        let client = self.clone();
        async move {
            let leaving = client.leave_beside(opened, options).await?;
            match client.travel(leaving).await? {
                Some(url) => Ok(client.callback(&url).await),
                None => Err(Error::Cancelled),
            }
        }
    }

    /// Asks the user for what a token of `options` needs, in a popup, and returns the token: the way forward when
    /// [`access_token`](Self::access_token) says `consent_required`, `login_required` or `mfa_required`.
    ///
    /// # Errors
    ///
    /// Those of [`login_with_popup`](Self::login_with_popup) and [`access_token`](Self::access_token).
    #[doc(alias = "getTokenWithPopup")]
    pub fn access_token_with_popup(
        &self,
        options: TokenOptions,
    ) -> impl Future<Output = Result<AccessToken, Error>> + use<> {
        let login = self.login_with_popup(Self::login_for(&options));
        let client = self.clone();
        async move {
            let outcome = login.await?;
            match outcome.trouble {
                Some(error) => Err(error),
                None => client.access_token(&options).await,
            }
        }
    }

    /// Asks a provider that knows the user already, in a frame that nobody sees, and begins a session if it does.
    ///
    /// It works where browsers let the provider have its cookies in a frame: on the same site as the app.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] with the code `login_required`, `consent_required` or `interaction_required` when the provider
    /// has to ask the user; [`Error::TimedOut`] when nothing comes back, as when its pages refuse to be framed.
    #[doc(alias = "checkSession")]
    pub async fn log_in_silently(&self, options: LoginOptions) -> Result<(), Error> {
        let opened = self.open(Beside::Frame, FRAME_PATIENCE);
        let options = LoginOptions {
            prompt: Some("none".to_owned()),
            ..options
        };
        let leaving = self.leave_beside(opened, options).await?;
        let url = self.travel(leaving).await?.ok_or(Error::Cancelled)?;
        let transaction = self.pending(&url).await?;
        let traded = self.trade(&url, transaction).await;
        self.begin(self.heard(traded)?).await
    }

    /// Says whether the configuration allows to [log in silently](Self::log_in_silently) at the start of the app.
    pub fn may_log_in_silently(&self) -> bool {
        self.core.config.use_frame
    }

    /// Gets a token for `need` in a frame, if the configuration allows that.
    pub(super) async fn silently(&self, need: &Need) -> Option<Result<(), Error>> {
        match self.core.config.use_frame {
            true => Some(self.ask_frame(need).await),
            false => None,
        }
    }

    async fn ask_frame(&self, need: &Need) -> Result<(), Error> {
        let session = self.core.lifecycle.borrow().session().cloned();
        let session = session.ok_or(Error::Expired)?;
        let options = LoginOptions {
            audience: need.audience.clone(),
            scope: Some(need.scope.to_string()),
            prompt: Some("none".to_owned()),
            ..LoginOptions::default()
        };
        let opened = self.open(Beside::Frame, FRAME_PATIENCE);
        let leaving = self.leave_beside(opened, options).await?;
        let url = self.travel(leaving).await?.ok_or(Error::Cancelled)?;
        let transaction = self.pending(&url).await?;
        let traded = self.trade(&url, transaction).await?;
        if traded.claims.sub() != session.identity.user().sub() {
            // Somebody else has logged in at the provider since; they are not who asks here.
            return Err(Error::Expired);
        }
        if !self.is_current(&session) {
            return Err(Error::Expired);
        }
        let asked = Asked {
            audience: traded.audience.as_deref(),
            scope: &traded.scope,
            now: self.now(),
        };
        let verified = Some((traded.claims, traded.id_token));
        let session = session.refreshed(verified, traded.answer, &asked);
        self.replace(session).await
    }

    fn open(&self, place: Beside, patience: Duration) -> Result<Box<dyn Departure>, PortError> {
        let navigator = &self.core.platform.navigator;
        navigator.beside(place, self.way_back(), patience)
    }

    async fn leave_beside(
        &self,
        opened: Result<Box<dyn Departure>, PortError>,
        options: LoginOptions,
    ) -> Result<Leaving, Error> {
        let departure = opened?;
        let provider = self.heard(self.provider().await)?;
        self.leave_by(departure, &provider, options).await
    }

    /// Goes there and back. No answer means that the user closed the popup.
    async fn travel(&self, leaving: Leaving) -> Result<Option<url::Url>, Error> {
        let (trip, state) = leaving.go();
        match trip.await {
            Ok(Trip::Back(url)) => Ok(Some(url)),
            other => {
                let storage = &*self.core.platform.session_storage;
                let _ = Transaction::forget(storage, &state).await;
                other.map(|_| None).map_err(Error::from)
            }
        }
    }
}

//! The login that works anywhere: the user confirms it on another device
//! ([RFC 8628](https://www.rfc-editor.org/rfc/rfc8628)).

use std::pin::pin;

use futures_util::future::{self, Either};
use url::Url;

use super::check::IdTokenExpected;
use super::{Client, Outcome, host_of};
use crate::auth::AuthState;
use crate::config::ConfigError;
use crate::error::{Error, NetworkError, ProtocolError};
use crate::json::JsonError;
use crate::oidc::device::Heard;
use crate::oidc::{
    AnswerError, DeviceAnswer, DeviceAuthorization, DeviceError, DevicePoll, ErrorCode, Schedule,
    TokenAnswer, Verdict,
};
use crate::options::LoginOptions;
use crate::port::PortError;
use crate::scope::Scope;

/// A login that waits for its user to confirm it on another device.
pub struct DeviceLogin {
    client: Client,
    answer: DeviceAnswer,
    audience: Option<String>,
    scope: Scope,
}

impl Client {
    /// Begins a login that the user confirms on another device: show them the code and where to type it.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] when the provider has no such endpoint, [`Error::Refused`] when the client is not registered for
    /// it, [`Error::Network`] when the provider cannot be reached.
    ///
    /// # Examples
    ///
    /// ```
    /// use dioxus_auth0::client::Client;
    /// use dioxus_auth0::{Error, LoginOptions};
    ///
    /// async fn log_in(client: &Client) -> Result<(), Error> {
    ///     let login = client.login_with_device(LoginOptions::default()).await?;
    ///     # let print = |_: String| {};
    ///     print(format!("Open {} and type {}", login.verification_uri(), login.user_code()));
    ///     login.finish(std::future::pending()).await?;
    ///     Ok(())
    /// }
    /// ```
    pub async fn login_with_device(&self, options: LoginOptions) -> Result<DeviceLogin, Error> {
        let provider = self.heard(self.provider().await)?;
        let endpoint = provider.metadata.device_authorization_endpoint.as_ref();
        let endpoint = endpoint.ok_or(ConfigError::NoEndpoint {
            name: "device_authorization_endpoint",
        })?;
        let wanted = Scope::parse(options.scope.as_deref().unwrap_or_default());
        let config = &self.core.config;
        let scope = config.scope.union(&wanted);
        let audience = options.audience.or_else(|| config.audience.clone());
        let request = DeviceAuthorization {
            endpoint,
            client_id: &config.client_id,
            scope: &scope,
            audience: audience.as_deref(),
        };
        let answer = request.send(|request| self.ask(request)).await;
        let answer = answer.map_err(|error| device_error(&host_of(endpoint), error));
        Ok(DeviceLogin {
            client: self.clone(),
            answer: self.heard(answer)?,
            audience,
            scope,
        })
    }
}

impl DeviceLogin {
    /// Returns what the user types. It is for their eyes and for no log.
    pub fn user_code(&self) -> &str {
        self.answer.user_code.expose()
    }

    /// Returns where the user types it.
    pub fn verification_uri(&self) -> &Url {
        &self.answer.verification_uri
    }

    /// Returns the same with the code in it, to open at once or to show as a picture.
    pub fn verification_uri_complete(&self) -> Option<&Url> {
        self.answer.verification_uri_complete.as_ref()
    }

    /// Waits until the user has confirmed the login, and begins the session. When `cancelled` ends first, so does the
    /// login.
    ///
    /// # Errors
    ///
    /// [`Error::Cancelled`] when it was; [`Error::Refused`] with `access_denied` when the user said no;
    /// [`Error::TimedOut`] when the code ran out; and those of every login.
    pub async fn finish(self, cancelled: impl Future<Output = ()>) -> Result<Outcome, Error> {
        let answer = match future::select(pin!(cancelled), pin!(self.poll())).await {
            Either::Left(_) => return Err(Error::Cancelled),
            Either::Right((answer, _)) => answer?,
        };
        let Self {
            client,
            audience,
            scope,
            ..
        } = self;
        let provider = client.known_provider().await?;
        let organization = client.core.config.organization.clone();
        let expected = IdTokenExpected {
            organization: organization.as_deref(),
            ..IdTokenExpected::default()
        };
        let traded = client
            .check(answer, provider, &expected, audience, scope)
            .await;
        let begun = client.begin(client.heard(traded)?).await;
        client.outcome(begun)
    }

    async fn poll(&self) -> Result<TokenAnswer, Error> {
        let clock = self.client.clock();
        let begun = super::time::Mark::now(clock);
        let mut schedule = Schedule::from(&self.answer);
        let mut wait = schedule.first();
        while let Some(length) = wait {
            clock.sleep(length).await;
            let provider = self.client.known_provider().await?;
            let poll = DevicePoll {
                endpoint: &provider.metadata.token_endpoint,
                client_id: &self.client.core.config.client_id,
                device_code: &self.answer.device_code,
            };
            let polled = poll.send(|request| self.client.ask(request)).await;
            wait = match Heard::of(&polled) {
                Some(heard) => schedule.next(heard, begun.elapsed(clock)),
                None => match polled.map_err(|error| self.client.token_error(error, &provider))? {
                    Verdict::Done(answer) => return Ok(answer),
                    Verdict::Denied => {
                        return Err(Error::refused(ErrorCode::new("access_denied"), None, None));
                    }
                    _ => None,
                },
            };
        }
        Err(Error::TimedOut {
            seconds: self.answer.expires_in.as_secs(),
        })
    }
}

impl Client {
    /// What holds after a login that came back to this very process, whatever became of storing it.
    pub(super) fn outcome(&self, begun: Result<(), Error>) -> Result<Outcome, Error> {
        match (self.state(), begun) {
            (state @ AuthState::SignedIn(_), begun) => Ok(Outcome {
                state,
                return_to: "/".to_owned(),
                trouble: begun.err(),
            }),
            (_, begun) => Err(begun.err().unwrap_or(Error::Expired)),
        }
    }
}

fn device_error(host: &str, error: DeviceError<PortError>) -> Error {
    let host = host.to_owned();
    match error {
        DeviceError::Transport(error) => error.into(),
        DeviceError::Refused {
            status: status @ (429 | 500..),
            ..
        }
        | DeviceError::Malformed(AnswerError::Status(status)) => {
            Error::Network(NetworkError::Unavailable { host, status })
        }
        DeviceError::Refused {
            code,
            description,
            status,
        } => Error::refused(code, description, Some(status)),
        DeviceError::Malformed(
            AnswerError::ContentType { .. } | AnswerError::Json(JsonError::Html),
        ) => Error::Network(NetworkError::Intercepted { host }),
        other => Error::Protocol(ProtocolError::Endpoint {
            name: "device_authorization_endpoint",
            problem: other.to_string(),
        }),
    }
}

//! What the provider says of the user now.

use std::rc::Rc;

use super::store::Unsaved;
use super::{Client, host_of};
use crate::config::ConfigError;
use crate::error::{Error, NetworkError, ProtocolError};
use crate::json::JsonError;
use crate::oidc::{AnswerError, ErrorCode, UserinfoError, UserinfoRequest};
use crate::options::TokenOptions;
use crate::port::PortError;
use crate::session::{Identity, Session};
use crate::user::User;

impl Client {
    /// Asks the provider's userinfo endpoint who the user is now, and shows that from then on: after they have changed
    /// their name or confirmed their e-mail address, for instance.
    ///
    /// # Errors
    ///
    /// Those of [`access_token`](Self::access_token); [`Error::Config`] when the provider has no such endpoint;
    /// [`Error::Protocol`] when it speaks of somebody else, who is not shown. The session goes on in any case.
    #[doc(alias = "getUser")]
    pub async fn refresh_user(&self) -> Result<User, Error> {
        let provider = self.known_provider().await?;
        let Some(endpoint) = &provider.metadata.userinfo_endpoint else {
            return Err(ConfigError::NoEndpoint {
                name: "userinfo_endpoint",
            }
            .into());
        };
        let token = self.held_or_new(&TokenOptions::default()).await?;
        let session = self.core.lifecycle.borrow().session().cloned();
        let session = session.ok_or(Error::Expired)?;
        let request = UserinfoRequest {
            endpoint,
            access_token: &token.access_token,
            token_type: token.token_type,
            sub: session.identity.user().sub(),
        };
        let user = request
            .send(|request| self.ask_api(request, &token))
            .await
            .map_err(|error| userinfo_error(&host_of(endpoint), error));
        let user = self.heard(user)?;
        self.show(&user).await?;
        if self.identity().is_some_and(|it| *it.user() != user) {
            // Another tab has refreshed the session meanwhile, and that was taken over.
            self.show(&user).await?;
        }
        Ok(user)
    }

    /// Makes `user` the one that is shown, if they are still signed in.
    async fn show(&self, user: &User) -> Result<(), Error> {
        let mut session = match self.core.lifecycle.borrow().session() {
            Some(now) if now.identity.user().sub() == user.sub() => now.clone(),
            _ => return Err(Error::Expired),
        };
        let claims = session.identity.id_token_claims().clone();
        session.identity = Rc::new(Identity::with_user(claims, user.clone()));
        self.replace(session).await
    }

    /// Stores what has become of the session without a refresh. If somebody else has made something of it, that holds.
    pub(super) async fn replace(&self, session: Session) -> Result<(), Error> {
        let unsaved = match self.core.unsaved.take() {
            Some(unsaved) => unsaved,
            None => match self.core.stored_text.borrow().clone() {
                Some(text) => Unsaved::Refreshed(text),
                None => Unsaved::Begun,
            },
        };
        self.keep(session, unsaved).await
    }
}

fn userinfo_error(host: &str, error: UserinfoError<PortError>) -> Error {
    let host = host.to_owned();
    match error {
        UserinfoError::Transport(error) => error.into(),
        UserinfoError::InvalidToken { description } => {
            Error::refused(ErrorCode::new("invalid_token"), description, Some(401))
        }
        UserinfoError::Refused {
            code,
            description,
            status,
        } => Error::refused(code, description, Some(status)),
        UserinfoError::Busy { status, .. } => {
            Error::Network(NetworkError::Unavailable { host, status })
        }
        UserinfoError::Malformed(
            AnswerError::ContentType { .. } | AnswerError::Json(JsonError::Html),
        ) => Error::Network(NetworkError::Intercepted { host }),
        // A page does not see why.
        UserinfoError::Malformed(AnswerError::Status(401)) => {
            Error::refused(ErrorCode::new("invalid_token"), None, Some(401))
        }
        other => Error::Protocol(ProtocolError::Endpoint {
            name: "userinfo_endpoint",
            problem: other.to_string(),
        }),
    }
}

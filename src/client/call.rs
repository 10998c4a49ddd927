//! Calls to the protected API.

use serde_json::Value;

use super::Client;
use crate::api::{self, ApiRequest};
use crate::error::Error;
use crate::options::{CacheMode, TokenOptions};
use crate::port::{self, HttpResponse};
use crate::session::HeldToken;

impl Client {
    /// Calls the protected API with an access token and returns the JSON it answers.
    ///
    /// A token that the API does not take any more is replaced once. What comes when the user has logged out meanwhile, or
    /// is another one, is dropped.
    ///
    /// # Errors
    ///
    /// Those of [`access_token`](Self::access_token); [`Error::Refused`] for a status of 4xx;
    /// [`Error::Network`] for 429, 5xx, no answer, or one that is not the API's.
    pub async fn call(&self, request: &ApiRequest) -> Result<Value, Error> {
        let mut options = TokenOptions {
            audience: request.needed_audience().map(str::to_owned),
            scope: request.needed_scope().map(str::to_owned),
            ..TokenOptions::default()
        };
        let asked_by = self.sub();
        let token = self.held_or_new(&options).await?;
        let (mut host, mut answer) = self.call_with(request, &token).await?;
        if answer.status().as_u16() == 401 && self.has_refresh_token() {
            if self.sub() != asked_by {
                // Who is here now has not asked for this.
                return Err(Error::Expired);
            }
            let held = self.held_or_new(&options).await?;
            if held.access_token == token.access_token {
                options.cache = CacheMode::Off;
            }
            let token = self.held_or_new(&options).await?;
            if self.sub() != asked_by {
                return Err(Error::Expired);
            }
            (host, answer) = self.call_with(request, &token).await?;
        }
        if self.sub() != asked_by {
            return Err(Error::Expired);
        }
        self.heard(api::read(&host, &answer))
    }

    async fn call_with(
        &self,
        request: &ApiRequest,
        token: &HeldToken,
    ) -> Result<(String, HttpResponse), Error> {
        let config = &self.core.config;
        let request = request.write(config.api_url.as_ref(), token)?;
        let host = port::host(&request);
        let answer = self.ask_api(request, token).await;
        Ok((host, self.heard(answer.map_err(Error::from))?))
    }

    fn has_refresh_token(&self) -> bool {
        let lifecycle = self.core.lifecycle.borrow();
        let session = lifecycle.session();
        session.is_some_and(|session| session.refresh_token.is_some())
    }
}

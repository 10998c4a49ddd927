//! A whole login, from the button to the session.

use std::pin::pin;

use futures_util::future::{self, Either};

use super::MemoryProvider;
use super::exchange::others_first;
use crate::client::{Client, Outcome};
use crate::error::Error;
use crate::options::LoginOptions;
use crate::platform::memory::MemoryPlatform;

impl MemoryProvider {
    /// Logs the user `sub` in to `client`, which runs on `memory` and has this provider as its network.
    ///
    /// # Errors
    ///
    /// Those of [`Client::login`]. What goes wrong after the user is back is in the [`Outcome`].
    ///
    /// # Panics
    ///
    /// As [`authorize`](Self::authorize) does.
    pub async fn sign_in(
        &self,
        client: &Client,
        memory: &MemoryPlatform,
        sub: &str,
    ) -> Result<Outcome, Error> {
        self.sign_in_with(client, memory, sub, LoginOptions::default())
            .await
    }

    /// Logs the user `sub` in with `options`, as [`sign_in`](Self::sign_in) does.
    ///
    /// # Errors
    ///
    /// Those of [`sign_in`](Self::sign_in).
    ///
    /// # Panics
    ///
    /// As [`authorize`](Self::authorize) does.
    pub async fn sign_in_with(
        &self,
        client: &Client,
        memory: &MemoryPlatform,
        sub: &str,
        options: LoginOptions,
    ) -> Result<Outcome, Error> {
        let login = pin!(client.login(options));
        // Where the app waits for the user, the login ends only when they are back.
        let user = pin!(self.comes_back(memory, sub));
        let gone = match future::select(login, user).await {
            Either::Left((gone, _)) => gone?,
            Either::Right(((), login)) => login.await?,
        };
        if let Some(outcome) = gone {
            return Ok(outcome);
        }
        let departures = memory.navigator.departures();
        let departure = departures
            .last()
            .expect("a login that is gone has departed");
        Ok(client.callback(&self.authorize(departure, sub)).await)
    }

    async fn comes_back(&self, memory: &MemoryPlatform, sub: &str) {
        while !memory.navigator.is_waiting() {
            others_first().await;
        }
        let departures = memory.navigator.departures();
        let departure = departures
            .last()
            .expect("whoever is waited for has departed");
        let is_back = memory.navigator.visit(self.authorize(departure, sub));
        assert!(is_back, "the answer bears the state that is waited for");
    }
}

//! What views see of the login: the state, the handle, and the [provider component](Auth0Provider) that makes both.

mod provider;
mod use_api;

use std::rc::Rc;

use dioxus::prelude::*;
use serde_json::Value;
use url::Url;

use crate::api::ApiRequest;
use crate::client::Client;
use crate::error::Error;
use crate::options::{LoginOptions, LogoutOptions, TokenDetails, TokenOptions};
use crate::port::{Task, Wait};
use crate::secret::AccessToken;
use crate::session::Identity;
use crate::user::{Claims, User};

use provider::detached;

pub use provider::{Auth0Provider, Auth0ProviderProps};
pub use use_api::{ApiCall, ApiState, use_api, use_api_as, use_api_with};

/// What is known about the user. Exactly one of these holds.
#[derive(Clone, Debug, PartialEq)]
pub enum AuthState {
    /// The stored session is being read, or an answer of the provider is being checked.
    Loading,
    /// Nobody is signed in.
    SignedOut(Reason),
    /// A user is signed in.
    SignedIn(Rc<Identity>),
    /// Signing in failed. Nobody is signed in.
    Failed(Error),
}

/// Why nobody is signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Nobody was.
    Fresh,
    /// The user logged out, or the session was ended in another tab or window.
    LoggedOut,
    /// The session's last token ran out.
    Expired,
    /// A login was begun in this tab and the user came back without an answer, by Back for instance.
    Unfinished,
}

/// What goes on beside the [state](AuthState), whoever is signed in. [`Notice`](crate::components::Notice) shows it.
#[derive(Clone, Debug, PartialEq)]
pub enum Aside {
    /// Nothing.
    Nothing,
    /// The user is at the provider's login page, in a browser outside the app, and the app waits.
    Waiting {
        /// The address of that page, for a user whose browser did not open. It is for their eyes and for no log.
        url: Url,
        /// Whether the browser is in front of the app, as on a phone: the user sees the app only without it.
        is_in_front: bool,
    },
    /// The app waits for the user to confirm the login on another device.
    Code {
        /// What the user types there. It is for their eyes and for no log.
        user_code: String,
        /// Where they type it.
        verification_uri: Url,
        /// The same with the code in it, to open at once or to show as a picture.
        verification_uri_complete: Option<Url>,
    },
    /// The provider or the API could not be reached lately: what is shown of the user is what was known before.
    Offline,
    /// Something failed although a user is signed in.
    Trouble(Error),
}

/// What views know about the user, and can ask for.
///
/// The [client](crate::client::Client) stands behind the one that [`Auth0Provider`] makes;
/// [`MemoryAuth`](crate::platform::memory::MemoryAuth) is the double for tests and previews.
pub trait AuthContext {
    /// Returns the state, to read and to subscribe to.
    fn state(&self) -> ReadSignal<AuthState>;
    /// Returns what goes on beside the state, to read and to subscribe to.
    fn aside(&self) -> ReadSignal<Aside>;
    /// Shows what goes on beside the state, in place of anything else, and returns what ends when the user
    /// [dismisses](Self::dismiss) it.
    fn show(&self, aside: Aside) -> Wait;
    /// Gives up the login that waits, or takes note of the trouble: nothing goes on beside the state then.
    fn dismiss(&self);
    /// Takes the user to the provider's login page. On the web the page is left and the task may never end.
    fn login(&self, options: LoginOptions) -> Task<'static, (), Error>;
    /// Forgets the session, then ends it at the provider.
    fn logout(&self, options: LogoutOptions) -> Task<'static, (), Error>;
    /// Returns an access token without asking the user, with what is known of it.
    fn access_token(&self, options: TokenOptions) -> Task<'static, TokenDetails, Error>;
    /// Calls the protected API with an access token and returns the JSON it answers.
    fn call(&self, request: ApiRequest) -> Task<'static, Value, Error>;
    /// Returns the client behind it.
    fn client(&self) -> Result<Client, Error>;
}

/// The handle to the login, for any component below [`Auth0Provider`].
///
/// It is `Copy`: move it into as many event handlers as you like. Its readers subscribe the component that calls them.
#[derive(Clone, Copy)]
#[doc(alias = "Auth0ContextInterface")]
pub struct Auth0 {
    context: CopyValue<Rc<dyn AuthContext>>,
    state: ReadSignal<AuthState>,
}

impl PartialEq for Auth0 {
    fn eq(&self, other: &Self) -> bool {
        self.context == other.context
    }
}

impl Auth0 {
    /// Wraps `context`, whose signals the current component comes to own.
    pub fn new(context: Rc<dyn AuthContext>) -> Self {
        Self {
            state: context.state(),
            context: CopyValue::new(context),
        }
    }

    /// Returns the state.
    pub fn state(&self) -> AuthState {
        self.state.cloned()
    }

    /// Returns the user who is signed in.
    pub fn user(&self) -> Option<User> {
        match &*self.state.read() {
            AuthState::SignedIn(identity) => Some(identity.user().clone()),
            _ => None,
        }
    }

    /// Says whether a user is signed in.
    #[doc(alias = "isAuthenticated")]
    pub fn is_authenticated(&self) -> bool {
        matches!(&*self.state.read(), AuthState::SignedIn(_))
    }

    /// Says whether it is not yet known if a user is signed in.
    #[doc(alias = "isLoading")]
    pub fn is_loading(&self) -> bool {
        matches!(&*self.state.read(), AuthState::Loading)
    }

    /// Returns why signing in failed.
    pub fn error(&self) -> Option<Error> {
        match &*self.state.read() {
            AuthState::Failed(error) => Some(error.clone()),
            _ => None,
        }
    }

    /// Returns every claim of the verified ID token.
    #[doc(alias = "getIdTokenClaims")]
    pub fn id_token_claims(&self) -> Option<Claims> {
        match &*self.state.read() {
            AuthState::SignedIn(identity) => Some(identity.id_token_claims().clone()),
            _ => None,
        }
    }

    /// Takes the user to the provider's login page.
    ///
    /// # Errors
    ///
    /// [`Error::Network`] when the provider cannot be reached, [`Error::Config`] when the settings are wrong,
    /// [`Error::Platform`] when the browser withholds its storage. The state becomes [`AuthState::Failed`] too,
    /// unless a user is signed in.
    #[doc(alias = "loginWithRedirect")]
    pub fn login_with_redirect(&self, options: LoginOptions) -> Task<'static, (), Error> {
        self.context().login(options)
    }

    /// Returns what goes on beside the state: a login that waits for the user, or trouble.
    pub fn aside(&self) -> Aside {
        self.context().aside().cloned()
    }

    /// Gives up the login that waits, or takes note of the trouble.
    ///
    /// The task of a login that is given up ends with [`Error::Cancelled`]; the state is what it was before.
    pub fn dismiss(&self) {
        self.context().dismiss();
    }

    /// Forgets the session on this machine, then ends it at the provider.
    ///
    /// # Errors
    ///
    /// [`Error::Platform`] when the browser withholds its storage. The user is signed out all the same.
    pub fn logout(&self, options: LogoutOptions) -> Task<'static, (), Error> {
        self.context().logout(options)
    }

    /// Returns an access token without asking the user: a held one if it covers the request, else by one refresh.
    ///
    /// # Errors
    ///
    /// [`Error::Expired`] when only a login helps, [`Error::Network`] when waiting may, and whatever the provider
    /// [refuses](Error::Refused). The session outlives everything but a refresh token that the provider has ended.
    #[doc(alias = "getAccessTokenSilently")]
    pub fn access_token_silently(
        &self,
        options: TokenOptions,
    ) -> Task<'static, AccessToken, Error> {
        let token = self.context().access_token(options);
        Box::pin(async move { Ok(token.await?.access_token) })
    }

    /// Returns an access token as [`access_token_silently`](Self::access_token_silently) does, with what is known of it.
    ///
    /// # Errors
    ///
    /// Those of [`access_token_silently`](Self::access_token_silently).
    #[doc(alias = "detailedResponse")]
    pub fn access_token_detailed(
        &self,
        options: TokenOptions,
    ) -> Task<'static, TokenDetails, Error> {
        self.context().access_token(options)
    }

    /// Takes the user to the provider's login page in a popup, which opens in this very call: call it while a click is
    /// handled, such as in `onclick`.
    ///
    /// # Errors
    ///
    /// Those of [`Client::login_with_popup`].
    #[doc(alias = "loginWithPopup")]
    pub fn login_with_popup(&self, options: LoginOptions) -> Task<'static, (), Error> {
        let login = self.client().map(|client| client.login_with_popup(options));
        detached(Box::pin(async move { login?.await.map(drop) }))
    }

    /// Asks the user for what a token needs, in a popup, and returns the token.
    ///
    /// # Errors
    ///
    /// Those of [`Client::access_token_with_popup`].
    #[doc(alias = "getAccessTokenWithPopup")]
    pub fn access_token_with_popup(
        &self,
        options: TokenOptions,
    ) -> Task<'static, AccessToken, Error> {
        let token = self
            .client()
            .map(|client| client.access_token_with_popup(options));
        detached(Box::pin(async move { token?.await }))
    }

    /// Logs the user in by another device, and shows them meanwhile what to type there, as [`Aside::Code`].
    ///
    /// # Errors
    ///
    /// Those of [`Client::login_with_device`] and [`DeviceLogin::finish`](crate::client::DeviceLogin::finish).
    pub fn login_with_device(&self, options: LoginOptions) -> Task<'static, (), Error> {
        let context = self.context();
        detached(Box::pin(async move {
            let login = context.client()?.login_with_device(options).await?;
            let dismissed = context.show(Aside::Code {
                user_code: login.user_code().to_owned(),
                verification_uri: login.verification_uri().clone(),
                verification_uri_complete: login.verification_uri_complete().cloned(),
            });
            let finished = login.finish(dismissed).await;
            context.dismiss();
            finished.map(drop)
        }))
    }

    /// Asks the provider who the user is now, and shows that from then on.
    ///
    /// # Errors
    ///
    /// Those of [`Client::refresh_user`].
    pub fn refresh_user(&self) -> Task<'static, User, Error> {
        let client = self.client();
        detached(Box::pin(async move { client?.refresh_user().await }))
    }

    /// Returns the client behind this handle, for whatever the handle has no method of its own for, and for code outside
    /// of components. What it does is shown here.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] when the settings are wrong, and the [memory double](crate::platform::memory::MemoryAuth)'s
    /// [`Error::Platform`]: it has no client.
    #[doc(alias = "Auth0Client")]
    pub fn client(&self) -> Result<Client, Error> {
        self.context().client()
    }

    /// Calls the API that the configured audience names, with an access token, and returns the JSON it answers.
    ///
    /// # Errors
    ///
    /// Those of [`access_token_silently`](Self::access_token_silently), and [`Error::Refused`] with the API's own
    /// words for a status of 4xx.
    pub fn call(&self, request: ApiRequest) -> Task<'static, Value, Error> {
        self.context().call(request)
    }

    fn context(&self) -> Rc<dyn AuthContext> {
        self.context.read().clone()
    }
}

/// Returns the handle to the login.
///
/// # Panics
///
/// When no [`Auth0Provider`] stands above the component that calls it.
#[doc(alias = "useAuth0")]
pub fn use_auth0() -> Auth0 {
    use_hook(|| {
        try_consume_context::<Auth0>().expect(
            "use_auth0() needs an Auth0Provider above the component that calls it: wrap your root component in Auth0Provider { domain, client_id, .. }",
        )
    })
}

/// Gives `context` to everything below, in place of a client. For tests, previews and own implementations.
#[component]
pub fn AuthContextProvider(
    /// What to give: an `Rc` of any [`AuthContext`].
    #[props(into)]
    context: ContextHandle,
    /// The app, or the part of it to look at.
    children: Element,
) -> Element {
    use_context_provider(|| Auth0::new(context.0));
    children
}

/// An [`AuthContext`] as a property; two are equal when they are the same.
#[derive(Clone)]
pub struct ContextHandle(pub Rc<dyn AuthContext>);

impl PartialEq for ContextHandle {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl<C: AuthContext + 'static> From<Rc<C>> for ContextHandle {
    fn from(context: Rc<C>) -> Self {
        Self(context)
    }
}

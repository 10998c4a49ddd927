//! What views see of the login: the state, the handle, and the provider component that makes both.

use std::rc::Rc;

use dioxus::core::spawn_forever;
use dioxus::prelude::*;
use futures_channel::oneshot;
use serde_json::Value;

use crate::api::ApiRequest;
use crate::client::{Client, Outcome};
use crate::config::{CacheLocation, Config, Settings};
use crate::error::Error;
use crate::options::{LoginOptions, LogoutOptions, TokenOptions};
use crate::port::{Platform, Task};
use crate::secret::AccessToken;
use crate::session::Identity;
use crate::user::{Claims, User};

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
    /// The user logged out.
    LoggedOut,
    /// The session's last token ran out.
    Expired,
    /// A login was begun in this tab and the user came back without an answer, by Back for instance.
    Unfinished,
}

/// What views know about the user, and can ask for.
///
/// The [client](crate::client::Client) stands behind the one that [`Auth0Provider`] makes;
/// [`MemoryAuth`](crate::platform::memory::MemoryAuth) is the double for tests and previews.
pub trait AuthContext {
    /// Returns the state, to read and to subscribe to.
    fn state(&self) -> ReadSignal<AuthState>;
    /// Takes the user to the provider's login page. On the web the page is left and the task may never end.
    fn login(&self, options: LoginOptions) -> Task<'static, (), Error>;
    /// Forgets the session, then ends it at the provider.
    fn logout(&self, options: LogoutOptions) -> Task<'static, (), Error>;
    /// Returns an access token without asking the user.
    fn access_token(&self, options: TokenOptions) -> Task<'static, AccessToken, Error>;
    /// Calls the protected API with an access token and returns the JSON it answers.
    fn call(&self, request: ApiRequest) -> Task<'static, Value, Error>;
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
        self.context().access_token(options)
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

/// The properties of [`Auth0Provider`]. They are read once, when it first renders.
#[derive(Clone, PartialEq, Props)]
pub struct Auth0ProviderProps {
    /// The Auth0 domain, such as `example.eu.auth0.com`.
    #[props(into, default)]
    pub domain: Option<String>,
    /// The issuer of any OpenID provider, instead of a domain.
    #[props(into, default)]
    pub issuer: Option<String>,
    /// The client id.
    #[props(into)]
    pub client_id: String,
    /// The redirect URI, exactly as registered. By default the page's origin and base path.
    #[props(into, default)]
    pub redirect_uri: Option<String>,
    /// The API to get access tokens for.
    #[props(into, default)]
    pub audience: Option<String>,
    /// The scope, separated by spaces. It replaces the default `openid profile email`; `openid` is always asked for.
    #[props(into, default)]
    pub scope: Option<String>,
    /// The organization, by id or name, that users must belong to.
    #[props(into, default)]
    pub organization: Option<String>,
    /// Whether to ask for refresh tokens.
    #[props(default)]
    pub use_refresh_tokens: bool,
    /// The leeway granted to clocks, in seconds; 60 by default, and zero means zero.
    #[props(into, default)]
    pub leeway: Option<u64>,
    /// Where the session is kept; this tab by default.
    #[props(default)]
    pub cache: CacheLocation,
    /// What to show while the provider's answer is being checked, before the children exist.
    #[props(default = rsx! { p { role: "status", "data-state": "loading", "Signing you in…" } })]
    pub pending: Element,
    /// The app.
    pub children: Element,
}

/// Makes the login available to everything below it.
///
/// Place it above the router: it takes the provider's answer out of the address bar before any route is read, and
/// returns to the page the user asked for before its children first render.
///
/// A [`Platform`] in the context above replaces the machine's own.
///
/// # Examples
///
/// ```
/// use dioxus::prelude::*;
/// use dioxus_auth0::{Auth0Provider, LoginButton, use_auth0};
///
/// fn App() -> Element {
///     rsx! {
///         Auth0Provider { domain: "example.eu.auth0.com", client_id: "your-client-id", Greeting {} }
///     }
/// }
///
/// #[component]
/// fn Greeting() -> Element {
///     match use_auth0().user() {
///         Some(user) => rsx! { p { "Hello, {user.name().unwrap_or_default()}" } },
///         None => rsx! { LoginButton {} },
///     }
/// }
/// # let mut dom = VirtualDom::new(App);
/// # dom.rebuild_in_place();
/// # assert!(dioxus_ssr::render(&dom).contains("Log in"));
/// ```
#[component]
pub fn Auth0Provider(props: Auth0ProviderProps) -> Element {
    let is_ready = use_hook(|| mount(&props));
    if is_ready() {
        props.children
    } else {
        props.pending
    }
}

/// Starts the client in the scope of the provider, and says when the children may render.
fn mount(props: &Auth0ProviderProps) -> Signal<bool> {
    let mut is_ready = Signal::new(true);
    let mut state = Signal::new(AuthState::Loading);
    let platform = try_consume_context::<Platform>().unwrap_or_else(crate::platform::current);
    let config = Config::new(&settings(props));
    if cfg!(debug_assertions)
        && let Ok(config) = &config
        && let Some(advice) = config.advice()
    {
        crate::platform::page::warn(advice);
    }
    let client = config.map(|config| Rc::new(Client::new(config, platform)));
    let context = ClientContext {
        client: client.clone().map_err(Error::from),
        state,
    };
    provide_context(Auth0::new(Rc::new(context)));
    let client = match client {
        Ok(client) => client,
        Err(error) => {
            state.set(AuthState::Failed(error.into()));
            return is_ready;
        }
    };
    let Some(arrival) = client.arrival() else {
        spawn(async move {
            let restored = client.restore().await;
            state.set(restored);
            if matches!(&*state.peek(), AuthState::SignedOut(_))
                && let Err(error) = client.prepare().await
                && matches!(&*state.peek(), AuthState::SignedOut(_))
            {
                state.set(AuthState::Failed(error));
            }
        });
        return is_ready;
    };
    is_ready.set(false);
    spawn(async move {
        let Outcome {
            state: next,
            return_to,
        } = client.callback(&arrival).await;
        history().replace(return_to);
        state.set(next);
        is_ready.set(true);
    });
    is_ready
}

fn settings(props: &Auth0ProviderProps) -> Settings {
    Settings {
        domain: props.domain.clone(),
        issuer: props.issuer.clone(),
        client_id: props.client_id.clone(),
        redirect_uri: props.redirect_uri.clone(),
        audience: props.audience.clone(),
        scope: props.scope.clone(),
        organization: props.organization.clone(),
        use_refresh_tokens: props.use_refresh_tokens,
        leeway: props.leeway.map(std::time::Duration::from_secs),
        cache: props.cache,
    }
}

/// The client, with its state where views can see it.
#[derive(Clone)]
struct ClientContext {
    client: Result<Rc<Client>, Error>,
    state: Signal<AuthState>,
}

/// Runs `work` to its end even if the component that asked for it goes away.
fn detached<T: 'static>(work: Task<'static, T, Error>) -> Task<'static, T, Error> {
    let (sender, receiver) = oneshot::channel();
    spawn_forever(async move {
        // Nobody listens any more when the component that asked has gone away.
        let _ = sender.send(work.await);
    });
    Box::pin(async move { receiver.await.unwrap_or(Err(Error::Cancelled)) })
}

impl AuthContext for ClientContext {
    fn state(&self) -> ReadSignal<AuthState> {
        self.state.into()
    }

    fn login(&self, options: LoginOptions) -> Task<'static, (), Error> {
        let Self { client, mut state } = self.clone();
        detached(Box::pin(async move {
            match client?.login(options).await {
                Ok(None) => Ok(()),
                Ok(Some(outcome)) => {
                    history().replace(outcome.return_to);
                    state.set(outcome.state);
                    Ok(())
                }
                Err(error) => {
                    if !matches!(&*state.peek(), AuthState::SignedIn(_)) {
                        state.set(AuthState::Failed(error.clone()));
                    }
                    Err(error)
                }
            }
        }))
    }

    fn logout(&self, options: LogoutOptions) -> Task<'static, (), Error> {
        let Self { client, mut state } = self.clone();
        detached(Box::pin(async move {
            let client = client?;
            let (session, forgotten) = client.forget().await;
            state.set(AuthState::SignedOut(Reason::LoggedOut));
            client.end_session(session, options).await?;
            forgotten
        }))
    }

    fn access_token(&self, options: TokenOptions) -> Task<'static, AccessToken, Error> {
        let Self { client, mut state } = self.clone();
        detached(Box::pin(async move {
            let client = client?;
            let token = client.access_token(&options).await;
            follow(&client, &mut state);
            token
        }))
    }

    fn call(&self, request: ApiRequest) -> Task<'static, Value, Error> {
        let Self { client, mut state } = self.clone();
        detached(Box::pin(async move {
            let client = client?;
            let answer = client.call(&request).await;
            follow(&client, &mut state);
            answer
        }))
    }
}

/// Shows what a refresh has changed: the user's claims, or the end of the session.
fn follow(client: &Client, state: &mut Signal<AuthState>) {
    let next = match client.identity() {
        Some(identity) => AuthState::SignedIn(identity),
        None => AuthState::SignedOut(Reason::Expired),
    };
    let was_signed_in = matches!(&*state.peek(), AuthState::SignedIn(_));
    if was_signed_in && *state.peek() != next {
        state.set(next);
    }
}

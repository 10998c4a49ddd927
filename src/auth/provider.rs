//! The component that starts a client and shows its state to everything below.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use dioxus::core::spawn_forever;
use dioxus::prelude::*;
use dioxus::router::{NavigationTarget, root_router};
use futures_channel::oneshot;
use futures_util::{FutureExt, StreamExt, future};
use serde_json::Value;
use url::Url;

use super::{Aside, Auth0, AuthContext, AuthState, Reason};
use crate::api::ApiRequest;
use crate::client::{Client, Leaving, Outcome};
use crate::config::{CacheLocation, Config, Device, Settings};
use crate::error::Error;
use crate::options::{LoginOptions, LogoutOptions, TokenDetails, TokenOptions};
use crate::port::{Platform, Task, Wait};

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
    #[props(into, default)]
    pub client_id: String,
    /// The redirect URI, exactly as registered. By default the page's origin and base path, or a link that opens the app.
    #[props(into, default)]
    pub redirect_uri: Option<String>,
    /// The ports that a login comes back to on a desktop; [`LOOPBACK_PORTS`](crate::config::LOOPBACK_PORTS) by default.
    #[props(into, default)]
    pub loopback_ports: Option<Vec<u16>>,
    /// The API to get access tokens for.
    #[props(into, default)]
    pub audience: Option<String>,
    /// The scope, separated by spaces. It replaces the default `openid profile email`; `openid` is always asked for.
    #[props(into, default)]
    pub scope: Option<String>,
    /// The organization, by id or name, that users must belong to.
    #[props(into, default)]
    pub organization: Option<String>,
    /// Where the protected API is; by default at the URL that the audience is.
    #[props(into, default)]
    pub api_url: Option<String>,
    /// Whether to ask for refresh tokens.
    #[props(default)]
    pub use_refresh_tokens: bool,
    /// Whether the refresh token buys access tokens for other audiences too (Auth0's multi-resource refresh tokens).
    #[props(default)]
    pub use_mrrt: bool,
    /// Whether to bind tokens to a key of this machine ([RFC 9449](https://www.rfc-editor.org/rfc/rfc9449)).
    #[props(default)]
    pub use_dpop: bool,
    /// How long the provider takes a refresh token once more after it was rotated, in seconds; none by default.
    #[props(default)]
    pub refresh_token_overlap: u64,
    /// Whether to renew the access token before anybody asks, at 70 to 90 % of its life.
    #[props(default)]
    pub renew_ahead: bool,
    /// Whether to ask a provider that knows the user already by a hidden frame, where there is no refresh token.
    #[props(default)]
    pub use_frame: bool,
    /// The leeway granted to clocks, in seconds; 60 by default, and zero means zero.
    #[props(into, default)]
    pub leeway: Option<u64>,
    /// Where the session is kept; by default in this tab on the web, in a file elsewhere.
    #[props(default)]
    pub cache: CacheLocation,
    /// What a desktop or phone must know about the app to keep anything for it. A [`Platform`] in the context above
    /// knows it already.
    #[props(default)]
    pub device: Device,
    /// The client to use, instead of one that is made of the other properties: an app that needs it outside of
    /// components makes it and gives it here.
    #[props(default)]
    pub client: Option<Client>,
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
    // The root owns what detached work writes to, which may go on when this provider is gone.
    let mut state = Signal::new_in_scope(AuthState::Loading, ScopeId::ROOT);
    let aside = Signal::new_in_scope(Aside::Nothing, ScopeId::ROOT);
    let context = ClientContext {
        client: client(props),
        state,
        aside,
        waiting: Rc::default(),
    };
    provide_context(Auth0::new(Rc::new(context.clone())));
    let client = match context.client.clone() {
        Ok(client) => client,
        Err(error) => {
            state.set(AuthState::Failed(error));
            return is_ready;
        }
    };
    let arrival = client.arrival();
    is_ready.set(arrival.is_none() && !client.is_beside());
    if client.is_beside() {
        // The answer is the opener's, and so is everything else.
        return is_ready;
    }
    spawn(async move {
        match arrival {
            Some(url) => {
                let outcome = client.callback(&url).await;
                history().replace(outcome.return_to);
                context.settle(outcome.state, outcome.trouble);
                is_ready.set(true);
            }
            None => {
                // A link that started the app decides before anybody is sent to log in.
                let mut links = client.links();
                while let Some(link) = links.next().now_or_never().flatten() {
                    context.open(link).await;
                }
                drop(links);
                if *context.state.peek() == AuthState::Loading {
                    context.settle(start(&client).await, None);
                }
            }
        }
        context.follow().await;
    });
    is_ready
}

/// Takes the client that was given, or makes one.
fn client(props: &Auth0ProviderProps) -> Result<Client, Error> {
    let client = match &props.client {
        Some(client) => client.clone(),
        None => {
            let platform = try_consume_context::<Platform>()
                .unwrap_or_else(|| crate::platform::current(&props.device));
            Client::new(Config::new(&settings(props))?, platform)
        }
    };
    if cfg!(debug_assertions)
        && let Some(advice) = client.config().advice()
    {
        crate::platform::page::warn(advice);
    }
    Ok(client)
}

/// Finds out who is signed in; and when nobody is, whether the provider could be reached for a login.
async fn start(client: &Client) -> AuthState {
    let restored = client.restore().await;
    let AuthState::SignedOut(reason) = restored else {
        return restored;
    };
    if reason == Reason::Fresh && client.may_log_in_silently() {
        // Whoever is not known there logs in by hand, as they would without the attempt.
        let _ = client.log_in_silently(LoginOptions::default()).await;
        if let Some(identity) = client.identity() {
            return AuthState::SignedIn(identity);
        }
    }
    match client.prepare().await {
        Ok(()) => restored,
        Err(error) => AuthState::Failed(error),
    }
}

fn settings(props: &Auth0ProviderProps) -> Settings {
    Settings {
        domain: props.domain.clone(),
        issuer: props.issuer.clone(),
        client_id: props.client_id.clone(),
        redirect_uri: props.redirect_uri.clone(),
        loopback_ports: props.loopback_ports.clone(),
        audience: props.audience.clone(),
        scope: props.scope.clone(),
        organization: props.organization.clone(),
        api_url: props.api_url.clone(),
        use_refresh_tokens: props.use_refresh_tokens,
        use_mrrt: props.use_mrrt,
        use_dpop: props.use_dpop,
        refresh_token_overlap: Duration::from_secs(props.refresh_token_overlap),
        renew_ahead: props.renew_ahead,
        use_frame: props.use_frame,
        leeway: props.leeway.map(Duration::from_secs),
        cache: props.cache,
    }
}

/// The client, with its state where views can see it.
#[derive(Clone)]
struct ClientContext {
    client: Result<Client, Error>,
    state: Signal<AuthState>,
    aside: Signal<Aside>,
    /// Dropped to give up the login that waits.
    waiting: Rc<RefCell<Option<oneshot::Sender<()>>>>,
}

impl ClientContext {
    /// Leaves for the provider. On a machine that waits for the user, says so meanwhile.
    async fn travel(&mut self, options: LoginOptions) -> Result<Option<Outcome>, Error> {
        let client = self.client.clone()?;
        let (sender, given_up) = oneshot::channel();
        // Whatever waited before is given up, so that its way back is free.
        self.waiting.replace(Some(sender));
        let leaving: Leaving = client.leave(options).await?;
        let is_in_front = leaving.is_in_front();
        let waiting = leaving.waits_at().map(|url| Aside::Waiting {
            url: url.clone(),
            is_in_front,
        });
        if let Some(waiting) = waiting.clone() {
            self.aside.set(waiting);
        }
        let outcome = client.finish(leaving, given_up.map(|_| ())).await;
        // A later login may be waiting by now.
        if waiting.is_some_and(|waiting| waiting == *self.aside.peek()) {
            self.aside.set(Aside::Nothing);
        }
        outcome
    }

    /// Shows where an error leaves the user.
    fn fail(&mut self, error: &Error) {
        let before = self.state.peek().clone();
        match (error, before) {
            // A logout gives up the login that waits, and is what counts.
            (
                Error::Cancelled,
                AuthState::SignedIn(_) | AuthState::SignedOut(Reason::LoggedOut),
            ) => {}
            (Error::Cancelled, _) => self.state.set(AuthState::SignedOut(Reason::Unfinished)),
            (error, AuthState::SignedIn(_)) => self.aside.set(Aside::Trouble(error.clone())),
            (error, _) => self.state.set(AuthState::Failed(error.clone())),
        }
    }

    /// Shows where the client stands when it has started. A login may have come first.
    fn settle(&self, found: AuthState, trouble: Option<Error>) {
        let Self {
            mut state,
            mut aside,
            ..
        } = *self;
        if *state.peek() == AuthState::Loading {
            state.set(found);
        }
        if let Some(error) = trouble {
            aside.set(Aside::Trouble(error));
        }
    }

    /// Shows whatever becomes of the session, here and elsewhere. It never ends.
    async fn follow(&self) {
        let Ok(client) = self.client.clone() else {
            return;
        };
        let changes = client.changes();
        self.reflect();
        let reflecting = changes.for_each(|()| async { self.reflect() });
        let links = client.links();
        let opening = links.for_each(async |link| self.open(link).await);
        future::join3(client.watch(), reflecting, opening).await;
    }

    /// Takes a link that the app was opened with, and shows what has come of it, if anything.
    async fn open(&self, link: Url) {
        let mut context = self.clone();
        let opened = detached(Box::pin(async move {
            let client = context.client.clone()?;
            let was_signed_in = client.identity().is_some();
            if let Some(outcome) = client.open_link(&link).await {
                if !was_signed_in && client.identity().is_some() {
                    // Another login that waits was for the same.
                    context.waiting.take();
                }
                context.come_back(outcome);
            }
            Ok(())
        }));
        // Without a client there is nobody who opens anything.
        let _ = opened.await;
    }

    /// Shows what a login has led to.
    fn come_back(&mut self, outcome: Outcome) {
        show(outcome.return_to);
        self.state.set(outcome.state);
        if let Some(error) = outcome.trouble {
            self.fail(&error);
        }
    }

    /// Shows what the client knows now: a session that was renewed, was ended, or began; and whether it is offline.
    fn reflect(&self) {
        let Self {
            client: Ok(client),
            mut state,
            mut aside,
            ..
        } = self.clone()
        else {
            return;
        };
        let before = state.peek().clone();
        let next = match (client.identity(), &before) {
            (Some(identity), _) => AuthState::SignedIn(identity),
            (None, AuthState::SignedIn(_)) => AuthState::SignedOut(client.reason()),
            (None, _) => before.clone(),
        };
        if next != before {
            state.set(next);
        }
        let is_offline = client.is_offline() && client.identity().is_some();
        let shown = aside.peek().clone();
        match (is_offline, shown) {
            (true, Aside::Nothing) => aside.set(Aside::Offline),
            (false, Aside::Offline) => aside.set(Aside::Nothing),
            _ => {}
        }
    }
}

/// Runs `work` to its end even if the component that asked for it goes away.
pub(super) fn detached<T: 'static>(work: Task<'static, T, Error>) -> Task<'static, T, Error> {
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

    fn aside(&self) -> ReadSignal<Aside> {
        self.aside.into()
    }

    fn show(&self, shown: Aside) -> Wait {
        let mut aside = self.aside;
        let (sender, dismissed) = oneshot::channel();
        self.waiting.replace(Some(sender));
        aside.set(shown);
        Box::pin(dismissed.map(drop))
    }

    fn dismiss(&self) {
        let mut aside = self.aside;
        self.waiting.take();
        aside.set(Aside::Nothing);
        // Whoever has read of the trouble may still be without a network.
        self.reflect();
    }

    fn login(&self, options: LoginOptions) -> Task<'static, (), Error> {
        let mut context = self.clone();
        detached(Box::pin(async move {
            match context.travel(options).await {
                Ok(None) => Ok(()),
                Ok(Some(outcome)) => {
                    context.come_back(outcome);
                    Ok(())
                }
                Err(error) => {
                    context.fail(&error);
                    Err(error)
                }
            }
        }))
    }

    fn logout(&self, options: LogoutOptions) -> Task<'static, (), Error> {
        let context = self.clone();
        self.dismiss();
        detached(Box::pin(async move {
            let mut state = context.state;
            let client = context.client?;
            let (session, forgotten) = client.forget().await;
            state.set(AuthState::SignedOut(Reason::LoggedOut));
            client.end_session(session, options).await?;
            forgotten
        }))
    }

    fn access_token(&self, options: TokenOptions) -> Task<'static, TokenDetails, Error> {
        let context = self.clone();
        detached(Box::pin(async move {
            let client = context.client.clone()?;
            let token = client.access_token_detailed(&options).await;
            context.reflect();
            token
        }))
    }

    fn call(&self, request: ApiRequest) -> Task<'static, Value, Error> {
        let context = self.clone();
        detached(Box::pin(async move {
            let client = context.client.clone()?;
            let answer = client.call(&request).await;
            context.reflect();
            answer
        }))
    }

    fn client(&self) -> Result<Client, Error> {
        self.client.clone()
    }
}

/// Shows the page at `path`, below a provider whose children are there already.
fn show(path: String) {
    match root_router() {
        Some(router) => drop(router.replace(NavigationTarget::<String>::Internal(path))),
        None => history().replace(path),
    }
}

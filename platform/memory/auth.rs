//! A login without a provider, for tests and previews of components.

use std::cell::{OnceCell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use dioxus::prelude::*;
use futures_channel::oneshot;
use serde_json::{Value, json};

use crate::api::ApiRequest;
use crate::auth::{Aside, AuthContext, AuthState, Reason};
use crate::client::Client;
use crate::error::{Error, NetworkError};
use crate::oidc::TokenType;
use crate::options::{LoginOptions, LogoutOptions, TokenDetails, TokenOptions};
use crate::port::{PortError, Task, Wait};
use crate::scope::Scope;
use crate::secret::AccessToken;
use crate::session::Identity;
use crate::user::Claims;

/// An [`AuthContext`] that says what it is told to say, and remembers what it was asked for.
///
/// A login without a scripted answer succeeds, which on the web means that the page is being left: the state stays.
/// A call without one fails, so that a test notices the call it did not expect.
///
/// # Examples
///
/// ```
/// use std::rc::Rc;
///
/// use dioxus::prelude::*;
/// use dioxus_auth0::SignedIn;
/// use dioxus_auth0::auth::AuthContextProvider;
/// use dioxus_auth0::platform::memory::MemoryAuth;
///
/// fn App() -> Element {
///     let auth = use_hook(|| Rc::new(MemoryAuth::signed_in("auth0|ada", "Ada Lovelace")));
///     rsx! {
///         AuthContextProvider { context: auth, SignedIn { "Hello" } }
///     }
/// }
///
/// let mut dom = VirtualDom::new(App);
/// dom.rebuild_in_place();
/// assert_eq!(dioxus_ssr::render(&dom), "Hello");
/// ```
pub struct MemoryAuth {
    initial: RefCell<AuthState>,
    state: OnceCell<Signal<AuthState>>,
    aside: OnceCell<Signal<Aside>>,
    asked: RefCell<Vec<Asked>>,
    logins: Script<()>,
    calls: Script<Value>,
}

type Script<T> = RefCell<VecDeque<oneshot::Receiver<Result<T, Error>>>>;

/// What a [`MemoryAuth`] was asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum Asked {
    /// A login.
    Login(LoginOptions),
    /// A logout.
    Logout(LogoutOptions),
    /// An access token.
    AccessToken(TokenOptions),
    /// A call to the API.
    Call(ApiRequest),
    /// To give up the login that waits, or to take note of the trouble.
    Dismiss,
}

/// An answer that somebody is waiting for.
pub struct Awaited<T>(oneshot::Sender<Result<T, Error>>);

impl<T> Awaited<T> {
    /// Gives the answer.
    pub fn give(self, answer: Result<T, Error>) {
        // Whoever waited may have gone away since; then nobody needs it.
        let _ = self.0.send(answer);
    }
}

impl MemoryAuth {
    /// Starts in `state`.
    pub fn new(state: AuthState) -> Self {
        Self {
            initial: RefCell::new(state),
            state: OnceCell::new(),
            aside: OnceCell::new(),
            asked: RefCell::default(),
            logins: RefCell::default(),
            calls: RefCell::default(),
        }
    }

    /// Starts with a user signed in.
    pub fn signed_in(sub: &str, name: &str) -> Self {
        Self::new(signed_in(&json!({ "sub": sub, "name": name })))
    }

    /// Changes the state, for every view that shows it.
    pub fn set_state(&self, state: AuthState) {
        match self.state.get() {
            Some(signal) => {
                let mut signal = *signal;
                signal.set(state);
            }
            None => *self.initial.borrow_mut() = state,
        }
    }

    /// Changes what goes on beside the state: a login that waits, with an address or a [code](Aside::Code), a network that
    /// is [gone](Aside::Offline), or trouble. [Dismissing](AuthContext::dismiss) ends it.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::rc::Rc;
    ///
    /// use dioxus::prelude::*;
    /// use dioxus_auth0::Reason;
    /// use dioxus_auth0::auth::{Aside, AuthContextProvider, AuthState};
    /// use dioxus_auth0::components::Notice;
    /// use dioxus_auth0::platform::memory::MemoryAuth;
    ///
    /// fn App() -> Element {
    ///     let auth = use_hook(|| {
    ///         let auth = MemoryAuth::new(AuthState::SignedOut(Reason::Fresh));
    ///         auth.set_aside(Aside::Code {
    ///             user_code: "WDJB-MJHT".into(),
    ///             verification_uri: "https://tenant.example/activate".parse().expect("a literal"),
    ///             verification_uri_complete: None,
    ///         });
    ///         Rc::new(auth)
    ///     });
    ///     rsx! {
    ///         AuthContextProvider { context: auth, Notice {} }
    ///     }
    /// }
    ///
    /// let mut dom = VirtualDom::new(App);
    /// dom.rebuild_in_place();
    /// let html = dioxus_ssr::render(&dom);
    /// assert!(html.contains("tenant.example/activate") && html.contains("WDJB-MJHT"), "{html}");
    /// ```
    pub fn set_aside(&self, aside: Aside) {
        let mut signal = self.aside_signal();
        signal.set(aside);
    }

    /// Answers the next call that has no answer yet.
    pub fn answer(&self, answer: Result<Value, Error>) {
        self.answer_later().give(answer);
    }

    /// Lets the next call that has no answer yet wait.
    pub fn answer_later(&self) -> Awaited<Value> {
        script(&self.calls)
    }

    /// Lets the next login that has no answer yet fail.
    pub fn fail_login(&self, error: Error) {
        self.login_later().give(Err(error));
    }

    /// Lets the next login that has no answer yet wait.
    pub fn login_later(&self) -> Awaited<()> {
        script(&self.logins)
    }

    /// Returns everything it was asked for, oldest first.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.borrow().clone()
    }

    fn note(&self, asked: Asked) {
        self.asked.borrow_mut().push(asked);
    }

    fn aside_signal(&self) -> Signal<Aside> {
        *self.aside.get_or_init(|| Signal::new(Aside::Nothing))
    }

    fn signal(&self) -> Signal<AuthState> {
        *self
            .state
            .get_or_init(|| Signal::new(self.initial.borrow().clone()))
    }
}

/// Returns the state of being signed in with these claims.
///
/// # Panics
///
/// When `claims` is no object with a `sub`.
pub fn signed_in(claims: &Value) -> AuthState {
    let claims = Claims::from_value(claims).expect("the claims of a user have a sub");
    AuthState::SignedIn(Rc::new(Identity::new(claims)))
}

fn script<T>(script: &Script<T>) -> Awaited<T> {
    let (sender, receiver) = oneshot::channel();
    script.borrow_mut().push_back(receiver);
    Awaited(sender)
}

impl AuthContext for MemoryAuth {
    fn state(&self) -> ReadSignal<AuthState> {
        self.signal().into()
    }

    fn aside(&self) -> ReadSignal<Aside> {
        self.aside_signal().into()
    }

    fn show(&self, aside: Aside) -> Wait {
        self.set_aside(aside);
        Box::pin(std::future::pending())
    }

    fn dismiss(&self) {
        self.note(Asked::Dismiss);
        self.set_aside(Aside::Nothing);
    }

    fn login(&self, options: LoginOptions) -> Task<'static, (), Error> {
        self.note(Asked::Login(options));
        let answer = self.logins.borrow_mut().pop_front();
        let mut state = self.signal();
        Box::pin(async move {
            let Some(answer) = answer else { return Ok(()) };
            let answer = answer.await.unwrap_or(Err(Error::Cancelled));
            if let Err(error) = &answer
                && !matches!(&*state.peek(), AuthState::SignedIn(_))
            {
                state.set(AuthState::Failed(error.clone()));
            }
            answer
        })
    }

    fn logout(&self, options: LogoutOptions) -> Task<'static, (), Error> {
        self.note(Asked::Logout(options));
        let mut state = self.signal();
        Box::pin(async move {
            state.set(AuthState::SignedOut(Reason::LoggedOut));
            Ok(())
        })
    }

    fn access_token(&self, options: TokenOptions) -> Task<'static, TokenDetails, Error> {
        let details = TokenDetails {
            access_token: AccessToken::new("an access token from memory"),
            token_type: TokenType::Bearer,
            expires_in: Duration::from_secs(3600),
            scope: Scope::parse(options.scope.as_deref().unwrap_or_default()),
            audience: options.audience.clone(),
        };
        self.note(Asked::AccessToken(options));
        Box::pin(async { Ok(details) })
    }

    fn client(&self) -> Result<Client, Error> {
        Err(Error::Platform(PortError::Unavailable {
            what: "a client",
            why: "the login in memory has none".into(),
        }))
    }

    fn call(&self, request: ApiRequest) -> Task<'static, Value, Error> {
        self.note(Asked::Call(request));
        let answer = self.calls.borrow_mut().pop_front();
        Box::pin(async move {
            match answer {
                Some(answer) => answer.await.unwrap_or(Err(Error::Cancelled)),
                None => Err(Error::Network(NetworkError::Unreachable {
                    host: "memory, which was told no answer,".into(),
                })),
            }
        })
    }
}

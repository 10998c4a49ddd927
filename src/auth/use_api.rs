//! A protected call as a hook: what it shows while it waits, when it calls again, and whose answers it drops.

use std::rc::Rc;

use dioxus::core::Task;
use dioxus::prelude::*;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Auth0, use_auth0};
use crate::api::{ApiError, ApiRequest};
use crate::error::Error;

/// Calls the protected API as long as the component is there, and gives what it answers.
///
/// The call is made when a user is signed in, and again when `request` is another one than at the last drawing, when
/// another user is signed in, and on [`refetch`](ApiCall::refetch). So a request may be made of properties and signals
/// alike. `None` is nothing to ask yet, such as for a call that needs the answer of another one. An answer counts for the
/// request and the user it was asked for, and for nobody else: later ones are dropped.
///
/// It is for requests that may be made at any time. One that changes something belongs into an event handler, by
/// [`Auth0::call`]; [`replace`](ApiCall::replace) shows its outcome.
///
/// # Examples
///
/// ```
/// use dioxus::prelude::*;
/// use dioxus_auth0::components::Problem;
/// use dioxus_auth0::{ApiRequest, ApiState, use_api};
///
/// #[component]
/// fn Order(number: u32) -> Element {
///     let order = use_api(ApiRequest::get(format!("orders/{number}")).scope("read:orders"));
///     match order.state() {
///         ApiState::Idle | ApiState::Loading => rsx! { "One moment…" },
///         ApiState::Ready(order) | ApiState::Refetching(order) => rsx! { "{order}" },
///         ApiState::Failed { error, .. } => rsx! {
///             Problem { error, on_retry: move |()| order.refetch() }
///         },
///     }
/// }
/// # use std::rc::Rc;
/// # use dioxus_auth0::{auth::AuthContextProvider, platform::memory::MemoryAuth};
/// # fn App() -> Element {
/// #     let auth = use_hook(|| Rc::new(MemoryAuth::signed_in("auth0|ada", "Ada Lovelace")));
/// #     rsx! { AuthContextProvider { context: auth, Order { number: 42 } } }
/// # }
/// # let mut dom = VirtualDom::new(App);
/// # dom.rebuild_in_place();
/// # assert_eq!(dioxus_ssr::render(&dom), "One moment…");
/// ```
///
/// # Panics
///
/// When no [`Auth0Provider`](super::Auth0Provider) stands above the component that calls it.
#[doc(alias = "useApi")]
#[doc(alias = "createFetcher")]
#[doc(alias = "fetchWithAuth")]
pub fn use_api(request: impl Into<Option<ApiRequest>>) -> ApiCall<Value> {
    use_api_with(request, Ok)
}

/// Calls the protected API as [`use_api`] does, and reads the answer as a `T`.
///
/// An answer of another shape is [`ApiError::Malformed`].
///
/// # Examples
///
/// ```
/// use dioxus::prelude::*;
/// use dioxus_auth0::{ApiRequest, use_api_as};
///
/// #[derive(serde::Deserialize)]
/// struct Order {
///     total: u32,
/// }
///
/// #[component]
/// fn Total(number: u32) -> Element {
///     let order = use_api_as::<Order>(ApiRequest::get(format!("orders/{number}")));
///     rsx! {
///         match order.data() {
///             Some(order) => rsx! { "{order.total}" },
///             None => rsx! { "…" },
///         }
///     }
/// }
/// # use std::rc::Rc;
/// # use dioxus_auth0::{auth::AuthContextProvider, platform::memory::MemoryAuth};
/// # fn App() -> Element {
/// #     let auth = use_hook(|| Rc::new(MemoryAuth::signed_in("auth0|ada", "Ada Lovelace")));
/// #     rsx! { AuthContextProvider { context: auth, Total { number: 42 } } }
/// # }
/// # let mut dom = VirtualDom::new(App);
/// # dom.rebuild_in_place();
/// # assert_eq!(dioxus_ssr::render(&dom), "…");
/// ```
pub fn use_api_as<T: DeserializeOwned + 'static>(
    request: impl Into<Option<ApiRequest>>,
) -> ApiCall<T> {
    use_api_with(request, |answer| {
        serde_json::from_value(answer).map_err(|error| malformed(&error.to_string()))
    })
}

/// Calls the protected API as [`use_api`] does, and reads the answer by `read`.
///
/// # Examples
///
/// ```
/// use dioxus::prelude::*;
/// use dioxus_auth0::management::{UserProfile, get_user};
/// use dioxus_auth0::use_api_with;
///
/// #[component]
/// fn Kept(sub: String) -> Element {
///     let request = get_user(&sub);
///     let profile = use_api_with(request, move |answer| Ok(UserProfile::read(&answer, &sub)?));
///     rsx! {
///         if profile.data().is_some_and(|profile| profile.user_metadata.is_none()) {
///             "No user metadata defined"
///         }
///     }
/// }
/// # use std::rc::Rc;
/// # use dioxus_auth0::{auth::AuthContextProvider, platform::memory::MemoryAuth};
/// # fn App() -> Element {
/// #     let auth = use_hook(|| Rc::new(MemoryAuth::signed_in("auth0|ada", "Ada Lovelace")));
/// #     rsx! { AuthContextProvider { context: auth, Kept { sub: "auth0|ada" } } }
/// # }
/// # let mut dom = VirtualDom::new(App);
/// # dom.rebuild_in_place();
/// # assert!(!dioxus_ssr::render(&dom).contains("No user metadata"));
/// ```
pub fn use_api_with<T: 'static>(
    request: impl Into<Option<ApiRequest>>,
    read: impl FnMut(Value) -> Result<T, Error> + 'static,
) -> ApiCall<T> {
    let auth = use_auth0();
    let read = use_callback(read);
    let mut turn = use_signal(Turn::default);
    let ask = use_callback(move |question: Question| {
        let task = spawn(async move {
            let answer = auth.call(question.request).await;
            let answer = answer.and_then(|answer| read.call(answer));
            turn.write().end(answer);
        });
        turn.write().begin(task);
    });
    let question = request.into().and_then(|request| {
        let person = person(auth)?;
        Some(Question { person, request })
    });
    if turn.peek().question != question {
        turn.write().turn_to(question.clone());
        if let Some(question) = question {
            ask(question);
        }
    }
    ApiCall { auth, turn, ask }
}

/// A call that [`use_api`] makes, and what came of it.
///
/// It is `Copy`: move it into event handlers, or give it to components below. Its readers subscribe the component that
/// calls them.
pub struct ApiCall<T: 'static> {
    auth: Auth0,
    turn: Signal<Turn<T>>,
    ask: Callback<Question>,
}

/// How far a call has come. Exactly one of these holds.
#[derive(Debug, PartialEq)]
pub enum ApiState<T> {
    /// Nobody is signed in, or there is nothing to ask: no call is made.
    Idle,
    /// The first answer is on its way.
    Loading,
    /// The answer.
    Ready(Rc<T>),
    /// The last answer, while the next one is on its way.
    Refetching(Rc<T>),
    /// The last call failed.
    Failed {
        /// Why.
        error: Error,
        /// The last answer to the same request, if there ever was one.
        last: Option<Rc<T>>,
    },
}

impl<T> ApiCall<T> {
    /// Returns how far the call has come.
    pub fn state(&self) -> ApiState<T> {
        // The user may have changed since the hook ran last: then what it holds is no longer for their eyes.
        let person = person(self.auth);
        let turn = self.turn.read();
        match &turn.question {
            Some(question) if person.as_ref() == Some(&question.person) => turn.state.clone(),
            _ => ApiState::Idle,
        }
    }

    /// Returns the last answer to this request, whether or not the next one is on its way or failed.
    pub fn data(&self) -> Option<Rc<T>> {
        self.state().data()
    }

    /// Returns why the last call failed.
    pub fn error(&self) -> Option<Error> {
        match self.state() {
            ApiState::Failed { error, .. } => Some(error),
            _ => None,
        }
    }

    /// Says whether the first answer is on its way.
    pub fn is_loading(&self) -> bool {
        matches!(self.state(), ApiState::Loading)
    }

    /// Says whether the next answer is on its way, while the last one is shown.
    pub fn is_refetching(&self) -> bool {
        matches!(self.state(), ApiState::Refetching(_))
    }

    /// Calls again. An answer that is still on its way is dropped: it may be older than what the caller knows of.
    ///
    /// The last answer stays to be seen. Where no call is made, nothing happens.
    pub fn refetch(&self) {
        let question = self.turn.peek().question.clone();
        if let Some(question) = question {
            self.ask.call(question);
        }
    }

    /// Puts `next` in the place of `shown`, as its answer, without a call.
    ///
    /// It is for what the app knows before the API says it: a change that is on its way, its outcome, or what stood
    /// there before when it failed. Nothing happens if something else than `shown` is there by now, of another user for
    /// instance. An answer that is still on its way is dropped.
    pub fn replace(&self, shown: &Rc<T>, next: Rc<T>) {
        let is_shown = |data: Rc<T>| Rc::ptr_eq(&data, shown);
        if self.turn.peek().state.data().is_some_and(is_shown) {
            let mut turn = self.turn;
            turn.write().settle(ApiState::Ready(next));
        }
    }
}

impl<T> Clone for ApiCall<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for ApiCall<T> {}

impl<T> PartialEq for ApiCall<T> {
    fn eq(&self, other: &Self) -> bool {
        self.turn == other.turn
    }
}

impl<T> ApiState<T> {
    fn data(&self) -> Option<Rc<T>> {
        match self {
            Self::Idle | Self::Loading => None,
            Self::Ready(data) | Self::Refetching(data) => Some(data.clone()),
            Self::Failed { last, .. } => last.clone(),
        }
    }
}

impl<T> Clone for ApiState<T> {
    fn clone(&self) -> Self {
        match self {
            Self::Idle => Self::Idle,
            Self::Loading => Self::Loading,
            Self::Ready(data) => Self::Ready(data.clone()),
            Self::Refetching(data) => Self::Refetching(data.clone()),
            Self::Failed { error, last } => Self::Failed {
                error: error.clone(),
                last: last.clone(),
            },
        }
    }
}

/// What is asked, and for whom.
#[derive(Clone, PartialEq)]
struct Question {
    person: Person,
    request: ApiRequest,
}

/// A user in an organization, who may see something else there than in another one.
#[derive(Clone, PartialEq)]
struct Person {
    sub: String,
    organization: Option<Value>,
}

fn person(auth: Auth0) -> Option<Person> {
    let claims = auth.id_token_claims()?;
    Some(Person {
        sub: claims.sub().to_owned(),
        organization: claims.get("org_id").cloned(),
    })
}

/// The question that counts, with its answer and the task that waits for one.
struct Turn<T> {
    question: Option<Question>,
    state: ApiState<T>,
    waiting: Option<Task>,
}

impl<T> Default for Turn<T> {
    fn default() -> Self {
        Self {
            question: None,
            state: ApiState::Idle,
            waiting: None,
        }
    }
}

impl<T> Turn<T> {
    fn turn_to(&mut self, question: Option<Question>) {
        self.settle(ApiState::Idle);
        self.question = question;
    }

    fn begin(&mut self, task: Task) {
        let next = match self.state.data() {
            None => ApiState::Loading,
            Some(data) => ApiState::Refetching(data),
        };
        self.settle(next);
        self.waiting = Some(task);
    }

    fn end(&mut self, answer: Result<T, Error>) {
        self.waiting = None;
        self.state = match answer {
            Ok(data) => ApiState::Ready(Rc::new(data)),
            Err(error) => ApiState::Failed {
                error,
                last: self.state.data(),
            },
        };
    }

    /// Lets nothing that is still on its way change `state`.
    fn settle(&mut self, state: ApiState<T>) {
        if let Some(task) = self.waiting.take() {
            task.cancel();
        }
        self.state = state;
    }
}

/// Takes of serde's words what was expected. What was found is left out: it is the API's, and errors get logged.
fn malformed(words: &str) -> Error {
    let expected = words.rfind("expected ").map(|start| &words[start..]);
    Error::from(ApiError::Malformed {
        problem: expected.unwrap_or(words).to_owned(),
    })
}

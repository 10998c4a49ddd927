//! A phone: the login leaves by a browser in front of the app, comes back by a link, and outlives the process.

mod closed;
mod device;
mod files;
mod killed;
mod logout;
mod strangers;
mod twice;
mod way_back;

use std::collections::BTreeMap;
use std::rc::Rc;

use dioxus_auth0::client::{Client, Outcome};
use dioxus_auth0::config::{Config, Settings};
use dioxus_auth0::platform::memory::MemoryPlatform;
use dioxus_auth0::platform::mobile::{MemoryPhone, MobileNavigator};
use dioxus_auth0::port::Platform;
use dioxus_auth0::testing::{Account, Endpoint, MemoryProvider};
use dioxus_auth0::{AuthState, Error, LoginOptions};
use futures_util::future::LocalBoxFuture;
use futures_util::{FutureExt, StreamExt, poll};
use url::Url;

const ADA: &str = "auth0|ada";
const GRACE: &str = "auth0|grace";

/// What is at the redirect URI of an app that configures none.
const CALLBACK: &str = "com.example.app://tenant.example/android/com.example.app/callback";

/// More polls than anything in memory takes.
const ROUNDS: usize = 200;

/// A phone with an app, whose sessions and logins are in the same files.
struct Handset {
    memory: MemoryPlatform,
    provider: Rc<MemoryProvider>,
    settings: Settings,
    phone: Rc<MemoryPhone>,
    client: Client,
}

type Login = LocalBoxFuture<'static, Result<Option<Outcome>, Error>>;

impl Handset {
    fn new() -> Self {
        Self::with(|_| {})
    }

    fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let memory = MemoryPlatform::new();
        memory.clock.hold(true);
        let provider = MemoryProvider::new(&memory.clock);
        provider.add(Account::new(ADA, "Ada Lovelace"));
        provider.add(Account::new(GRACE, "Grace Hopper"));
        let mut settings = provider.settings();
        change(&mut settings);
        Self::on(memory, provider, settings, MemoryPhone::new("android"))
    }

    fn on(
        memory: MemoryPlatform,
        provider: Rc<MemoryProvider>,
        settings: Settings,
        phone: MemoryPhone,
    ) -> Self {
        let phone = Rc::new(phone);
        let platform = platform(&memory, &provider, phone.clone());
        let client = client(&settings, platform);
        Self {
            memory,
            provider,
            settings,
            phone,
            client,
        }
    }

    /// The app after the system has ended its process: nothing is left but what is stored.
    fn restarted(&self) -> Self {
        Self::on(
            self.memory.clone(),
            self.provider.clone(),
            self.settings.clone(),
            MemoryPhone::new("android"),
        )
    }

    /// Begins a login, up to the page in the browser.
    async fn leave(&self) -> Login {
        self.leave_with(LoginOptions::default()).await
    }

    async fn leave_with(&self, options: LoginOptions) -> Login {
        let before = self.phone.opened().len();
        let client = self.client.clone();
        let mut login = async move { client.login(options).await }.boxed_local();
        for _ in 0..ROUNDS {
            let polled = poll!(&mut login);
            assert!(polled.is_pending(), "the app waits: {polled:?}");
            if self.phone.opened().len() > before {
                return login;
            }
        }
        panic!("no page was opened");
    }

    /// The link that the login on the page opened last leads to, if `sub` logs in there.
    fn answer(&self, sub: &str) -> Url {
        self.provider.authorize(&self.page(), sub)
    }

    fn page(&self) -> Url {
        let opened = self.phone.opened();
        opened.last().expect("a page was opened").clone()
    }

    /// Takes every link that came, as the provider component does, and says what they have led to.
    async fn take_links(&self) -> Vec<Option<Outcome>> {
        let mut links = self.client.links();
        let mut outcomes = Vec::new();
        while let Some(link) = links.next().now_or_never().flatten() {
            outcomes.push(self.client.open_link(&link).await);
        }
        outcomes
    }

    /// Opens the app with `link`, and says what that has led to.
    async fn take(&self, link: &Url) -> Option<Outcome> {
        self.phone.open_link(link.clone());
        let mut outcomes = self.take_links().await;
        assert_eq!(outcomes.len(), 1, "one link came");
        outcomes.remove(0)
    }

    /// Opens the app with `link`, which nothing comes of: no request, no change of what is stored or who is signed in.
    #[track_caller]
    fn ignores(&self, link: &Url) -> impl Future<Output = ()> {
        let caller = std::panic::Location::caller();
        async move {
            let before = (self.stored(), self.sent(), self.user());
            let outcome = self.take(link).await;
            assert_eq!(outcome, None, "{link} at {caller}");
            let after = (self.stored(), self.sent(), self.user());
            assert_eq!(after, before, "{link} at {caller}");
        }
    }

    fn stored(&self) -> BTreeMap<String, String> {
        self.memory.local_storage.entries()
    }

    /// How many logins are kept.
    fn pending(&self) -> usize {
        let keys = self.stored().into_keys();
        keys.filter(|key| key.contains(".transaction.")).count()
    }

    fn sent(&self) -> usize {
        self.provider.requests().len()
    }

    fn trades(&self) -> usize {
        self.provider.count(Endpoint::Token)
    }

    fn user(&self) -> Option<String> {
        let identity = self.client.identity()?;
        Some(identity.user().sub().to_owned())
    }
}

fn platform(
    memory: &MemoryPlatform,
    provider: &Rc<MemoryProvider>,
    phone: Rc<MemoryPhone>,
) -> Platform {
    Platform {
        navigator: Rc::new(MobileNavigator::new(phone, memory.clock.clone())),
        session_storage: memory.local_storage.clone(),
        usual_storage: memory.local_storage.clone(),
        ..provider.platform(memory)
    }
}

fn client(settings: &Settings, platform: Platform) -> Client {
    let config = Config::new(settings).expect("the settings of a test are right");
    Client::new(config, platform)
}

/// Lets a login go on as far as it can, and gives its end if it has come to one.
async fn end(login: &mut Login) -> Option<Result<Option<Outcome>, Error>> {
    for _ in 0..ROUNDS {
        if let std::task::Poll::Ready(end) = poll!(&mut *login) {
            return Some(end);
        }
    }
    None
}

#[track_caller]
fn signs_in(outcome: Option<Outcome>, sub: &str) {
    let outcome = outcome.expect("the link is an answer");
    assert_eq!(outcome.trouble, None);
    match outcome.state {
        AuthState::SignedIn(identity) => assert_eq!(identity.user().sub(), sub),
        state => panic!("expected {sub} to be signed in, found {state:?}"),
    }
}

#[track_caller]
fn has_signed_in(end: Option<Result<Option<Outcome>, Error>>, sub: &str) {
    let end = end.expect("the login has ended");
    signs_in(end.expect("it has not failed"), sub);
}

fn url(text: &str) -> Url {
    text.parse().expect(text)
}

//! The same app in several tabs, and without a network.

use std::rc::Rc;

use dioxus::prelude::*;
use dioxus_auth0::client::Client;
use dioxus_auth0::components::{LogoutButton, Notice, SignedIn, SignedOut};
use dioxus_auth0::config::{CacheLocation, Config, Settings};
use dioxus_auth0::platform::memory::MemoryPlatform;
use dioxus_auth0::testing::{Account, Endpoint, MemoryProvider};
use dioxus_auth0::{Auth0Provider, Reason, use_auth0};

use crate::screen::Screen;
use crate::signed_out;

const LIFETIME: i64 = 7200;

#[component]
fn Tab() -> Element {
    let client = use_context::<Client>();
    rsx! {
        Auth0Provider { client,
            Notice {}
            SignedIn {
                Name {}
                LogoutButton {}
            }
            SignedOut { "nobody" }
        }
    }
}

#[component]
fn Name() -> Element {
    let name = use_auth0()
        .user()
        .and_then(|user| user.name().map(str::to_owned));
    rsx! {
        p { {name} }
    }
}

struct Browser {
    memory: MemoryPlatform,
    provider: Rc<MemoryProvider>,
    cache: CacheLocation,
}

impl Browser {
    /// A browser in which Ada has logged in, in a tab that is closed by now.
    async fn new(cache: CacheLocation) -> Self {
        let memory = MemoryPlatform::new();
        let provider = MemoryProvider::new(&memory.clock);
        provider.add(Account::new("auth0|ada", "Ada Lovelace"));
        provider.add(Account::new("auth0|grace", "Grace Hopper"));
        let browser = Self {
            memory,
            provider,
            cache,
        };
        browser.log_in("auth0|ada", &browser.memory).await;
        browser
    }

    fn client(&self, tab: &MemoryPlatform) -> Client {
        let settings = Settings {
            cache: self.cache,
            ..self.provider.settings()
        };
        let config = Config::new(&settings).expect("the provider's own settings are right");
        Client::new(config, self.provider.platform(tab))
    }

    async fn log_in(&self, sub: &str, tab: &MemoryPlatform) {
        let client = self.client(tab);
        let outcome = self.provider.sign_in(&client, tab, sub).await;
        outcome.expect("the login can begin");
    }

    /// Opens a tab: one that has its own session storage, or the first one again.
    async fn open(&self, tab: &MemoryPlatform) -> Screen {
        let dom = VirtualDom::new(Tab).with_root_context(self.client(tab));
        Screen::start(dom, "/", Rc::new(signed_out(Reason::Fresh))).await
    }
}

#[tokio::test]
async fn a_logout_in_one_tab_is_seen_in_every_other() {
    for cache in [CacheLocation::LocalStorage, CacheLocation::SessionStorage] {
        let browser = Browser::new(cache).await;
        let mut first = browser.open(&browser.memory).await;
        let tab = browser.memory.tab();
        if cache == CacheLocation::SessionStorage {
            browser.log_in("auth0|grace", &tab).await;
        }
        let mut second = browser.open(&tab).await;
        assert!(second.has_control("Log out"), "{}", second.text());

        first.press("Log out").await;
        second.settle().await;

        assert_eq!(first.text(), "nobody", "{cache:?}");
        assert_eq!(second.text(), "nobody", "{cache:?}");
        let stored = tab.session_storage.entries();
        assert!(
            !stored.keys().any(|key| key.contains(".session.")),
            "{cache:?}"
        );
    }
}

#[tokio::test]
async fn a_tab_that_slept_through_a_logout_shows_nobody_when_it_is_opened_again() {
    let browser = Browser::new(CacheLocation::SessionStorage).await;
    let tab = browser.memory.tab();
    browser.log_in("auth0|grace", &tab).await;

    let mut first = browser.open(&browser.memory).await;
    first.press("Log out").await;

    assert_eq!(browser.open(&tab).await.text(), "nobody");
}

#[tokio::test]
async fn another_user_who_logs_in_in_another_tab_is_shown_where_tabs_share_a_session() {
    let browser = Browser::new(CacheLocation::LocalStorage).await;
    let mut first = browser.open(&browser.memory.tab()).await;
    assert!(first.text().contains("Ada Lovelace"), "{}", first.text());

    browser.log_in("auth0|grace", &browser.memory.tab()).await;
    first.settle().await;

    assert!(first.text().contains("Grace Hopper"), "{}", first.text());
    assert!(!first.text().contains("Ada"), "{}", first.text());
}

#[tokio::test]
async fn without_a_network_the_user_who_was_known_is_shown_as_such_and_renewed_when_it_is_back() {
    let browser = Browser::new(CacheLocation::SessionStorage).await;
    browser.memory.clock.advance(LIFETIME);
    browser.memory.connection.set_offline(true);

    let mut screen = browser.open(&browser.memory).await;
    assert!(screen.text().contains("Ada Lovelace"), "{}", screen.text());
    assert!(
        screen.text().contains("You are offline"),
        "{}",
        screen.text()
    );
    let before = browser.provider.count(Endpoint::Token);

    browser.memory.connection.set_offline(false);
    screen.settle().await;

    assert_eq!(browser.provider.count(Endpoint::Token), before + 1);
    assert_eq!(screen.text(), "Ada Lovelace Log out");
}

//! A page with a button for what the demonstration has none for: logins beside the page, and tokens by the thousand.

use std::time::Duration;

use dioxus::prelude::*;
use dioxus_auth0::auth::AuthState;
use dioxus_auth0::client::Client;
use dioxus_auth0::config::{CONFIG_FILE, Config, Device, Settings};
use dioxus_auth0::options::CacheMode;
use dioxus_auth0::platform;
use dioxus_auth0::port::{self, Platform, Task};
use dioxus_auth0::{
    Auth0, Auth0Provider, Error, LoginOptions, LogoutOptions, TokenOptions, use_auth0,
};
use http::Method;

/// For how long calls are counted.
const WHILE: Duration = Duration::from_secs(1);

/// What a button does, and what is shown of it.
type Work = fn(Auth0) -> Task<'static, String, Error>;

fn main() {
    platform::launch(App);
}

#[component]
fn App() -> Element {
    let client = use_resource(client);
    match &*client.read() {
        None => rsx! { "Starting…" },
        Some(client) => rsx! {
            Auth0Provider { client: client.clone(), Buttons {} }
        },
    }
}

async fn client() -> Client {
    let platform: Platform = platform::current(&Device::default());
    let home = platform.navigator.home().expect("a page has an address");
    let url = home.join(CONFIG_FILE).expect("the name is a path");
    let request = port::request(Method::GET, &url, Vec::new()).expect("it can be sent");
    let answer = platform.http.send(request).await.expect("the site answers");
    let settings = Settings::parse(answer.body()).expect("the test writes it well");
    let config = Config::new(&settings).expect("the test writes it well");
    Client::new(config, platform)
}

#[component]
fn Buttons() -> Element {
    let auth = use_auth0();
    let mut outcome = use_signal(String::new);
    let press = use_callback(move |work: Work| {
        outcome.set("…".to_owned());
        // A popup opens while the click is handled, or not at all.
        let work = work(auth);
        spawn(async move {
            outcome.set(match work.await {
                Ok(text) => text,
                Err(error) => error.code().to_owned(),
            });
        });
    });
    let buttons: [(&str, Work); 8] = [
        ("Log in", |auth| {
            done(auth.login_with_redirect(LoginOptions::default()))
        }),
        ("Log in beside", |auth| {
            done(auth.login_with_popup(LoginOptions::default()))
        }),
        ("Log in unseen", unseen),
        ("Token", |auth| shown(auth, TokenOptions::default())),
        ("Token for orders", |auth| shown(auth, orders(auth))),
        ("Token for orders beside", |auth| {
            let token = auth.access_token_with_popup(orders(auth));
            Box::pin(async move { token.await.map(|token| token.expose().to_owned()) })
        }),
        ("Count tokens", count),
        ("Log out", |auth| {
            done(auth.logout(LogoutOptions::default()))
        }),
    ];
    let state = match auth.state() {
        AuthState::Loading => "loading".to_owned(),
        AuthState::SignedOut(_) => "nobody".to_owned(),
        AuthState::SignedIn(identity) => identity.user().name().unwrap_or_default().to_owned(),
        AuthState::Failed(error) => error.code().to_owned(),
    };
    rsx! {
        p { id: "user", {state} }
        for (label, work) in buttons {
            button { key: "{label}", r#type: "button", onclick: move |_| press(work), {label} }
        }
        p { id: "outcome", {outcome} }
    }
}

fn done(task: Task<'static, (), Error>) -> Task<'static, String, Error> {
    Box::pin(async move { task.await.map(|()| "done".to_owned()) })
}

/// Asks for a token that is for the orders of this tenant.
fn orders(auth: Auth0) -> TokenOptions {
    let client = auth.client().expect("it was given");
    let audience = client.config().issuer.url().join("orders/");
    TokenOptions {
        audience: Some(audience.expect("it is a path").into()),
        scope: Some("read:orders".to_owned()),
        ..TokenOptions::default()
    }
}

fn shown(auth: Auth0, options: TokenOptions) -> Task<'static, String, Error> {
    let token = auth.access_token_silently(options);
    Box::pin(async move { token.await.map(|token| token.expose().to_owned()) })
}

fn unseen(auth: Auth0) -> Task<'static, String, Error> {
    Box::pin(async move {
        let client = auth.client()?;
        client.log_in_silently(LoginOptions::default()).await?;
        Ok("done".to_owned())
    })
}

/// Counts how many times a held token is handed out.
fn count(auth: Auth0) -> Task<'static, String, Error> {
    Box::pin(async move {
        let client = auth.client()?;
        let clock = platform::current(&Device::default()).clock;
        let held = TokenOptions {
            cache: CacheMode::Only,
            ..TokenOptions::default()
        };
        let (start, mut calls) = (clock.monotonic(), 0_u32);
        while clock.monotonic() - start < WHILE {
            // As often as makes looking at the clock no matter.
            for _ in 0..100 {
                client.access_token(&held).await?;
                calls += 1;
            }
        }
        Ok(calls.to_string())
    })
}

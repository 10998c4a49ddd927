//! The way out of the session: a page of the provider, and a link that nobody waits for.

use dioxus_auth0::config::Settings;
use dioxus_auth0::{AuthState, Error, LogoutOptions, Reason};

use super::{ADA, CALLBACK, GRACE, Handset, end, has_signed_in, url};
use crate::world::parameter;

async fn signed_in() -> Handset {
    signed_in_with(|_| {}).await
}

async fn signed_in_with(change: impl FnOnce(&mut Settings)) -> Handset {
    let handset = Handset::with(change);
    let mut login = handset.leave().await;
    handset.phone.open_link(handset.answer(ADA));
    has_signed_in(end(&mut login).await, ADA);
    handset
}

async fn log_out(handset: &Handset, options: LogoutOptions) -> Result<(), Error> {
    let (session, forgotten) = handset.client.forget().await;
    assert_eq!(forgotten, Ok(()));
    handset.client.end_session(session, options).await
}

#[tokio::test]
async fn a_logout_ends_the_session_at_the_provider_and_comes_back_by_a_link() {
    let handset = signed_in().await;
    assert_eq!(log_out(&handset, LogoutOptions::default()).await, Ok(()));
    let page = handset.page();
    assert_eq!(page.path(), "/oidc/logout");
    assert_eq!(parameter(&page, "post_logout_redirect_uri"), CALLBACK);

    for rest in ["", "?", "?state=x", "?code=c", "?logout=done#a"] {
        handset.ignores(&url(&format!("{CALLBACK}{rest}"))).await;
    }
    assert_eq!(
        handset.client.restore().await,
        AuthState::SignedOut(Reason::Fresh)
    );
}

#[tokio::test]
async fn an_auth0_logout_returns_to_the_configured_app_link() {
    let link = "https://app.example/callback";
    let handset = signed_in_with(|settings| {
        settings.domain = Some("tenant.example".into());
        settings.issuer = None;
        settings.redirect_uri = Some(link.into());
    })
    .await;
    assert_eq!(log_out(&handset, LogoutOptions::default()).await, Ok(()));
    assert_eq!(handset.page().path(), "/v2/logout");
    assert_eq!(parameter(&handset.page(), "returnTo"), link);

    let options = LogoutOptions {
        return_to: Some("com.example.app://bye".into()),
        ..LogoutOptions::default()
    };
    assert_eq!(log_out(&handset, options).await, Ok(()));
    assert_eq!(
        parameter(&handset.page(), "returnTo"),
        "com.example.app://bye"
    );
}

#[tokio::test]
async fn a_page_that_the_app_leaves_by_ends_no_login() {
    let handset = Handset::new();
    let mut login = handset.leave().await;
    let answer = handset.answer(GRACE);
    assert_eq!(log_out(&handset, LogoutOptions::default()).await, Ok(()));
    assert_eq!(end(&mut login).await, None);

    // The user closes the page of the logout: the login is behind it.
    handset.phone.close_browser();
    assert_eq!(end(&mut login).await, None);
    handset.memory.clock.advance(5);
    assert_eq!(end(&mut login).await, None);
    handset.phone.open_link(url(CALLBACK));
    assert_eq!(end(&mut login).await, None);
    handset.phone.open_link(answer);
    has_signed_in(end(&mut login).await, GRACE);
    assert_eq!(
        handset.phone.closed(),
        0,
        "what is in front is not its page"
    );
}

#[tokio::test]
async fn the_end_of_a_login_does_not_close_the_page_of_the_logout() {
    let handset = Handset::new();
    let login = handset.leave().await;
    assert_eq!(log_out(&handset, LogoutOptions::default()).await, Ok(()));
    drop(login);
    assert_eq!(handset.phone.closed(), 0);
}

#[tokio::test]
async fn a_logout_page_that_was_closed_does_not_end_the_next_login() {
    let handset = signed_in().await;
    assert_eq!(log_out(&handset, LogoutOptions::default()).await, Ok(()));
    handset.phone.close_browser();
    let mut login = handset.leave().await;
    handset.memory.clock.advance(5);
    assert_eq!(end(&mut login).await, None);
}

#[tokio::test]
async fn without_a_browser_the_session_here_is_over_all_the_same() {
    let handset = signed_in().await;
    handset.phone.remove_browser();
    let left = log_out(&handset, LogoutOptions::default()).await;
    assert_eq!(
        left.map_err(|error| error.code().to_owned()),
        Err("platform_error".into())
    );
    assert_eq!(handset.user(), None);
    assert!(!handset.stored().keys().any(|key| key.contains(".session.")));
}

//! The login by another device, on a machine that cannot open any page.

use std::future::pending;
use std::rc::Rc;

use dioxus_auth0::LoginOptions;
use dioxus_auth0::port::{Departure, Navigator, Platform, PortError, Task, WayBack};
use futures_util::future::join;
use url::Url;

use super::{ADA, Handset, client, platform, signs_in};

/// A machine with no way out.
struct Nowhere;

fn nowhere<T>() -> Result<T, PortError> {
    Err(PortError::Unavailable {
        what: "a way out",
        why: "told to refuse".into(),
    })
}

impl Navigator for Nowhere {
    fn depart<'a>(&'a self, _: WayBack<'a>) -> Task<'a, Box<dyn Departure>> {
        Box::pin(async { nowhere() })
    }

    fn arrival(&self, _: Option<&str>) -> Option<Url> {
        None
    }

    fn leave<'a>(&'a self, _: &'a Url, _: WayBack<'a>) -> Task<'a, ()> {
        Box::pin(async { nowhere() })
    }

    fn home(&self) -> Option<Url> {
        None
    }
}

#[tokio::test]
async fn a_login_by_another_device_asks_nothing_of_the_navigator() {
    let handset = Handset::new();
    handset.memory.clock.hold(false);
    let platform = Platform {
        navigator: Rc::new(Nowhere),
        ..platform(&handset.memory, &handset.provider, handset.phone.clone())
    };
    let client = client(&handset.settings, platform);
    let refused = client.login(LoginOptions::default()).await;
    assert!(refused.is_err(), "{refused:?}");

    let login = client.login_with_device(LoginOptions::default()).await;
    let login = login.expect("the provider knows devices");
    let user_code = login.user_code().to_owned();
    let user = async { assert!(handset.provider.approve_device(&user_code, ADA)) };
    let (outcome, ()) = join(login.finish(pending()), user).await;

    signs_in(outcome.ok(), ADA);
    assert_eq!(handset.pending(), 0);
    assert!(handset.stored().keys().any(|key| key.contains(".session.")));
}

#[tokio::test]
async fn it_helps_a_phone_without_a_browser() {
    let handset = Handset::new();
    handset.memory.clock.hold(false);
    handset.phone.remove_browser();
    let refused = handset.client.login(LoginOptions::default()).await;
    assert_eq!(refused, Err(PortError::NoBrowser.into()));

    let login = handset.client.login_with_device(LoginOptions::default());
    let login = login.await.expect("the provider knows devices");
    assert!(handset.provider.approve_device(login.user_code(), ADA));
    signs_in(login.finish(pending()).await.ok(), ADA);
    assert!(handset.phone.opened().is_empty());
}

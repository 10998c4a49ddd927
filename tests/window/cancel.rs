//! Logins that nobody finishes.

use crate::harness::{ADA, Browser, Window, World, closes, way_back, world};

#[test]
fn cancel_gives_the_login_up_and_closes_its_port() {
    world(async |world| {
        let variables = world.variables();
        let mut window = Window::open(&world.desktop, &variables).await;
        window.press("Log in").await;
        let url = world.opener.next().await;
        let port = way_back(&url);
        window.sees("Go on in your browser").await;
        window.picture("cancel", "1-waiting").await;
        window.press("Cancel").await;
        window.sees_no_more("Go on in your browser").await;
        closes(port).await;
        window.picture("cancel", "2-cancelled").await;

        // The page that is still open leads nowhere, and a new login works.
        let browser = Browser::start(&world.desktop).await;
        World::log_in(&mut world.opener, &browser, &mut window).await;
        assert_eq!(world.asked("POST", "/oauth/token"), 1);
        window.close().await;
        browser.quit().await;
    });
}

#[test]
fn a_browser_that_is_closed_does_not_hang_the_window() {
    world(async |world| {
        let variables = world.variables();
        let mut window = Window::open(&world.desktop, &variables).await;
        window.press("Log in").await;
        let url = world.opener.next().await;
        let browser = Browser::start(&world.desktop).await;
        browser.open(&url).await;
        browser.quit().await;

        // It goes on waiting, and can be used meanwhile.
        window.press("Home").await;
        window.sees("Go on in your browser").await;
        window.picture("closed-browser", "1-still-waiting").await;

        // The same page in another browser still ends the login.
        let browser = Browser::start(&world.desktop).await;
        browser.open(&url).await;
        browser.enter(ADA).await;
        browser.sees("You can close this window").await;
        window.sees("Ada Lovelace").await;
        closes(way_back(&url)).await;
        window.close().await;
        browser.quit().await;
    });
}

//! Several windows of one person, which share a session.

use std::time::Instant;

use crate::harness::{Browser, Window, World, world};

const TEST: &str = "several";
const GRACE: &str = "grace@example.com";

#[test]
#[expect(clippy::print_stdout, reason = "whoever runs the tests wants to know")]
fn a_login_and_a_logout_in_one_window_reach_the_other() {
    world(async |world| {
        let variables = world.variables();
        let browser = Browser::start(&world.desktop).await;
        let mut one = Window::open(&world.desktop, &variables).await;
        one.sees("Login for Dioxus apps").await;
        let mut two = Window::open(&world.desktop, &variables).await;
        two.sees("Login for Dioxus apps").await;

        World::log_in(&mut world.opener, &browser, &mut one).await;
        two.sees("Hello, Ada Lovelace").await;
        two.press("See your profile").await;
        two.sees("ada@example.com").await;
        two.picture(TEST, "1-signed-in").await;

        one.press("Log out").await;
        let pressed = Instant::now();
        two.sees_no_more("ada@example.com").await;
        println!(
            "a logout is seen in another window after {:?}",
            pressed.elapsed()
        );
        two.sees_no_more("Ada Lovelace").await;
        one.sees_no_more("Ada Lovelace").await;
        two.picture(TEST, "2-signed-out").await;
        let goodbye = world.opener.next().await;
        assert_eq!(goodbye.path(), "/v2/logout");
        browser.open(&goodbye).await;

        // The next person at this machine.
        one.press("Log in").await;
        browser.open(&world.opener.next().await).await;
        browser.enter(GRACE).await;
        browser.sees("You can close this window").await;
        one.sees("Grace Hopper").await;
        two.sees("Grace Hopper").await;
        two.sees_no_more("Ada Lovelace").await;
        two.picture(TEST, "3-somebody-else").await;
        assert_eq!(world.asked("POST", "/oauth/token"), 2, "one for each login");
        one.close().await;
        two.sees("Grace Hopper").await;
        two.close().await;
        browser.quit().await;
    });
}

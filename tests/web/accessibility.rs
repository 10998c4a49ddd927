//! Every page of the app and of the tenant, by the rules of axe-core, in both schemes of colors, narrow and wide.

use tenant::{Endpoint, Fault};

use crate::harness::{ADA, GRACE, Served, World, world};

#[test]
fn the_pages_of_the_app_are_accessible() {
    world().run(async |world| {
        let browser = &world.browser;
        browser.open("/").await;
        browser.control("main", "Log in").await;
        browser.is_accessible("home, signed out").await;

        browser.open("/nowhere/at/all").await;
        browser.sees("There is no such page").await;
        browser.is_accessible("not found").await;

        world.log_in(ADA).await;
        browser.is_accessible("home, signed in").await;

        browser.click("See your profile").await;
        browser.sees("\"theme\": \"dark\"").await;
        browser.sees_picture("main img").await;
        browser.is_accessible("profile with metadata").await;

        browser.click("Edit").await;
        browser.is_accessible("editor").await;
        browser.fill("Metadata as JSON", "{\"theme\": }").await;
        browser.sees("Line 1, column 11").await;
        browser.is_accessible("editor with a fault").await;

        browser
            .fill("Metadata as JSON", "{\"theme\": \"light\"}")
            .await;
        world
            .tenant()
            .faults()
            .set(Endpoint::UserUpdate, Fault::HangUp, None);
        browser.click("Save").await;
        browser.sees("No connection").await;
        browser.is_accessible("editor after a failed save").await;
        world.tenant().faults().clear();
        browser.click("Save").await;
        browser.sees("Saved.").await;
        browser.is_accessible("saved").await;
    });
}

#[test]
fn the_pages_that_report_a_problem_are_accessible() {
    world().asking_consent().run(async |world| {
        let browser = &world.browser;
        browser.open("/").await;
        browser.click("Log in").await;
        world.enter(GRACE).await;
        browser.click("Deny").await;
        browser.sees("You did not give your consent").await;
        browser.is_accessible("consent denied").await;

        browser.click_in("main", "Try again").await;
        browser.click("Allow").await;
        browser.sees("Hello, Grace Hopper").await;
        browser.click("Profile").await;
        browser.sees("No user metadata defined").await;
        browser.is_accessible("profile without metadata").await;

        let broken = Fault::Status(500, "oops".into());
        world
            .tenant()
            .faults()
            .set(Endpoint::UserRead, broken, Some(1));
        browser.reload().await;
        browser.sees("Busy or broken").await;
        browser.is_accessible("profile that failed").await;

        browser.click_in("header", "Log out").await;
        browser.control("main", "Log in").await;
        browser.open("/?error=access_denied&state=foreign").await;
        browser.sees("This login link cannot be used").await;
        browser.is_accessible("planted answer").await;

        browser.open("/").await;
        browser.click("Profile").await;
        browser.sees("E-mail address").await;
        browser.back().await;
        browser.sees("Log in to see this page").await;
        browser.is_accessible("guarded page, signed out").await;

        for config in ["", "{\"domain\": \"\", \"clientId\": \"x\"}"] {
            world.site.set_config(Served::Text(config.into()));
            browser.open("/").await;
            browser.sees("This app is not set up yet").await;
            browser.is_accessible("not set up").await;
        }
    });
}

#[test]
fn the_front_page_without_a_tenant_is_accessible() {
    world().run(async |world| {
        world.stop_tenant().await;
        world.browser.open("/").await;
        world.browser.sees("No connection").await;
        world.browser.is_accessible("home without a tenant").await;
    });
}

#[test]
fn the_pages_of_the_tenant_are_accessible() {
    world().asking_consent().run(async |world| {
        let browser = &world.browser;
        browser.open("/").await;
        browser.click("Sign up").await;
        browser.sees("Sign up for").await;
        browser.is_accessible("the tenant's sign-up page").await;

        browser.click("Log in").await;
        browser.sees("Log in to").await;
        browser.is_accessible("the tenant's login page").await;
        browser.fill("E-mail address", ADA).await;
        browser.fill("Password", "wrong").await;
        browser.click("Continue").await;
        browser.sees("Wrong e-mail address or password.").await;
        browser
            .is_accessible("the tenant's login page after a wrong password")
            .await;

        world.enter(ADA).await;
        browser.sees("asks to:").await;
        browser.is_accessible("the tenant's consent page").await;
        dashboard_is_accessible(world).await;
    });
}

async fn dashboard_is_accessible(world: &World) {
    let browser = &world.browser;
    browser.open(&format!("{}dashboard", world.issuer())).await;
    browser.sees("Edit a user's metadata").await;
    browser.is_accessible("the tenant's dashboard").await;
    browser.fill("User metadata", "[1]").await;
    browser.click("Save").await;
    browser.sees("The metadata must be a JSON object").await;
    browser
        .is_accessible("the tenant's dashboard with a fault")
        .await;
    browser.open(world.issuer()).await;
    browser.sees("Local tenant").await;
    browser.is_accessible("the tenant's front page").await;
}

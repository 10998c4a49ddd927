//! The pages of the tenant that a login in the app does not lead to.

use serde_json::Value;
use tenant::DEMO_PASSWORD;

use super::hand::{Hand, LYING, SMALL};
use crate::harness::{ADA, World, world};

#[test]
fn a_code_from_another_device_can_be_typed_on_a_phone() {
    world()
        .application(|application| application.device_code(true))
        .run(async |world| {
            let browser = &world.browser;
            let hand = Hand::holding(SMALL, browser).await;
            let code = user_code(world).await;
            let page = format!("{}activate", world.issuer());
            browser.open(&page).await;
            browser.sees("Code shown on the device").await;
            hand.looks_right("activate").await;
            hand.write("Code shown on the device", "WRNG-WRNG").await;
            hand.has_at_hand("form", "Continue").await;
            hand.tap("Continue").await;
            browser.sees("No device waits with this code").await;
            hand.close_keyboard().await;
            hand.looks_right("activate-unknown").await;

            hand.write("Code shown on the device", &code).await;
            hand.tap("Continue").await;
            browser.sees("E-mail address").await;
            hand.write("E-mail address", ADA).await;
            hand.write("Password", DEMO_PASSWORD).await;
            hand.tap("Continue").await;
            browser.sees("The device is connected").await;
            hand.close_keyboard().await;
            hand.looks_right("activate-done").await;

            browser
                .open(&format!("{page}?user_code={}", user_code(world).await))
                .await;
            browser.sees("Check that the device shows this code").await;
            hand.looks_right("activate-named").await;
            hand.tap("Deny").await;
            browser.sees("The device is not connected").await;
        });
}

#[test]
fn the_dashboard_and_the_front_page_of_the_tenant_fit_a_phone() {
    world().run(async |world| {
        let browser = &world.browser;
        for phone in [SMALL, LYING] {
            let hand = Hand::holding(phone, browser).await;
            browser.open(world.issuer()).await;
            browser.sees("Local tenant").await;
            hand.looks_right("tenant").await;
            hand.tap("Dashboard").await;
            browser.sees("Edit a user's metadata").await;
            hand.looks_right("dashboard").await;
            hand.write("User metadata", "[1]").await;
            hand.has_at_hand("form", "Save").await;
            hand.tap_in("form", "Save").await;
            browser.sees("The metadata must be a JSON object").await;
            hand.close_keyboard().await;
            hand.looks_right("dashboard-fault").await;
        }
    });
}

/// Begins a login on another device, and returns the code it shows.
async fn user_code(world: &World) -> String {
    let client = reqwest::Client::builder().no_proxy().build();
    let client = client.expect("a client without certificates can be built");
    let asked = client
        .post(format!("{}oauth/device/code", world.issuer()))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("client_id={}&scope=openid", world.client_id()));
    let answer = asked.send().await.expect("the tenant answers");
    let text = answer.text().await.expect("the answer is whole");
    let codes: Value = serde_json::from_str(&text).expect("the answer is JSON");
    let code = codes["user_code"].as_str();
    code.expect("a device has a code").to_owned()
}

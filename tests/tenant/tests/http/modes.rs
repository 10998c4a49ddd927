//! Answers by form and by message.

use crate::common::*;

#[tokio::test]
async fn web_messages_go_to_allowed_origins_only() {
    let application = tenant::Application::new("closed")
        .callbacks([CALLBACK])
        .first_party(true);
    let tenant = demo().application(application).start().await.unwrap();
    let browser = Browser::new(&tenant);
    let closed = with(
        with(params(&tenant), "client_id", "closed"),
        "response_mode",
        "web_message",
    );
    let page = page(browser.authorize(&closed).await).await;
    assert_eq!(page.status, 400);
    assert!(page.html.contains("allowed web origins"));
}

#[tokio::test]
async fn a_web_message_page_posts_to_the_applications_origin() {
    let tenant = start().await;
    let browser = Browser::new(&tenant);
    let silent = with(
        with(params(&tenant), "response_mode", "web_message"),
        "prompt",
        "none",
    );
    let refused = page(browser.authorize(&silent).await).await;
    assert_eq!(refused.status, 200);
    assert!(refused.html.contains("login_required"));

    browser.code(&params(&tenant), "ada@example.com").await;
    let page = page(browser.authorize(&silent).await).await;
    assert!(page.html.contains("data-origin=\"http://127.0.0.1:8080\""));
    assert!(
        page.html
            .contains("&quot;type&quot;:&quot;authorization_response&quot;")
    );
    assert!(page.html.contains("src=\"/assets/web_message.js\""));
    let policy = page.header("content-security-policy");
    assert!(
        policy.contains("frame-ancestors http://127.0.0.1:8080"),
        "{policy}"
    );
    assert!(policy.contains("script-src 'self';"), "{policy}");
    let message = page
        .html
        .split("data-message=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .replace("&quot;", "\"");
    let message: serde_json::Value = serde_json::from_str(&message).unwrap();
    assert_eq!(message["response"]["state"], "st4te");
    assert_eq!(
        browser
            .exchange(message["response"]["code"].as_str().unwrap())
            .await
            .0,
        200
    );
}

#[tokio::test]
async fn a_form_post_page_carries_the_answer_in_fields() {
    let tenant = start().await;
    let browser = Browser::new(&tenant);
    let wanted = with(
        with(params(&tenant), "response_mode", "form_post"),
        "state",
        "a\"b<c&d",
    );
    let response = browser.log_in(&wanted, "ada@example.com").await;
    let page = page(response).await;
    assert_eq!(page.status, 200);
    assert!(
        page.html
            .contains("action=\"http://127.0.0.1:8080/callback\"")
    );
    assert!(page.html.contains("value=\"a&quot;b&lt;c&amp;d\""));
    assert!(
        page.header("content-security-policy")
            .contains("form-action 'self' http://127.0.0.1:8080;")
    );
    assert_eq!(browser.exchange(&page.hidden()["code"]).await.0, 200);
}

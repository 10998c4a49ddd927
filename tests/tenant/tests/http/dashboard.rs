//! The dashboard.

use crate::common::*;

fn ada(page: &Page) -> Page {
    let url = page
        .url
        .join("/dashboard/users/auth0%7Cada000000000000000000001")
        .unwrap();
    Page {
        url,
        status: page.status,
        headers: page.headers.clone(),
        html: page.html.clone(),
    }
}

#[tokio::test]
async fn what_cannot_be_saved_is_kept_in_the_field_and_explained() {
    let tenant = start().await;
    let browser = Browser::new(&tenant);
    let form = ada(&browser.open("/dashboard").await);
    let cases = [
        ("{\n  \"a\": 1,\n}", "line 3, column 1"),
        ("[1]", "must be a JSON object"),
        ("\"</textarea><b>\"", "must be a JSON object"),
    ];
    for (typed, text) in cases {
        let again = page(browser.submit(&form, &[("metadata", typed)]).await).await;
        assert_eq!(again.status, 400);
        assert!(again.html.contains(text), "{text}");
        let kept = typed
            .replace('"', "&quot;")
            .replace('<', "&lt;")
            .replace('>', "&gt;");
        assert!(again.html.contains(&kept), "{}", again.html);
    }
    let users = tenant.users().unwrap();
    assert_eq!(users[0].user_metadata.as_ref().unwrap()["theme"], "dark");
}

#[tokio::test]
async fn forms_from_elsewhere_change_nothing() {
    let tenant = start().await;
    let browser = Browser::new(&tenant);
    let form = ada(&browser.open("/dashboard").await);
    let fields = [("metadata".to_owned(), "{}".to_owned())];
    assert_eq!(
        browser.post(&form, &fields.clone().into()).await.status(),
        403
    );
    let mut whole = form.hidden();
    whole.extend(fields);
    let foreign = browser
        .http
        .post(form.url.clone())
        .form(&whole)
        .header("origin", "http://evil.test");
    assert_eq!(foreign.send().await.unwrap().status(), 403);
    assert_eq!(
        Browser::new(&tenant).post(&form, &whole).await.status(),
        403
    );
    let rebound = browser
        .http
        .get(form.url.join("/dashboard").unwrap())
        .header("host", "evil.test:80");
    assert_eq!(rebound.send().await.unwrap().status(), 421);
    assert_eq!(
        tenant.users().unwrap()[0].user_metadata.as_ref().unwrap()["theme"],
        "dark"
    );
}

#[tokio::test]
async fn saved_metadata_is_there_and_an_empty_field_removes_it() {
    let tenant = start().await;
    let browser = Browser::new(&tenant);
    let form = ada(&browser.open("/dashboard").await);
    let response = browser
        .submit(&form, &[("metadata", "{\"theme\": \"solarized\"}")])
        .await;
    let saved = browser.open(&location(&response)).await;
    assert!(saved.html.contains("Saved.") && saved.html.contains("solarized"));
    browser.submit(&form, &[("metadata", "  ")]).await;
    assert!(tenant.users().unwrap()[0].user_metadata.is_none());
}

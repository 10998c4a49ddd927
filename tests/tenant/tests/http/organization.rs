//! Organizations and invitations.

use tenant::Organization;

use crate::common::*;

#[tokio::test]
async fn members_get_the_claims_and_others_are_refused() {
    let acme = Organization::new("org_acme1", "Acme")
        .display_name("Acme Inc.")
        .members(["ada@example.com"]);
    let tenant = demo().organization(acme).start().await.unwrap();
    for wanted in ["org_acme1", "ACME"] {
        let browser = Browser::new(&tenant);
        let params = with(
            with(params(&tenant), "organization", wanted),
            "invitation",
            "ticket",
        );
        let page = browser.begin(&params).await;
        assert!(page.html.contains("Acme Inc.") && page.html.contains("invited"));
        let refused = answer(&browser.log_in(&params, "grace@example.com").await);
        assert_eq!(refused["error"], "access_denied");
        assert!(refused["error_description"].contains("not part of the org_acme1"));

        let tokens = browser.tokens(&params, "ada@example.com").await;
        let id = browser.verified(&tokens["id_token"]).await;
        assert_eq!(
            (&id["org_id"], &id["org_name"]),
            (&"org_acme1".into(), &"acme".into())
        );
        assert_eq!(
            browser.verified(&tokens["access_token"]).await["org_id"],
            "org_acme1"
        );
    }
}

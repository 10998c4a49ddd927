//! The merger of these tests itself, by the examples of its documentation, and what an app may add to ours.

use crate::harness::{Element, Source, merge, module, read};

const HEAD: &str = r#"<manifest xmlns:android="http://schemas.android.com/apk/res/android">"#;

fn source(namespace: &str, application: &str) -> Source {
    Source {
        manifest: Element::parse(&format!(
            "{HEAD}<application>{application}</application></manifest>"
        )),
        namespace: namespace.to_owned(),
    }
}

fn activity(merged: &Element, name: &str) -> Element {
    let found = merged.only("application").named("activity", name);
    found
        .unwrap_or_else(|| panic!("{name} in {merged}"))
        .clone()
}

#[test]
fn what_the_app_does_not_say_a_module_may() {
    let app = source(
        "a",
        r#"<activity android:name="a.One" android:exported="true"/>"#,
    );
    let module = source(
        "b",
        r#"<activity android:name="a.One" android:launchMode="singleTop"/><activity android:name=".Two"/>"#,
    );
    let merged = merge(&app, &[module], "a");
    let one = activity(&merged, "a.One");
    assert_eq!(
        (one.get("exported"), one.get("launchMode")),
        (Some("true"), Some("singleTop"))
    );
    activity(&merged, "b.Two");
}

#[test]
#[should_panic(expected = "launchMode of <activity> in two manifests")]
fn two_values_of_one_attribute_do_not_merge() {
    let app = source(
        "a",
        r#"<activity android:name="a.One" android:launchMode="standard"/>"#,
    );
    let module = source(
        "b",
        r#"<activity android:name="a.One" android:launchMode="singleTop"/>"#,
    );
    merge(&app, &[module], "a");
}

#[test]
#[should_panic(expected = "nobody knows what ${scheme} stands for")]
fn a_placeholder_without_a_value_does_not_merge() {
    let app = source("a", r#"<activity android:name="${scheme}"/>"#);
    merge(&app, &[], "a");
}

#[test]
fn an_app_adds_a_link_of_its_own_by_a_filter_in_another_module() {
    let ours = Source {
        manifest: Element::parse(&read(module().join("src/main/AndroidManifest.xml"))),
        namespace: "dev.dioxus.auth0.android".to_owned(),
    };
    // As in the README.
    let theirs = source(
        "com.example.app.links",
        r#"<activity android:name="dev.dioxus.auth0.android.RedirectActivity">
            <intent-filter android:autoVerify="true">
                <action android:name="android.intent.action.VIEW" />
                <category android:name="android.intent.category.DEFAULT" />
                <category android:name="android.intent.category.BROWSABLE" />
                <data android:scheme="https" android:host="example.eu.auth0.com" android:pathPrefix="/android/com.example.app/callback" />
            </intent-filter>
        </activity>"#,
    );
    let merged = merge(
        &source("com.example.app", ""),
        &[ours, theirs],
        "com.example.app",
    );
    let redirect = activity(&merged, "dev.dioxus.auth0.android.RedirectActivity");
    assert_eq!(redirect.get("launchMode"), Some("singleTask"));
    let schemes: Vec<_> = redirect
        .all("intent-filter")
        .map(|filter| {
            filter
                .only("data")
                .get("scheme")
                .unwrap_or_default()
                .to_owned()
        })
        .collect();
    assert_eq!(schemes, ["com.example.app", "https"]);
}

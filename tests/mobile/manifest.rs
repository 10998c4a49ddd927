//! The manifest that the app is installed with: ours merged into dx's, and read by the program that packs it.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::harness::{Element, Source, merge, module, project, read, repository, run, value};

const MAIN: &str = "dev.dioxus.main.MainActivity";
const REDIRECT: &str = "dev.dioxus.auth0.android.RedirectActivity";
const VIEW: &str = "android.intent.action.VIEW";
/// A theme of AppCompat, which is light by day and dark by night.
const THEME: &str = "Theme.AppCompat.DayNight.NoActionBar";

fn application_id() -> String {
    let build = read(project().join("app/build.gradle.kts"));
    value(&build, "applicationId").expect("dx writes one")
}

fn source(directory: &Path) -> Source {
    Source {
        manifest: Element::parse(&read(directory.join("src/main/AndroidManifest.xml"))),
        namespace: value(&read(directory.join("build.gradle.kts")), "namespace")
            .expect("Gradle wants one"),
    }
}

fn merged() -> Element {
    merge(
        &source(&project().join("app")),
        &[source(&module())],
        &application_id(),
    )
}

fn names(parent: &Element, tag: &str) -> Vec<String> {
    let name = |child: &Element| child.get("name").unwrap_or_default().to_owned();
    parent.all(tag).map(name).collect()
}

#[test]
fn links_have_an_activity_of_their_own_that_is_never_twice_and_never_seen() {
    let merged = merged();
    let redirect = merged
        .only("application")
        .named("activity", REDIRECT)
        .expect("it is there");
    for (attribute, expected) in [
        ("exported", "true"),
        ("launchMode", "singleTask"),
        ("noHistory", "true"),
        ("excludeFromRecents", "true"),
        ("taskAffinity", ""),
        ("theme", "@android:style/Theme.NoDisplay"),
    ] {
        assert_eq!(redirect.get(attribute), Some(expected), "{attribute}");
    }
    let filter = redirect.only("intent-filter");
    assert_eq!(names(filter, "action"), [VIEW]);
    let categories = ["DEFAULT", "BROWSABLE"].map(|name| format!("android.intent.category.{name}"));
    assert_eq!(names(filter, "category"), categories);
    let data = filter.only("data");
    assert_eq!(data.get("scheme"), Some(application_id().as_str()));
    assert_eq!(data.attributes.len(), 1, "{data}");
}

#[test]
fn the_apps_own_activity_takes_no_links_since_there_must_never_be_two_of_it() {
    let merged = merged();
    let main = merged
        .only("application")
        .named("activity", MAIN)
        .expect("dx calls it so");
    let filter = main.only("intent-filter");
    assert_eq!(names(filter, "action"), ["android.intent.action.MAIN"]);
    assert_eq!(
        names(filter, "category"),
        ["android.intent.category.LAUNCHER"]
    );
}

#[test]
fn nothing_but_what_must_be_is_open_to_other_apps() {
    let merged = merged();
    let application = merged.only("application");
    let is_open = |child: &&Element| child.get("exported") != Some("false");
    let open: Vec<_> = application
        .children
        .iter()
        .filter(|child| child.tag != "meta-data")
        .filter(is_open)
        .filter_map(|child| child.get("name"))
        .collect();
    assert_eq!(open, [MAIN, REDIRECT]);
    let provider = application.only("provider");
    let authority = format!("{}.dioxus-auth0", application_id());
    assert_eq!(provider.get("authorities"), Some(authority.as_str()));
}

#[test]
fn the_app_may_go_to_the_network_and_nothing_else() {
    assert_eq!(
        names(&merged(), "uses-permission"),
        ["android.permission.INTERNET"]
    );
}

#[test]
fn the_app_sees_the_browsers_of_a_phone_and_which_of_them_have_tabs() {
    let merged = merged();
    let intents: Vec<_> = merged.only("queries").all("intent").collect();
    let actions: Vec<_> = intents
        .iter()
        .flat_map(|intent| names(intent, "action"))
        .collect();
    assert_eq!(
        actions,
        [VIEW, "android.support.customtabs.action.CustomTabsService"]
    );
    assert_eq!(intents[0].only("data").get("scheme"), Some("https"));
    let browser = read(module().join("src/main/kotlin/dev/dioxus/auth0/android/Browser.kt"));
    assert!(
        browser.contains(&format!("\"{}\"", actions[1])),
        "Kotlin looks for the same"
    );
}

#[test]
fn the_page_hears_that_the_phone_is_dark() {
    let merged = merged();
    let theme = merged.only("application").get("theme");
    assert_eq!(theme, Some(format!("@style/{THEME}").as_str()));
    let build = read(project().join("app/build.gradle.kts"));
    assert!(build.contains("androidx.appcompat:appcompat:"), "{build}");
}

#[test]
fn nothing_is_sent_in_the_clear_but_to_the_phone_itself() {
    let merged = merged();
    let application = merged.only("application");
    assert_ne!(application.get("usesCleartextTraffic"), Some("true"));
    assert_eq!(
        application.get("networkSecurityConfig"),
        Some("@xml/network_security_config")
    );
    let config = read(project().join("app/src/main/res/xml/network_security_config.xml"));
    let config = roxmltree::Document::parse(&config).expect("dx writes XML");
    let root = config.root_element();
    let allowing: Vec<_> = root
        .descendants()
        .filter(|node| node.attribute("cleartextTrafficPermitted") == Some("true"))
        .collect();
    assert_eq!(allowing.len(), 1);
    let hosts: Vec<_> = allowing[0]
        .descendants()
        .filter(|node| node.has_tag_name("domain"))
        .collect();
    assert_eq!(
        hosts
            .iter()
            .filter_map(|host| host.text())
            .collect::<Vec<_>>(),
        ["127.0.0.1"]
    );
}

#[test]
fn the_program_that_packs_apps_takes_the_manifest_and_reads_it_so() {
    let scratch = TempDir::new().expect("the test may write");
    let apk = pack(scratch.path());
    let badging = run(Command::new("aapt").args(["dump", "badging"]).arg(&apk));
    let settings = read(repository().join("Dioxus.toml"));
    let identifier = value(&settings, "identifier").expect("it has one");
    let has = |line: &str| assert!(badging.contains(line), "{line} in {badging}");
    has(&format!("package: name='{identifier}' "));
    has("sdkVersion:'28'");
    has("targetSdkVersion:'35'");
    has("uses-permission: name='android.permission.INTERNET'");
    has(&format!("launchable-activity: name='{MAIN}'"));
    let count = |line: &str| badging.lines().filter(|one| one.starts_with(line)).count();
    assert_eq!(count("launchable-activity:"), 1, "{badging}");
    assert_eq!(count("uses-permission:"), 1, "{badging}");

    let tree = ["dump", "xmltree"];
    let tree = run(Command::new("aapt")
        .args(tree)
        .arg(&apk)
        .arg("AndroidManifest.xml"));
    // By its number: single task.
    assert!(
        tree.contains("android:launchMode(0x0101001d)=(type 0x10)0x2"),
        "{tree}"
    );
}

/// Packs the merged manifest with the resources of the app, but for the themes that come from Maven, and an attribute that is
/// dx's and of Android 11: Debian has the words of Android 10.
fn pack(scratch: &Path) -> PathBuf {
    let mut manifest = merged();
    for application in &mut manifest.children {
        application
            .attributes
            .remove("allowNativeHeapPointerTagging");
    }
    manifest.set("package", &application_id());
    let build = read(project().join("app/build.gradle.kts"));
    let mut sdk = Element::new("uses-sdk");
    for (attribute, key) in [
        ("minSdkVersion", "minSdk"),
        ("targetSdkVersion", "targetSdk"),
    ] {
        sdk.set(attribute, &value(&build, key).expect("dx writes it"));
    }
    manifest.children.push(sdk);
    let file = scratch.join("AndroidManifest.xml");
    std::fs::write(&file, manifest.to_string()).expect("the test may write");

    let resources = scratch.join("res");
    run(Command::new("cp")
        .arg("-r")
        .arg(project().join("app/src/main/res"))
        .arg(&resources));
    let theme = |name| format!(r#"<style name="{name}" parent="@android:style/Theme.Material"/>"#);
    let themes = ["AppTheme", THEME].map(theme).concat();
    let themes = format!("<resources>{themes}</resources>");
    std::fs::write(resources.join("values/styles.xml"), themes).expect("the test may write");

    let apk = scratch.join("app.apk");
    let mut aapt = Command::new("aapt");
    aapt.args([
        "package",
        "-f",
        "-I",
        "/usr/share/android-framework-res/framework-res.apk",
        "-M",
    ]);
    run(aapt.arg(file).arg("-S").arg(resources).arg("-F").arg(&apk));
    apk
}

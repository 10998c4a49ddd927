//! The project for Gradle, and what of dx's templates we rely on: these tests are meant to fail when another dx writes
//! another project.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::harness::{module, project, read, repository, value};

#[test]
fn the_module_is_part_of_the_project_and_of_the_app() {
    let settings = read(project().join("settings.gradle"));
    for line in ["include ':app'", "include ':plugins:dioxusauth0'"] {
        assert!(
            settings.lines().any(|one| one == line),
            "{line} in {settings}"
        );
    }
    let build = read(project().join("app/build.gradle.kts"));
    let line = r#"implementation(project(":plugins:dioxusauth0"))"#;
    assert_eq!(build.matches(line).count(), 1, "{build}");
}

#[test]
fn the_module_is_packaged_as_it_is_here() {
    let ours = files(&repository().join("platform/mobile/android/module"));
    assert!(
        ours.keys()
            .any(|file| file.ends_with("RedirectActivity.kt"))
    );
    let theirs = files(&module());
    assert!(theirs.keys().eq(ours.keys()), "{:?}", theirs.keys());
    for (file, bytes) in ours {
        assert!(theirs[&file] == bytes, "{file} is another one");
    }
}

#[test]
fn the_module_leaves_the_versions_of_plugins_to_the_project() {
    let build = read(module().join("build.gradle.kts"));
    let root = read(project().join("build.gradle.kts"));
    for (plugin, brought_by) in [
        ("com.android.library", "com.android.tools.build:gradle:"),
        (
            "org.jetbrains.kotlin.android",
            "org.jetbrains.kotlin:kotlin-gradle-plugin:",
        ),
    ] {
        assert!(
            build
                .lines()
                .any(|line| line.trim() == format!("id(\"{plugin}\")")),
            "{build}"
        );
        assert!(root.contains(brought_by), "{root}");
    }
}

#[test]
fn identifiers_and_versions_of_android_are_those_of_our_settings() {
    let build = read(project().join("app/build.gradle.kts"));
    let settings = read(repository().join("Dioxus.toml"));
    let identifier = value(&settings, "identifier").expect("it has one");
    for key in ["applicationId", "namespace"] {
        assert_eq!(
            value(&build, key).as_deref(),
            Some(identifier.as_str()),
            "{key}"
        );
    }
    for (key, ours) in [
        ("minSdk", "min_sdk"),
        ("targetSdk", "target_sdk"),
        ("compileSdk", "compile_sdk"),
    ] {
        assert_eq!(value(&build, key), value(&settings, ours), "{key}");
        assert!(value(&build, key).is_some(), "{key}");
    }
    // Two modules must not share a namespace.
    assert_ne!(
        value(&read(module().join("build.gradle.kts")), "namespace"),
        Some(identifier)
    );
}

#[test]
fn the_module_asks_no_newer_android_than_the_app() {
    let number = |file: PathBuf, key| {
        let value = value(&read(file), key).expect("it has one");
        value.parse::<u32>().expect("a number")
    };
    let [app, ours] =
        [project().join("app"), module()].map(|directory| directory.join("build.gradle.kts"));
    assert!(number(ours.clone(), "minSdk") <= number(app.clone(), "minSdk"));
    assert_eq!(number(ours, "compileSdk"), number(app, "compileSdk"));
}

#[test]
fn what_only_rust_names_is_kept_when_a_release_is_made_smaller() {
    let build = read(module().join("build.gradle.kts"));
    assert!(
        build.contains(r#"consumerProguardFiles("consumer-rules.pro")"#),
        "{build}"
    );
    let rules = read(module().join("consumer-rules.pro"));
    let bridge = read(repository().join("platform/mobile/android/bridge.rs"));
    let class = bridge
        .lines()
        .find_map(|line| line.strip_prefix("const CLASS: &str = \""));
    let class = class
        .and_then(|rest| rest.strip_suffix("\";"))
        .expect("Rust names a class");
    assert!(
        rules.contains(&format!("-keep class {class} {{")),
        "{rules}"
    );
    assert!(rules.contains("public static <methods>;"), "{rules}");
}

#[test]
fn the_apps_own_activity_is_the_one_that_we_know() {
    let kotlin = project().join("app/src/main/kotlin/dev/dioxus/main");
    let main = read(kotlin.join("MainActivity.kt"));
    assert!(main.contains("package dev.dioxus.main"), "{main}");
    assert!(
        main.contains("class MainActivity : WryActivity()"),
        "{main}"
    );
    let parent = read(kotlin.join("WryActivity.kt"));
    for line in [
        "abstract class WryActivity : AppCompatActivity() {",
        r#"System.loadLibrary("main")"#,
        "private external fun create(activity: WryActivity)",
        "private external fun onActivityDestroy()",
    ] {
        assert!(parent.contains(line), "{line} in {parent}");
    }
}

#[test]
fn the_styles_of_the_app_are_packaged() {
    let assets = files(&project().join("app/src/main/assets"));
    let is_ours = |file: &String| file.starts_with("main-") && file.ends_with(".css");
    assert!(assets.keys().any(is_ours), "{:?}", assets.keys());
}

fn files(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let entries = std::fs::read_dir(directory);
    let entries = entries.unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        match entry.path() {
            path if path.is_dir() => {
                let below = files(&path).into_iter();
                found.extend(below.map(|(file, bytes)| (format!("{name}/{file}"), bytes)));
            }
            path => {
                found.insert(name, std::fs::read(path).expect("it was listed"));
            }
        }
    }
    found
}

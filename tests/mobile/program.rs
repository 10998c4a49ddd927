//! The program that the app's activity loads.

use object::{Architecture, Object, ObjectKind, ObjectSymbol};

use crate::harness::project;

#[test]
fn the_program_is_one_for_phones_and_has_what_java_calls() {
    let path = project().join("app/src/main/jniLibs/arm64-v8a/libmain.so");
    let bytes = std::fs::read(&path).expect("dx puts it there");
    let file = object::File::parse(&*bytes).expect("it is ELF");
    assert_eq!(file.architecture(), Architecture::Aarch64);
    assert_eq!(file.kind(), ObjectKind::Dynamic);
    let mut exported = file
        .dynamic_symbols()
        .filter(|symbol| symbol.is_definition());
    let mut names: Vec<&str> = exported
        .by_ref()
        .filter_map(|symbol| symbol.name().ok())
        .collect();
    names.sort_unstable();
    for name in [
        "main",
        "start_app",
        "Java_dev_dioxus_main_WryActivity_create",
        "Java_dev_dioxus_main_WryActivity_resume",
        "Java_dev_dioxus_main_WryActivity_destroy",
        "Java_dev_dioxus_main_WryActivity_onActivityDestroy",
        "Java_dev_dioxus_main_RustWebViewClient_handleRequest",
        "Java_dev_dioxus_main_Ipc_ipc",
    ] {
        assert!(names.binary_search(&name).is_ok(), "{name} is missing");
    }
    // What Rust looks up by name, spelled as in the bridge.
    let class = b"dev.dioxus.auth0.android.DioxusAuth0";
    assert!(bytes.windows(class.len()).any(|window| window == class));
}

//! The package for Debian and its kin, unpacked into a clean directory and started from there.

use std::path::Path;

use crate::harness::{Desktop, Window, package, world};

#[test]
fn the_unpacked_package_shows_the_app() {
    world(async |world| {
        let package = package().display().to_string();
        let root = world.desktop.home().join("root");
        let to = root.display().to_string();
        dpkg_deb(&world.desktop, &["-x", &package, &to]).await;

        let variables = world.variables();
        let program = root.join("usr/bin/dioxus-auth0");
        let mut window = Window::of(&program, &world.desktop, &variables).await;
        window.sees("Login for Dioxus apps").await;
        window.is_called("Home · dioxus-auth0").await;
        window.picture("package", "started").await;
        window.close().await;

        let entry = root.join("usr/share/applications/dioxus-auth0.desktop");
        menu_entry_is_valid(&world.desktop, &entry).await;
        for size in [32, 64, 128, 256, 512] {
            let icon = format!("usr/share/icons/hicolor/{size}x{size}/apps/dioxus-auth0.png");
            assert!(root.join(&icon).is_file(), "the package has {icon}");
        }
    });
}

#[test]
fn the_package_names_what_the_program_is_linked_with() {
    world(async |world| {
        let package = package().display().to_string();
        let depends = dpkg_deb(&world.desktop, &["--field", &package, "Depends"]).await;
        for library in ["libwebkit2gtk-4.1-0", "libgtk-3-0", "libxdo3", "libssl3"] {
            let is_named = depends.split(',').any(|one| one.trim() == library);
            assert!(is_named, "{library} is missing in {depends:?}");
        }
    });
}

async fn menu_entry_is_valid(desktop: &Desktop, entry: &Path) {
    let text = std::fs::read_to_string(entry).expect("the package has a menu entry");
    for line in ["Exec=dioxus-auth0", "Icon=dioxus-auth0", "Terminal=false"] {
        assert!(
            text.lines().any(|one| one == line),
            "{line} is missing in {text}"
        );
    }
    let mut validate = desktop.command("desktop-file-validate");
    let said = validate.arg(entry).output().await;
    let said = said.expect("desktop-file-validate starts; `cargo xtask setup` installs it");
    let complaints = String::from_utf8_lossy(&said.stdout);
    assert!(said.status.success(), "{complaints}");
}

async fn dpkg_deb(desktop: &Desktop, arguments: &[&str]) -> String {
    let output = desktop.command("dpkg-deb").args(arguments).output().await;
    let output = output.expect("dpkg-deb starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "dpkg-deb {arguments:?}: {said}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

//! How the window looks, from narrow to wide.

use crate::harness::{Window, world};

#[test]
fn the_window_shows_the_app_at_every_width() {
    world(async |world| {
        let variables = world.variables();
        let mut window = Window::open(&world.desktop, &variables).await;
        window.sees("Login for Dioxus apps").await;
        for width in [360, 768, 1024, 1440] {
            window.resize(width, 800).await;
            window.sees("Login for Dioxus apps").await;
            window.picture("layout", &width.to_string()).await;
        }
        window.close().await;
    });
}

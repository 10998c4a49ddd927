//! A phone in the hand: its screen, a finger on it, and the keyboard that comes up.

use std::cell::Cell;

use serde_json::{Value, json};
use thirtyfour::WebElement;

use crate::harness::Browser;

/// What of the screen belongs to a notch, a status bar or a home indicator, in CSS pixels.
#[derive(Clone, Copy, Default)]
pub(super) struct Insets {
    pub(super) top: u32,
    pub(super) right: u32,
    pub(super) bottom: u32,
    pub(super) left: u32,
}

/// A phone, held one way.
#[derive(Clone, Copy)]
pub(super) struct Phone {
    pub(super) name: &'static str,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) scale: u32,
    pub(super) insets: Insets,
}

/// A small phone, upright.
pub(super) const SMALL: Phone = Phone {
    name: "small",
    width: 360,
    height: 640,
    scale: 2,
    insets: Insets {
        top: 40,
        right: 0,
        bottom: 48,
        left: 0,
    },
};

/// A large phone, upright.
pub(super) const LARGE: Phone = Phone {
    name: "large",
    width: 412,
    height: 915,
    scale: 2,
    insets: Insets {
        top: 52,
        right: 0,
        bottom: 34,
        left: 0,
    },
};

/// The small phone on its left side, with the notch there.
pub(super) const LYING: Phone = Phone {
    name: "lying",
    width: 640,
    height: 360,
    scale: 2,
    insets: Insets {
        top: 0,
        right: 0,
        bottom: 21,
        left: 48,
    },
};

/// The small phone on its right side.
pub(super) const TURNED: Phone = Phone {
    name: "turned",
    insets: Insets {
        right: 48,
        left: 0,
        ..LYING.insets
    },
    ..LYING
};

/// Scrolls to the element as a thumb would, if it is not wholly there, and says where its first line is.
const REACH: &str = "const [one] = arguments, box = one.getBoundingClientRect();\
     if (box.top < 0 || box.bottom > innerHeight) one.scrollIntoView({ block: 'center', behavior: 'instant' });\
     const [line] = one.getClientRects();\
     return [line.left + line.width / 2, line.top + line.height / 2]";

/// Says where the element is, how much of a screen there is, and whether the element lies on top at its centre.
const PLACE: &str = "const [one] = arguments, box = one.getBoundingClientRect();\
     const hit = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);\
     return [Math.round(box.top), Math.round(box.bottom), innerHeight, one.contains(hit)]";

/// Somebody with a phone.
pub(super) struct Hand<'a> {
    pub(super) browser: &'a Browser,
    phone: Cell<Phone>,
}

impl<'a> Hand<'a> {
    /// Makes a phone of the browser.
    pub(super) async fn holding(phone: Phone, browser: &'a Browser) -> Self {
        let touch = json!({ "enabled": true, "maxTouchPoints": 5 });
        browser
            .devtools("Emulation.setTouchEmulationEnabled", touch)
            .await;
        let hand = Self {
            browser,
            phone: Cell::new(phone),
        };
        hand.turn(phone).await;
        hand
    }

    pub(super) fn phone(&self) -> Phone {
        self.phone.get()
    }

    /// Holds the phone another way.
    pub(super) async fn turn(&self, phone: Phone) {
        self.phone.set(phone);
        self.show(phone.width, phone.height, phone.insets).await;
    }

    /// Gives the page a screen of this size.
    pub(super) async fn show(&self, width: u32, height: u32, insets: Insets) {
        let phone = self.phone();
        let orientation = match phone.width < phone.height {
            true => json!({ "type": "portraitPrimary", "angle": 0 }),
            false => json!({ "type": "landscapePrimary", "angle": 90 }),
        };
        let screen = json!({
            "width": width, "height": height, "deviceScaleFactor": phone.scale, "mobile": true,
            "screenWidth": phone.width, "screenHeight": phone.height, "screenOrientation": orientation,
        });
        let insets = json!({ "insets": {
            "top": insets.top, "right": insets.right, "bottom": insets.bottom, "left": insets.left,
        }});
        let browser = self.browser;
        browser
            .devtools("Emulation.setDeviceMetricsOverride", screen)
            .await;
        browser
            .devtools("Emulation.setSafeAreaInsetsOverride", insets)
            .await;
        self.settle().await;
    }

    /// Waits for a button or link that says `label`, and taps on it.
    pub(super) async fn tap(&self, label: &str) {
        self.tap_in("body", label).await;
    }

    /// Waits for a button or link that says `label`, inside the element that `css` selects, and taps on it.
    pub(super) async fn tap_in(&self, css: &str, label: &str) {
        let control = self.browser.control(css, label).await;
        self.touch(&control).await;
    }

    /// Taps on a field, replaces what stands in it, and leaves the keyboard where it is.
    pub(super) async fn write(&self, label: &str, text: &str) {
        self.open_keyboard(label).await;
        self.browser.run("document.activeElement.select()").await;
        let text = json!({ "text": text });
        self.browser.devtools("Input.insertText", text).await;
    }

    /// Taps on a field, so that the keyboard comes up, and checks that the field is wholly to be seen above it.
    pub(super) async fn open_keyboard(&self, label: &str) {
        let field = self.browser.field("body", label).await;
        self.touch(&field).await;
        let focused = "document.activeElement === arguments[0]";
        let value = field.to_json().expect("it has an id");
        self.browser
            .until(&format!("{label:?} has the focus"), focused, vec![value])
            .await;
        let Phone { width, height, .. } = self.phone();
        // Half of the screen is the keyboard's; and where it is, there is no home indicator.
        let insets = Insets {
            bottom: 0,
            ..self.phone().insets
        };
        self.show(width, height / 2, insets).await;
        // A browser does this by itself when a real keyboard comes up.
        self.browser
            .run("document.activeElement.scrollIntoView({ block: 'nearest', behavior: 'instant' })")
            .await;
        self.is_to_be_seen(label, &field).await;
    }

    /// Checks that the button that says `label` can be seen and tapped on as the page is scrolled now.
    pub(super) async fn has_at_hand(&self, css: &str, label: &str) {
        let control = self.browser.control(css, label).await;
        self.is_to_be_seen(label, &control).await;
    }

    async fn is_to_be_seen(&self, label: &str, element: &WebElement) {
        let value = element.to_json().expect("it has an id");
        let seen = self.browser.run_with(PLACE, vec![value]).await;
        let number = |at: usize| seen[at].as_i64().unwrap_or(-1);
        assert!(
            number(0) >= 0 && number(1) <= number(2) && seen[3] == true,
            "{label:?} is not wholly above the keyboard on the {} phone: top, bottom, screen, free: {seen}",
            self.phone().name
        );
    }

    /// Puts the keyboard away.
    pub(super) async fn close_keyboard(&self) {
        self.turn(self.phone()).await;
    }

    async fn touch(&self, element: &WebElement) {
        self.settle().await;
        let value = element.to_json().expect("it has an id");
        let at = self.browser.run_with(REACH, vec![value]).await;
        self.settle().await;
        let finger = json!({ "x": at[0], "y": at[1] });
        for (kind, fingers) in [("touchStart", vec![finger]), ("touchEnd", Vec::new())] {
            let event = json!({ "type": kind, "touchPoints": fingers });
            self.browser
                .devtools("Input.dispatchTouchEvent", event)
                .await;
        }
    }

    /// Waits until what has changed is drawn: a browser takes no touch for a page that it has not shown yet.
    pub(super) async fn settle(&self) {
        let drawn = "const [done] = arguments; requestAnimationFrame(() => requestAnimationFrame(() => done(true)))";
        assert_eq!(self.browser.run_async(drawn).await, Value::Bool(true));
    }
}

//! What a screen reader knows of the window: a tree of things with a role, a name and a text, over D-Bus.
//!
//! The interfaces are those of [at-spi2-core](https://gnome.pages.gitlab.gnome.org/at-spi2-core/devel-docs/). They are
//! spoken to directly: WebKit's page hangs in the tree under a bus name of the kind that the `atspi` crate refuses.

use zbus::names::OwnedBusName;
use zbus::zvariant::{DynamicType, OwnedObjectPath, OwnedValue, Type};
use zbus::{Connection, Message, Result};

/// A page is not this deep; a tree that changes while it is read may seem to be.
const DEEPEST: usize = 30;

/// One thing in the window.
#[derive(Debug, Clone)]
pub(crate) struct Thing {
    bus: OwnedBusName,
    path: OwnedObjectPath,
    /// What kind of thing it is, as a number of `AtspiRole`.
    pub(crate) role: u32,
    /// What it is called.
    pub(crate) name: String,
    /// What can be read in it.
    pub(crate) text: String,
}

/// The roles the tests ask for.
pub(crate) mod role {
    pub(crate) const FRAME: u32 = 23;
    pub(crate) const BUTTON: u32 = 43;
    pub(crate) const TEXT: u32 = 61;
    pub(crate) const ENTRY: u32 = 79;
    pub(crate) const LINK: u32 = 88;
}

/// Reads everything that a program shows, from top to bottom.
pub(crate) async fn read(connection: &Connection, process: u32) -> Vec<Thing> {
    let root = (
        OwnedBusName::try_from("org.a11y.atspi.Registry").expect("a bus name"),
        OwnedObjectPath::try_from("/org/a11y/atspi/accessible/root").expect("a path"),
    );
    let mut found = Vec::new();
    let mut open = vec![(root, 0)];
    while let Some(((bus, path), depth)) = open.pop() {
        // Below the root are programs; below a program is what it shows, its page from a process of WebKit's.
        if depth == 1 && process_of(connection, &bus).await != Some(process) {
            continue;
        }
        // What vanished in the meantime is not shown.
        let Ok((thing, children)) = look(connection, bus, path).await else {
            continue;
        };
        found.push(thing);
        if depth < DEEPEST {
            open.extend(children.into_iter().rev().map(|child| (child, depth + 1)));
        }
    }
    found
}

async fn process_of(connection: &Connection, bus: &OwnedBusName) -> Option<u32> {
    let daemon = Some("org.freedesktop.DBus");
    let question = "GetConnectionUnixProcessID";
    let answer = connection
        .call_method(
            daemon,
            "/org/freedesktop/DBus",
            daemon,
            question,
            &bus.as_str(),
        )
        .await;
    answer.ok()?.body().deserialize().ok()
}

async fn look(
    connection: &Connection,
    bus: OwnedBusName,
    path: OwnedObjectPath,
) -> Result<(Thing, Vec<(OwnedBusName, OwnedObjectPath)>)> {
    let mut thing = Thing {
        bus,
        path,
        role: 0,
        name: String::new(),
        text: String::new(),
    };
    thing.role = thing.ask(connection, "Accessible", "GetRole", &()).await?;
    thing.name = String::try_from(thing.property(connection, "Name").await?)?;
    let interfaces: Vec<String> = thing
        .ask(connection, "Accessible", "GetInterfaces", &())
        .await?;
    if interfaces.iter().any(|one| one == "org.a11y.atspi.Text") {
        thing.text = thing
            .ask(connection, "Text", "GetText", &(0_i32, -1_i32))
            .await?;
    }
    let mut children = Vec::new();
    // One by one: the place where WebKit's page is plugged in does not list it.
    let count = i32::try_from(thing.property(connection, "ChildCount").await?)?;
    for index in 0..count {
        let child = thing
            .ask(connection, "Accessible", "GetChildAtIndex", &index)
            .await;
        children.extend(child.ok());
    }
    Ok((thing, children))
}

impl Thing {
    /// Presses it, or follows it.
    pub(crate) async fn press(&self, connection: &Connection) -> Result<bool> {
        self.ask(connection, "Action", "DoAction", &0_i32).await
    }

    /// Puts the focus on it.
    pub(crate) async fn focus(&self, connection: &Connection) -> Result<bool> {
        self.ask(connection, "Component", "GrabFocus", &()).await
    }

    async fn ask<B, T>(
        &self,
        connection: &Connection,
        interface: &str,
        method: &str,
        body: &B,
    ) -> Result<T>
    where
        B: serde::Serialize + DynamicType,
        T: serde::de::DeserializeOwned + Type,
    {
        let interface = format!("org.a11y.atspi.{interface}");
        let answer: Message = connection
            .call_method(
                Some(self.bus.as_ref()),
                self.path.as_ref(),
                Some(interface.as_str()),
                method,
                body,
            )
            .await?;
        answer.body().deserialize()
    }

    async fn property(&self, connection: &Connection, name: &str) -> Result<OwnedValue> {
        let answer = connection
            .call_method(
                Some(self.bus.as_ref()),
                self.path.as_ref(),
                Some("org.freedesktop.DBus.Properties"),
                "Get",
                &("org.a11y.atspi.Accessible", name),
            )
            .await?;
        answer.body().deserialize()
    }
}

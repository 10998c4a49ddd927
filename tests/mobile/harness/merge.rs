//! What the [manifest merger](https://developer.android.com/build/manage-manifests#merge-manifests) makes of the manifests of
//! an app and its modules, as far as they have anything that it rules on.

use super::Element;

/// One manifest, and what Gradle knows besides.
pub(crate) struct Source {
    pub(crate) manifest: Element,
    /// What names that begin with a dot are of.
    pub(crate) namespace: String,
}

/// Merges the manifests of modules into the app's, which goes before them.
///
/// # Panics
///
/// When two of them set an attribute to different values: Gradle gives up there.
pub(crate) fn merge(app: &Source, modules: &[Source], application_id: &str) -> Element {
    let mut merged = qualified(app);
    for module in modules {
        merge_into(&mut merged, qualified(module));
    }
    merged.each_value(&|value| {
        *value = value.replace("${applicationId}", application_id);
        assert!(
            !value.contains("${"),
            "nobody knows what {value} stands for"
        );
    });
    merged
}

/// Names classes in full.
fn qualified(source: &Source) -> Element {
    let mut manifest = source.manifest.clone();
    for application in manifest
        .children
        .iter_mut()
        .filter(|child| child.tag == "application")
    {
        for component in &mut application.children {
            let full = match component.get("name") {
                Some(name) if name.starts_with('.') => format!("{}{name}", source.namespace),
                _ => continue,
            };
            component.set("name", &full);
        }
    }
    manifest
}

fn merge_into(higher: &mut Element, lower: Element) {
    for (name, value) in lower.attributes {
        match higher.get(&name) {
            None => higher.set(&name, &value),
            Some(present) => {
                assert_eq!(
                    present, value,
                    "{name} of <{}> in two manifests",
                    higher.tag
                );
            }
        }
    }
    for child in lower.children {
        match higher
            .children
            .iter_mut()
            .find(|present| are_one(present, &child))
        {
            Some(present) => merge_into(present, child),
            None => higher.children.push(child),
        }
    }
}

/// Says whether two elements are the same one: by what the documentation calls their merge key.
fn are_one(one: &Element, other: &Element) -> bool {
    if one.tag != other.tag {
        return false;
    }
    match one.tag.as_str() {
        "application" | "queries" => true,
        // Those without a key of their own are the same if all in them is, in whatever order.
        "intent-filter" | "intent" | "data" => {
            one.attributes == other.attributes && have_same(one, other)
        }
        _ => one.get("name").is_some() && one.get("name") == other.get("name"),
    }
}

fn have_same(one: &Element, other: &Element) -> bool {
    let has = |parent: &Element, child: &Element| {
        parent
            .children
            .iter()
            .any(|present| are_one(present, child))
    };
    one.children.len() == other.children.len() && one.children.iter().all(|child| has(other, child))
}

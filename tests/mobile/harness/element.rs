//! An element of a manifest, to read and to write.

use std::collections::BTreeMap;
use std::fmt;

use roxmltree::{Document, Node};

const ANDROID: &str = "http://schemas.android.com/apk/res/android";

/// An element with its attributes, all of which are Android's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Element {
    pub(crate) tag: String,
    pub(crate) attributes: BTreeMap<String, String>,
    pub(crate) children: Vec<Element>,
}

impl Element {
    pub(crate) fn new(tag: &str) -> Self {
        Self {
            tag: tag.to_owned(),
            attributes: BTreeMap::new(),
            children: Vec::new(),
        }
    }

    pub(crate) fn parse(text: &str) -> Self {
        let document = Document::parse(text).unwrap_or_else(|error| panic!("{error} in {text}"));
        Self::of(document.root_element())
    }

    fn of(node: Node<'_, '_>) -> Self {
        let attributes = node.attributes().map(|attribute| {
            assert_eq!(attribute.namespace(), Some(ANDROID), "{}", attribute.name());
            (attribute.name().to_owned(), attribute.value().to_owned())
        });
        Self {
            tag: node.tag_name().name().to_owned(),
            attributes: attributes.collect(),
            children: node
                .children()
                .filter(Node::is_element)
                .map(Self::of)
                .collect(),
        }
    }

    pub(crate) fn get(&self, attribute: &str) -> Option<&str> {
        self.attributes.get(attribute).map(String::as_str)
    }

    pub(crate) fn set(&mut self, attribute: &str, value: &str) {
        self.attributes
            .insert(attribute.to_owned(), value.to_owned());
    }

    /// Returns the children with this tag.
    pub(crate) fn all<'a>(&'a self, tag: &str) -> impl Iterator<Item = &'a Self> + use<'a> {
        let tag = tag.to_owned();
        self.children.iter().filter(move |child| child.tag == tag)
    }

    /// Returns the one child with this tag.
    pub(crate) fn only(&self, tag: &str) -> &Self {
        let mut found = self.all(tag);
        match (found.next(), found.next()) {
            (Some(child), None) => child,
            _ => panic!("there must be one <{tag}> in {self}"),
        }
    }

    /// Returns the child with this tag and name.
    pub(crate) fn named(&self, tag: &str, name: &str) -> Option<&Self> {
        self.all(tag).find(|child| child.get("name") == Some(name))
    }

    /// Does something with every value below, and here.
    pub(crate) fn each_value(&mut self, act: &impl Fn(&mut String)) {
        self.attributes.values_mut().for_each(act);
        for child in &mut self.children {
            child.each_value(act);
        }
    }
}

/// Writes it as a document, or a part of one.
impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}", self.tag)?;
        if self.tag == "manifest" {
            write!(f, " xmlns:android=\"{ANDROID}\"")?;
        }
        for (name, value) in &self.attributes {
            let value = value
                .replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('"', "&quot;");
            // The one attribute that has no namespace.
            let prefix = if name == "package" { "" } else { "android:" };
            write!(f, " {prefix}{name}=\"{value}\"")?;
        }
        writeln!(f, ">")?;
        for child in &self.children {
            write!(f, "{child}")?;
        }
        writeln!(f, "</{}>", self.tag)
    }
}

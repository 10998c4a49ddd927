//! A page that Dioxus draws on: elements, attributes, text and listeners, to ask for as a person would.

use std::collections::BTreeMap;

use dioxus::core::{
    AttributeValue, ElementId, Template, TemplateAttribute, TemplateNode, WriteMutations,
};

type Index = usize;

/// What is drawn now.
pub(crate) struct Page {
    nodes: Vec<Node>,
    ids: BTreeMap<usize, Index>,
    stack: Vec<Index>,
}

#[derive(Default)]
struct Node {
    parent: Option<Index>,
    children: Vec<Index>,
    tag: Option<&'static str>,
    text: String,
    attributes: BTreeMap<String, String>,
    id: Option<ElementId>,
    listeners: Vec<&'static str>,
}

/// An element of the page.
#[derive(Clone, Copy)]
pub(crate) struct Found<'a> {
    page: &'a Page,
    index: Index,
}

impl Page {
    pub(crate) fn new() -> Self {
        let root = Node {
            tag: Some("body"),
            id: Some(ElementId(0)),
            ..Node::default()
        };
        Self {
            nodes: vec![root],
            ids: BTreeMap::from([(0, 0)]),
            stack: Vec::new(),
        }
    }

    pub(crate) fn body(&self) -> Found<'_> {
        Found {
            page: self,
            index: 0,
        }
    }

    fn add(&mut self, node: Node, id: Option<ElementId>) -> Index {
        let index = self.nodes.len();
        self.nodes.push(node);
        if let Some(id) = id {
            self.name(index, id);
        }
        index
    }

    fn name(&mut self, index: Index, id: ElementId) {
        self.nodes[index].id = Some(id);
        self.ids.insert(id.0, index);
    }

    fn load(&mut self, template: &TemplateNode) -> Index {
        let (node, children) = match template {
            TemplateNode::Element {
                tag,
                attrs,
                children,
                ..
            } => {
                let attributes = attrs.iter().filter_map(|attribute| match attribute {
                    TemplateAttribute::Static { name, value, .. } => {
                        Some(((*name).to_owned(), (*value).to_owned()))
                    }
                    TemplateAttribute::Dynamic { .. } => None,
                });
                let node = Node {
                    tag: Some(tag),
                    attributes: attributes.collect(),
                    ..Node::default()
                };
                (node, *children)
            }
            TemplateNode::Text { text } => {
                let text = (*text).to_owned();
                let node = Node {
                    text,
                    ..Node::default()
                };
                (node, [].as_slice())
            }
            TemplateNode::Dynamic { .. } => (Node::default(), [].as_slice()),
        };
        let index = self.add(node, None);
        for child in children {
            let child = self.load(child);
            self.nodes[child].parent = Some(index);
            self.nodes[index].children.push(child);
        }
        index
    }

    fn at(&self, path: &[u8]) -> Index {
        let top = *self
            .stack
            .last()
            .expect("a path starts at the top of the stack");
        path.iter().fold(top, |index, step| {
            self.nodes[index].children[usize::from(*step)]
        })
    }

    fn pop(&mut self, m: usize) -> Vec<Index> {
        self.stack.split_off(self.stack.len() - m)
    }

    /// Puts `new` into the place `offset` behind `old`, and takes `remove` nodes out there.
    fn splice(&mut self, old: Index, offset: usize, remove: usize, new: Vec<Index>) {
        let parent = self.nodes[old]
            .parent
            .expect("only nodes on the page are replaced");
        for index in &new {
            self.detach(*index);
            self.nodes[*index].parent = Some(parent);
        }
        let children = &mut self.nodes[parent].children;
        let place = children.iter().position(|child| *child == old);
        let place = place.expect("a node is a child of its parent") + offset;
        children.splice(place..place + remove, new);
        if remove == 1 {
            self.nodes[old].parent = None;
        }
    }

    fn detach(&mut self, index: Index) {
        if let Some(parent) = self.nodes[index].parent.take() {
            self.nodes[parent].children.retain(|child| *child != index);
        }
    }
}

impl WriteMutations for Page {
    fn append_children(&mut self, id: ElementId, m: usize) {
        let parent = self.ids[&id.0];
        for index in self.pop(m) {
            self.detach(index);
            self.nodes[index].parent = Some(parent);
            self.nodes[parent].children.push(index);
        }
    }

    fn assign_node_id(&mut self, path: &'static [u8], id: ElementId) {
        let index = self.at(path);
        self.name(index, id);
    }

    fn create_placeholder(&mut self, id: ElementId) {
        let index = self.add(Node::default(), Some(id));
        self.stack.push(index);
    }

    fn create_text_node(&mut self, value: &str, id: ElementId) {
        let node = Node {
            text: value.to_owned(),
            ..Node::default()
        };
        let index = self.add(node, Some(id));
        self.stack.push(index);
    }

    fn load_template(&mut self, template: Template, index: usize, id: ElementId) {
        let index = self.load(&template.roots[index]);
        self.name(index, id);
        self.stack.push(index);
    }

    fn replace_node_with(&mut self, id: ElementId, m: usize) {
        let new = self.pop(m);
        self.splice(self.ids[&id.0], 0, 1, new);
    }

    fn replace_placeholder_with_nodes(&mut self, path: &'static [u8], m: usize) {
        let new = self.pop(m);
        self.splice(self.at(path), 0, 1, new);
    }

    fn insert_nodes_after(&mut self, id: ElementId, m: usize) {
        let new = self.pop(m);
        self.splice(self.ids[&id.0], 1, 0, new);
    }

    fn insert_nodes_before(&mut self, id: ElementId, m: usize) {
        let new = self.pop(m);
        self.splice(self.ids[&id.0], 0, 0, new);
    }

    fn set_attribute(
        &mut self,
        name: &'static str,
        _: Option<&'static str>,
        value: &AttributeValue,
        id: ElementId,
    ) {
        let attributes = &mut self.nodes[self.ids[&id.0]].attributes;
        let value = match value {
            AttributeValue::Text(text) => text.clone(),
            AttributeValue::Bool(flag) if name.starts_with("aria-") => flag.to_string(),
            AttributeValue::Bool(true) => String::new(),
            AttributeValue::Int(number) => number.to_string(),
            _ => {
                attributes.remove(name);
                return;
            }
        };
        attributes.insert(name.to_owned(), value);
    }

    fn set_node_text(&mut self, value: &str, id: ElementId) {
        self.nodes[self.ids[&id.0]].text = value.to_owned();
    }

    fn create_event_listener(&mut self, name: &'static str, id: ElementId) {
        self.nodes[self.ids[&id.0]].listeners.push(name);
    }

    fn remove_event_listener(&mut self, name: &'static str, id: ElementId) {
        self.nodes[self.ids[&id.0]]
            .listeners
            .retain(|known| *known != name);
    }

    fn remove_node(&mut self, id: ElementId) {
        self.detach(self.ids[&id.0]);
    }

    fn push_root(&mut self, id: ElementId) {
        self.stack.push(self.ids[&id.0]);
    }
}

impl<'a> Found<'a> {
    fn node(&self) -> &'a Node {
        &self.page.nodes[self.index]
    }

    /// The text a reader sees, with its white space made even.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        self.collect(&mut text);
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The text to the letter.
    pub(crate) fn exact_text(&self) -> String {
        let mut text = String::new();
        for child in &self.node().children {
            text.push_str(&self.page.nodes[*child].text);
        }
        text
    }

    fn collect(&self, text: &mut String) {
        let node = self.node();
        text.push_str(&node.text);
        for index in &node.children {
            let child = Found {
                index: *index,
                ..*self
            };
            let is_block = child
                .node()
                .tag
                .is_some_and(|tag| !["code", "strong", "q"].contains(&tag));
            if is_block {
                text.push(' ');
            }
            child.collect(text);
            if is_block {
                text.push(' ');
            }
        }
    }

    pub(crate) fn attribute(&self, name: &str) -> Option<&'a str> {
        self.node().attributes.get(name).map(String::as_str)
    }

    /// Every element below with this tag, in order.
    pub(crate) fn all(&self, tag: &str) -> Vec<Found<'a>> {
        let mut found = Vec::new();
        for index in &self.node().children {
            let child = Found {
                index: *index,
                ..*self
            };
            if child.node().tag == Some(tag) {
                found.push(child);
            }
            found.extend(child.all(tag));
        }
        found
    }

    /// The only element below with this tag.
    pub(crate) fn only(&self, tag: &str) -> Found<'a> {
        let all = self.all(tag);
        assert_eq!(all.len(), 1, "<{tag}> in: {}", self.text());
        all[0]
    }

    /// Every element below with this attribute.
    pub(crate) fn with(&self, name: &str, value: &str) -> Vec<Found<'a>> {
        let mut found = Vec::new();
        for index in &self.node().children {
            let child = Found {
                index: *index,
                ..*self
            };
            if child.attribute(name) == Some(value) {
                found.push(child);
            }
            found.extend(child.with(name, value));
        }
        found
    }

    pub(crate) fn parent(&self) -> Option<Found<'a>> {
        let index = self.node().parent?;
        Some(Found { index, ..*self })
    }

    /// The id of the nearest element, from this one up, that listens to `event`.
    pub(crate) fn listener(&self, event: &str) -> Option<ElementId> {
        let node = self.node();
        if node.listeners.contains(&event) {
            return node.id;
        }
        self.parent()?.listener(event)
    }
}

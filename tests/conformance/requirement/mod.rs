//! What standards ask of a client, and what others get wrong, each with the tests that show how it is here.

mod leaders;
mod oauth;
mod standards;

/// One requirement.
pub(crate) struct Requirement {
    /// Where it stands.
    pub(crate) document: &'static str,
    pub(crate) says: &'static str,
    pub(crate) shown: Shown,
}

pub(crate) enum Shown {
    /// By these tests, each a file and a function.
    By(&'static [&'static str]),
    /// By these tests, but for what is said.
    Partly {
        tests: &'static [&'static str],
        but: &'static str,
    },
    NotApplicable(&'static str),
}

impl Requirement {
    pub(crate) fn tests(&self) -> &'static [&'static str] {
        match self.shown {
            Shown::By(tests) | Shown::Partly { tests, .. } => tests,
            Shown::NotApplicable(_) => &[],
        }
    }
}

/// Every requirement, in the order of the table.
pub(crate) fn all() -> Vec<Requirement> {
    let mut all = leaders::all();
    all.extend(oauth::all());
    all.extend(standards::all());
    all
}

/// The requirements of one document.
fn of(
    document: &'static str,
    rows: impl IntoIterator<Item = (&'static str, Shown)>,
) -> Vec<Requirement> {
    let requirement = |(says, shown)| Requirement {
        document,
        says,
        shown,
    };
    rows.into_iter().map(requirement).collect()
}

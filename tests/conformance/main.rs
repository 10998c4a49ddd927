//! The client against each provider of the OpenID Foundation's conformance suite, on each host; the result is the table
//! `tests/conformance.md`.

mod browser;
mod case;
mod device;
mod host;
mod independent;
mod memory;
mod named;
mod native;
mod requirement;
mod run;
mod shown;
mod table;

use std::path::Path;

use tenant::Module;

use case::{At, Case, End, Refused};
use host::Host;
use memory::Memory;
use native::Native;
use run::run;
use table::Column;

/// Writes the table in place of comparing it.
const WRITE: &str = "DIOXUS_AUTH0_WRITE_CONFORMANCE";

#[tokio::test(flavor = "multi_thread")]
async fn the_table_is_what_the_run_gives_and_has_no_failing_row() {
    let cases = case::all();
    let (memory, native) = (
        std::thread::spawn(column::<Memory>),
        std::thread::spawn(column::<Native>),
    );
    let columns = [memory, native].map(|thread| thread.join().expect("the run ends by itself"));
    let table = table::write(&cases, &columns, &requirement::all());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance.md");
    if std::env::var_os(WRITE).is_some() {
        std::fs::write(&path, &table).expect("the table can be written");
    }
    let failed = columns.iter().flat_map(|column| {
        let verdicts = cases.iter().zip(&column.verdicts);
        verdicts.filter_map(|(case, verdict)| {
            let why = verdict.as_ref().err()?;
            Some(format!("{} on {}: {why}", case.id, column.host))
        })
    });
    let failed: Vec<String> = failed.collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == table,
        "{} is not what the run gives; {WRITE}=1 writes it",
        path.display()
    );
}

#[test]
fn every_module_of_the_tenant_is_run() {
    let run: Vec<&str> = case::all().iter().map(|case| case.id).collect();
    let known: Vec<&str> = Module::all().iter().map(|module| module.id).collect();
    assert_eq!(run, known);
}

#[test]
fn every_test_that_the_table_names_is_there() {
    let requirements = requirement::all();
    let names = requirements
        .iter()
        .flat_map(|one| one.tests().iter().copied());
    assert_eq!(named::missing(names), Vec::<&str>::new());
}

/// A verdict that cannot be the other one says nothing: what must be refused does not go well, and what must go well is not
/// refused.
#[tokio::test]
async fn no_module_is_passed_by_the_contrary_of_what_it_requires() {
    for case in case::all() {
        let end = match case.end {
            End::Refused(_) => End::Well,
            End::Well | End::WellWith(_) | End::WellWithKeys(_) => End::Refused(Refused {
                at: At::Login,
                code: "",
                why: "",
            }),
        };
        let contrary = Case { end, ..case };
        assert!(run::<Memory>(&contrary).await.is_err(), "{}", case.id);
    }
}

/// Runs every module on one host, with an executor of its own.
fn column<H: Host>() -> Column {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.expect("a runtime can be built");
    let verdicts = runtime.block_on(async {
        let mut verdicts = Vec::new();
        for case in case::all() {
            verdicts.push(run::<H>(&case).await);
        }
        verdicts
    });
    Column {
        host: H::NAME,
        verdicts,
    }
}

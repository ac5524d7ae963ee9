//! `src/bindings.rs` is generated from the contract; `BLESS=1` writes it anew.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::path::Path;

use wit_bindgen_core::wit_parser::Resolve;
use wit_bindgen_core::{Files, WorldGenerator as _};

#[test]
fn the_bindings_are_those_of_the_contract() {
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    let expected = generated(&home.join("../wit"));
    let file = home.join("src/bindings.rs");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&file, &expected).unwrap();
    }
    let actual = std::fs::read_to_string(&file).unwrap();
    assert!(actual == expected, "src/bindings.rs is out of date: run this test with BLESS=1");
}

fn generated(contract: &Path) -> String {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(contract).unwrap();
    let world = resolve.select_world(&[package], Some("check")).unwrap();
    let options = wit_bindgen_rust::Opts {
        format: true,
        generate_all: true,
        pub_export_macro: true,
        default_bindings_module: Some("provost_sdk::bindings".to_owned()),
        ..Default::default()
    };
    let mut files = Files::default();
    options.build().generate(&mut resolve, world, &mut files).unwrap();
    let (_, text) = files.iter().next().unwrap();
    String::from_utf8(text.to_vec()).unwrap()
}

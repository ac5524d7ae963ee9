//! Every example says what it prints, in `expected-*.txt`: a command line as it would be
//! typed at the root of the repository, all that it prints, and how it ends.

use std::fs;
use std::path::{Path, PathBuf};

use provost_tests::{expect_file, provost, root};
use serde_json::Value;

/// Files `expected-*.txt` of all examples.
fn expectations() -> Vec<PathBuf> {
    let folders = fs::read_dir(root().join("examples")).unwrap();
    let files = folders.flat_map(|folder| fs::read_dir(folder.unwrap().path()).unwrap());
    let mut files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    files.retain(|file| {
        let name = file.file_name().unwrap().to_string_lossy();
        name.starts_with("expected-") && name.ends_with(".txt")
    });
    files.sort();
    files
}

#[test]
fn every_example_prints_what_it_says() {
    let files = expectations();
    assert!(files.len() >= 2, "{files:?}");
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let line = text.lines().next().unwrap_or_default();
        let words = line.strip_prefix("$ provost ");
        let words = words.unwrap_or_else(|| panic!("{}: no command line", file.display()));
        let output = provost(&root()).args(words.split(' ')).output().unwrap();
        let printed = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        let code = output.status.code().unwrap();
        let actual = format!("{line}\n{}\n[exit code {code}]\n", printed.concat());
        expect_file(&file, &actual);
    }
}

/// A copy of the first example that can be altered.
struct Shop(tempfile::TempDir);

impl Shop {
    fn copy() -> Self {
        let copy = tempfile::tempdir().unwrap();
        let example = root().join("examples/01-shop");
        fs::create_dir(copy.path().join("after")).unwrap();
        for file in
            ["provost.yaml", "approvals.yaml", "after/catalog.yaml", "after/storefront.yaml"]
        {
            fs::copy(example.join(file), copy.path().join(file)).unwrap();
        }
        Self(copy)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Take back what was mended in a file.
    fn undo(&self, file: &str) {
        let before = root().join("examples/01-shop/before").join(file);
        fs::copy(before, self.path().join("after").join(file)).unwrap();
    }

    /// Exit code and report.
    fn check(&self) -> (i32, Value) {
        let mut command = provost(self.path());
        command.args(["check", "after", "--environment", "production", "--principal", "alice"]);
        let output = command.args(["--format", "json"]).output().unwrap();
        (output.status.code().unwrap(), serde_json::from_slice(&output.stdout).unwrap())
    }

    /// Have bob approve what is there now.
    fn approve(&self) {
        let (_, report) = self.check();
        let file = self.path().join("approvals.yaml");
        let text = fs::read_to_string(&file).unwrap();
        let (head, _) = text.split_once("change: ").unwrap();
        let digest = report["changeDigest"].as_str().unwrap();
        fs::write(&file, format!("{head}change: {digest}\n")).unwrap();
    }
}

/// Ids of rules violated and of policies that decided.
fn reasons(report: &Value) -> (Vec<&str>, Vec<&str>) {
    let violated = |result: &&Value| result["outcome"] == "violated";
    let results = report["results"].as_array().unwrap().iter().filter(violated);
    let policies = report["decision"]["determining"].as_array().unwrap().iter();
    (
        results.map(|result| result["check"]["id"].as_str().unwrap()).collect(),
        policies.map(|policy| policy["id"].as_str().unwrap()).collect(),
    )
}

#[test]
fn the_approval_in_the_example_is_of_its_change_and_no_other() {
    let shop = Shop::copy();
    let (code, report) = shop.check();
    assert_eq!(code, 0, "{report:#}");
    let approvals = fs::read_to_string(shop.path().join("approvals.yaml")).unwrap();
    assert!(approvals.contains(report["changeDigest"].as_str().unwrap()), "{approvals}");

    // Comments and layout are not part of a change, values are.
    let catalog = shop.path().join("after/catalog.yaml");
    let text = fs::read_to_string(&catalog).unwrap();
    fs::write(&catalog, format!("# A remark.\n{}", text.replace("\nspec:\n", "\nspec:\n\n")))
        .unwrap();
    assert_eq!(shop.check().0, 0);
    fs::write(&catalog, text.replace("replicas: 2", "replicas: 3")).unwrap();
    let (code, report) = shop.check();
    assert_eq!((code, reasons(&report)), (1, (vec![], vec!["production-needs-approval"])));
}

#[test]
fn every_mend_of_the_example_is_needed() {
    let shop = Shop::copy();
    shop.undo("catalog.yaml");
    shop.approve();
    let (code, report) = shop.check();
    assert_eq!(
        (code, reasons(&report)),
        (1, (vec!["pss-privileged-containers"], vec!["allow-changes"]))
    );

    let shop = Shop::copy();
    shop.undo("storefront.yaml");
    shop.approve();
    let (code, report) = shop.check();
    let expected = (vec!["rollout-keeps-minimum"], vec!["production-keeps-minimum"]);
    assert_eq!((code, reasons(&report)), (1, expected));

    let shop = Shop::copy();
    fs::write(
        shop.path().join("approvals.yaml"),
        "apiVersion: provost.dev/v1\nkind: Approvals\napprovals: []\n",
    )
    .unwrap();
    let (code, report) = shop.check();
    assert_eq!((code, reasons(&report)), (1, (vec![], vec!["production-needs-approval"])));
}

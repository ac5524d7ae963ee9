#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

use std::fs;

use super::*;

/// Makes files; a name ending in `/` is a directory.
fn tree(names: &[&str]) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    for name in names {
        let path = root.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        if name.ends_with('/') {
            fs::create_dir_all(path).unwrap();
        } else {
            fs::write(path, "a: 1\n").unwrap();
        }
    }
    root
}

/// What is found, and what is told, with names from the root on.
fn listed(root: &Path, inputs: &[&str], limits: &Limits) -> (Vec<String>, Vec<String>) {
    let mut listing = Listing::new(limits);
    for input in inputs {
        listing.path(&root.join(input));
    }
    let prefix = format!("{}/", root.display());
    let short = |text: String| text.replace(&prefix, "").replace(&root.display().to_string(), ".");
    let found = listing
        .found
        .into_iter()
        .map(|found| match found {
            Found::File(path) => short(name_of(&path)),
            Found::Stdin => "-".to_owned(),
        })
        .collect();
    let problems =
        listing.problems.iter().map(|p| p.to_string().split(';').next().unwrap().to_owned());
    let skipped = listing.skipped.iter().map(|s| format!("{}: {}", s.subject, s.reason));
    (found, problems.chain(skipped).map(short).collect())
}

fn all(root: &Path, inputs: &[&str]) -> (Vec<String>, Vec<String>) {
    listed(root, inputs, &Limits::default())
}

#[test]
fn directories_are_read_in_order_of_name() {
    let root = tree(&[
        "b.yaml",
        "a.yml",
        "c/z.JSON",
        "c/a.yaml",
        "c.yaml",
        "README.md",
        "no-extension",
        "empty/",
    ]);
    let (found, told) = all(root.path(), &[""]);
    assert_eq!(found, ["a.yml", "b.yaml", "c/a.yaml", "c/z.JSON", "c.yaml"]);
    assert_eq!(told, Vec::<String>::new());
}

#[test]
fn hidden_directories_and_node_modules_are_passed_over_unless_named() {
    let root =
        tree(&[".git/a.yaml", "node_modules/x/a.yaml", ".hidden.yaml", "d/.x/b.yaml", "d/b.yaml"]);
    let (found, told) = all(root.path(), &[""]);
    assert_eq!(found, [".hidden.yaml", "d/b.yaml"]);
    assert_eq!(told, Vec::<String>::new());
    assert_eq!(
        all(root.path(), &[".git", "node_modules"]).0,
        [".git/a.yaml", "node_modules/x/a.yaml"]
    );
}

#[test]
fn workflows_are_found_in_their_hidden_directory() {
    let root = tree(&[
        ".github/workflows/b.yml",
        ".github/workflows/a.yaml",
        ".github/workflows/README.md",
        ".github/dependabot.yml",
        ".github/actions/a/action.yml",
        ".gitlab/workflows/c.yml",
        "a.yaml",
        "sub/.github/workflows/d.yml",
        "other/.github/workflows.yml",
        "odd/.github/workflows",
    ]);
    let (found, told) = all(root.path(), &[""]);
    let expected = [
        ".github/workflows/a.yaml",
        ".github/workflows/b.yml",
        "a.yaml",
        "sub/.github/workflows/d.yml",
    ];
    assert_eq!(found, expected);
    assert_eq!(told, Vec::<String>::new());
    // What is named is read as a whole, and nothing twice.
    let (found, told) = all(root.path(), &[".github/workflows/b.yml", ".github", ""]);
    let named = [
        ".github/workflows/b.yml",
        ".github/actions/a/action.yml",
        ".github/dependabot.yml",
        ".github/workflows/a.yaml",
        "a.yaml",
        "sub/.github/workflows/d.yml",
    ];
    assert_eq!(found, named);
    assert_eq!(told, Vec::<String>::new());
    let limits = Limits { files: 1, ..Limits::default() };
    let (found, told) = listed(root.path(), &[""], &limits);
    assert_eq!(found, [".github/workflows/a.yaml"]);
    assert_eq!(told, ["the change: more than 1 files [too-many-files]"]);
}

#[test]
fn a_named_file_is_read_whatever_its_name() {
    let root = tree(&["a", "b.txt", ".c"]);
    assert_eq!(all(root.path(), &["b.txt", "a", ".c", "a"]).0, ["b.txt", "a", ".c"]);
}

#[test]
fn what_is_named_twice_is_read_once() {
    let root = tree(&["d/a.yaml", "d/e/b.yaml"]);
    let (found, told) = all(root.path(), &["d/e/b.yaml", "d", "d/e", "d/a.yaml"]);
    assert_eq!(found, ["d/e/b.yaml", "d/a.yaml"]);
    assert_eq!(told, Vec::<String>::new());
    let (found, told) = all(root.path(), &["d", "d/../d/a.yaml"]);
    assert_eq!(found, ["d/a.yaml", "d/e/b.yaml"]);
    assert_eq!(told, ["d/../d/a.yaml: same file as `d/a.yaml`"]);
}

#[test]
fn what_is_not_there_is_a_problem() {
    let root = tree(&[]);
    assert_eq!(all(root.path(), &["a.yaml"]).1, ["a.yaml: no such file or directory [not-found]"]);
}

#[test]
fn templates_of_a_chart_are_counted() {
    let root = tree(&[
        "chart/Chart.yaml",
        "chart/values.yaml",
        "chart/crds/a.yaml",
        "chart/templates/b.yaml",
        "chart/templates/tests/c.yaml",
        "chart/templates/_helpers.tpl",
        "other/templates/d.yaml",
    ]);
    let (found, told) = all(root.path(), &[""]);
    assert_eq!(
        found,
        ["chart/Chart.yaml", "chart/crds/a.yaml", "chart/values.yaml", "other/templates/d.yaml"]
    );
    let reason = "Helm template: run helm template first";
    assert_eq!(
        told,
        [
            format!("chart/templates/b.yaml: {reason}"),
            format!("chart/templates/tests/c.yaml: {reason}"),
        ]
    );
    let (found, told) = all(root.path(), &["chart/templates/tests", "chart/templates/b.yaml"]);
    assert_eq!(found, ["chart/templates/b.yaml"]);
    assert_eq!(told, [format!("chart/templates/tests/c.yaml: {reason}")]);
}

#[test]
fn too_many_files_are_a_problem() {
    let root = tree(&["a.yaml", "b.yaml", "c.yaml", "d.yaml"]);
    let limits = Limits { files: 2, ..Limits::default() };
    let (found, told) = listed(root.path(), &[""], &limits);
    assert_eq!(found, ["a.yaml", "b.yaml"]);
    assert_eq!(told, ["the change: more than 2 files [too-many-files]"]);
}

#[cfg(unix)]
mod links {
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    use super::*;

    #[test]
    fn a_link_to_a_file_is_followed_but_the_file_is_read_once() {
        let root = tree(&["b.yaml", "outside/c.txt"]);
        symlink("b.yaml", root.path().join("a.yaml")).unwrap();
        symlink("outside/c.txt", root.path().join("c.yaml")).unwrap();
        let (found, told) = all(root.path(), &[""]);
        assert_eq!(found, ["a.yaml", "c.yaml"]);
        assert_eq!(told, ["b.yaml: same file as `a.yaml`"]);
    }

    #[test]
    fn a_link_that_leads_nowhere_is_a_problem() {
        let root = tree(&[]);
        symlink("missing", root.path().join("a.yaml")).unwrap();
        symlink("missing", root.path().join("b.txt")).unwrap();
        let (found, told) = all(root.path(), &[""]);
        assert_eq!(found, Vec::<String>::new());
        assert_eq!(told, ["a.yaml: no such file or directory [not-found]"]);
    }

    #[test]
    fn linked_workflows_are_followed_as_other_links_are() {
        let root = tree(&["a/.github/", "b/.github/", "c/.github/", "c/d/e.yaml", "f/g.yml"]);
        symlink("../../f", root.path().join("a/.github/workflows")).unwrap();
        symlink("missing", root.path().join("b/.github/workflows")).unwrap();
        symlink("..", root.path().join("c/.github/workflows")).unwrap();
        let (found, told) = all(root.path(), &[""]);
        assert_eq!(found, ["a/.github/workflows/g.yml", "c/d/e.yaml"]);
        let expected = [
            "b/.github/workflows: no such file or directory [not-found]",
            "c/.github/workflows: same directory as `c`",
            "f: same directory as `a/.github/workflows`",
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn a_loop_of_directories_is_a_problem() {
        let root = tree(&["a/b/c.yaml"]);
        symlink("..", root.path().join("a/b/up")).unwrap();
        let (found, told) = all(root.path(), &[""]);
        assert_eq!(found, ["a/b/c.yaml"]);
        assert_eq!(told, ["a/b/up: is a link to `a`, which contains it [directory-loop]"]);
    }

    #[test]
    fn many_links_to_one_directory_take_no_exponential_time() {
        let root = tree(&["d30/a.yaml"]);
        for level in (0..30).rev() {
            let directory = root.path().join(format!("d{level}"));
            fs::create_dir(&directory).unwrap();
            for link in ["x", "y"] {
                symlink(format!("../d{}", level + 1), directory.join(link)).unwrap();
            }
        }
        let (found, told) = all(root.path(), &["d0"]);
        assert_eq!(found.len(), 1);
        assert_eq!(told.len(), 30, "{told:?}");
        assert_eq!(told[29], "d0/y: same directory as `d0/x`");
    }

    #[test]
    fn a_pipe_or_socket_is_not_opened() {
        let root = tree(&[]);
        let _socket = UnixListener::bind(root.path().join("a.yaml")).unwrap();
        let _other = UnixListener::bind(root.path().join("b.sock")).unwrap();
        let expected = "a.yaml: is a pipe, socket or device, which is not opened [not-a-file]";
        assert_eq!(all(root.path(), &[""]).1, [expected]);
        assert_eq!(all(root.path(), &["a.yaml"]).1, [expected]);
    }
}

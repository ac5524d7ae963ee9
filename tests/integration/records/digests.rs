//! What a component is made of, and its digest.

use std::collections::BTreeSet;
use std::fs;

use provost_engine::Development;
use provost_intake::Input;

use super::{asked, component, digest, folder, problems, status, text_at, write};

/// Two components that name the same files in two ways have the same digest.
#[test]
fn globs_name_the_files_that_they_say() {
    let files = [
        "a.rs",
        "b.rs",
        "b.txt",
        "src/a.rs",
        "src/deep/er/a.rs",
        "src/deep/b.md",
        ".hidden/a.rs",
        "src/.a.rs",
        "src/deep/.git/x.rs",
        "ab.rs",
        "[id].ts",
    ];
    let cases: &[(&str, &[&str])] = &[
        ("*.rs", &["a.rs", "b.rs", "ab.rs"]),
        ("?.rs", &["a.rs", "b.rs"]),
        ("**/a.rs", &["a.rs", "src/a.rs", "src/deep/er/a.rs"]),
        ("src/**", &["src/a.rs", "src/deep/er/a.rs", "src/deep/b.md"]),
        ("src/**/*.rs", &["src/a.rs", "src/deep/er/a.rs"]),
        ("src/*/*", &["src/deep/b.md"]),
        ("**/deep/**/*.rs", &["src/deep/er/a.rs"]),
        (".hidden/*", &[".hidden/a.rs"]),
        ("src/.*", &["src/.a.rs"]),
        ("**/.git/**", &["src/deep/.git/x.rs"]),
        ("./src//a.rs", &["src/a.rs"]),
        ("a*b*.rs", &["ab.rs"]),
        ("[id].ts", &["[id].ts"]),
        ("*b*", &["b.rs", "b.txt", "ab.rs"]),
    ];
    let folder = folder(&[]);
    for file in files {
        write(folder.path(), file, file);
    }
    let mut seen = BTreeSet::new();
    for (glob, expected) in cases {
        let listed = serde_json::json!(expected);
        let text = component("glob", &format!("phase: Testing, sources: [\"{glob}\"]"))
            + &component("list", &format!("phase: Testing, sources: {listed}"));
        write(folder.path(), "c.yaml", &text);
        let (change, _) = asked(folder.path(), &["c.yaml"]);
        assert_eq!(problems(&change, folder.path()), "", "{glob}");
        assert_eq!(digest(&change, "glob"), digest(&change, "list"), "{glob}");
        seen.insert(digest(&change, "glob"));
    }
    // `src/a.rs` is written in two ways, and no other two cases mean the same.
    assert_eq!(seen.len(), cases.len());
}

#[test]
fn a_digest_is_about_what_a_component_is_made_of() {
    let base = folder(&[("src/a", "1"), ("src/b", "2")]);
    let of = |rest: &str| {
        let others = component("x", "phase: Testing, sources: []");
        let others = others + &component("y", "phase: Testing, sources: []");
        write(base.path(), "c.yaml", &(component("c", rest) + &others));
        digest(&asked(base.path(), &["c.yaml"]).0, "c")
    };
    let first =
        of("phase: Testing, dependsOn: [x, 'y'], sources: ['src/*'], specifications: [s, t]");
    let same = [
        "phase: Deployment, dependsOn: [x, 'y'], sources: ['src/*'], specifications: [s, t]",
        "phase: Testing, dependsOn: ['y', x], sources: [src/b, src/a], specifications: [t, s]",
        "phase: Testing, dependsOn: ['y', x], sources: [src/b, 'src/**'], specifications: [t, s]",
    ];
    for rest in same {
        assert_eq!(of(rest), first, "{rest}");
    }
    let other = [
        "phase: Testing, dependsOn: [x], sources: ['src/*'], specifications: [s, t]",
        "phase: Testing, dependsOn: [x, 'y'], sources: [src/a], specifications: [s, t]",
        "phase: Testing, dependsOn: [x, 'y'], sources: ['src/*'], specifications: [s]",
    ];
    for rest in other {
        assert_ne!(of(rest), first, "{rest}");
    }
    let again =
        || of("phase: Testing, dependsOn: [x, 'y'], sources: ['src/*'], specifications: [s, t]");
    write(base.path(), "other", "anything");
    assert_eq!(again(), first);
    write(base.path(), "src/a", "12");
    write(base.path(), "src/b", "");
    assert_ne!(again(), first, "the boundary between two files counts");
    write(base.path(), "src/a", "1");
    write(base.path(), "src/b", "2");
    assert_eq!(again(), first);
    fs::rename(base.path().join("src/b"), base.path().join("src/c")).unwrap();
    assert_ne!(again(), first, "names count");
}

#[test]
fn what_cannot_be_read_is_told_and_leaves_no_digest() {
    let base = folder(&[("inside/src/a", "1"), ("outside", "secret")]);
    let inside = base.path().join("inside");
    let cases = [
        ("missing", "no file is at `missing`"),
        ("src/*.rs", "no file is at `src/*.rs`"),
        ("src", "`src` is a folder"),
    ];
    let ask = |source: &str| {
        let text = component("c", &format!("phase: Testing, sources: [src/a, '{source}']"));
        write(&inside, "c.yaml", &text);
        asked(&inside, &["c.yaml"]).0
    };
    let refused = |source: &str, message: &str| {
        let change = ask(source);
        let told = problems(&change, &inside);
        assert!(told.contains("c.yaml:5:") && told.contains(message), "{told}");
        assert_eq!(text_at(&change, "c", "/needs/0/problem"), message);
        assert!(status(&change, "c").at("/needs/0/digest").is_none());
    };
    for (source, message) in cases {
        refused(source, message);
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::symlink;
        symlink("../../outside", inside.join("src/out")).unwrap();
        refused("src/out", "`src/out` is a link that leads out of the folder");
        refused("src/*", "`src/out` is a link that leads out of the folder");
        symlink("../..", inside.join("src/up")).unwrap();
        refused("src/up/outside", "`src/up/outside` is a link that leads out of the folder");
        fs::remove_file(inside.join("src/out")).unwrap();
        // A link to a folder is not followed by a glob, one to a file inside is.
        symlink("a", inside.join("src/link")).unwrap();
        assert_eq!(problems(&ask("src/**"), &inside), "");
    }
    let text = component("c", "phase: Testing, sources: [src/a]");
    let limits = provost_intake::Limits::default();
    let mut change =
        provost_intake::read(&[Input::Stdin], &mut text.as_bytes(), &limits, &|_, _| {});
    Development::of(&change).tell(&mut change);
    assert!(problems(&change, &inside).contains("a component from standard input has no folder"));
}

#[test]
fn a_file_that_changes_while_it_is_read_is_told() {
    let base = folder(&[("pod.yaml", "apiVersion: v1\nkind: Pod\nmetadata: { name: a }\n")]);
    write(base.path(), "c.yaml", &component("c", "phase: Testing, sources: [pod.yaml]"));
    let inputs = [Input::Path(base.path().to_owned())];
    let limits = provost_intake::Limits::default();
    let mut change = provost_intake::read(&inputs, &mut std::io::empty(), &limits, &|_, _| {});
    assert!(Development::of(&change).outcomes(&[]).contains_key("c"));
    write(base.path(), "pod.yaml", "apiVersion: v1\nkind: Pod\nmetadata: { name: b }\n");
    Development::of(&change).tell(&mut change);
    assert!(problems(&change, base.path()).contains("the file changed while it was read"));
    assert!(status(&change, "c").at("/needs/0/digest").is_none());
}

#[test]
fn a_record_beside_the_sources_does_not_change_their_digest() {
    let base = folder(&[("src.yaml", "a: 1\n")]);
    write(base.path(), "component.yaml", &component("c", "phase: Testing, sources: ['*.yaml']"));
    let first = digest(&asked(base.path(), &["."]).0, "c");
    let digest_text = "0".repeat(64);
    let record = format!(
        "apiVersion: provost.dev/v1\nkind: VerificationRecord\nmetadata: {{ name: r }}\nspec:\n  components:\n    c: {{ status: Verified, digest: 'sha256:{digest_text}' }}\n"
    );
    write(base.path(), "record.yaml", &record);
    assert_eq!(digest(&asked(base.path(), &["."]).0, "c"), first);
    // Nothing can hide in the file of a record.
    write(
        base.path(),
        "record.yaml",
        &(record + "---\napiVersion: v1\nkind: Pod\nmetadata: { name: p }\n"),
    );
    assert_ne!(digest(&asked(base.path(), &["."]).0, "c"), first);
}

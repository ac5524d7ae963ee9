//! What an author has in every language: a template that works, tests that run natively, and
//! a build that is done again only when it has to be.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use provost_tests::{provost, root};

use super::{cache, run, sample};

/// Runs a program to its end; all that it said.
fn said_by(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert!(output.status.success(), "{command:?}: {said}");
    said
}

/// The toolchains that the tests fetched.
fn toolchains() -> PathBuf {
    cache().join("toolchains")
}

#[test]
fn the_rust_and_go_samples_pass_their_own_tests() {
    let samples = root().join("examples/03-image-policy");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("samples");
    let mut cargo = Command::new("cargo");
    cargo.args(["test", "--quiet"]).current_dir(samples.join("rust"));
    assert!(said_by(cargo.env("CARGO_TARGET_DIR", target)).contains("4 passed"));
    for folder in [root().join("sdk/go"), samples.join("go")] {
        let mut go = Command::new("go");
        assert!(said_by(go.args(["test", "."]).current_dir(folder)).contains("ok"));
    }
}

#[test]
fn the_javascript_and_typescript_sdk_and_samples_pass_their_own_tests() {
    let test = |folder: &Path, file: &Path| {
        let mut node = Command::new("node");
        node.args(["--test", "--test-reporter=tap"]).arg(file).current_dir(folder);
        let said = said_by(&mut node);
        assert!(said.contains("# fail 0") && !said.contains("# pass 0"), "{said}");
    };
    let sdk = root().join("sdk/javascript");
    test(&sdk, &sdk.join("index.test.js"));
    for language in ["javascript", "typescript"] {
        let component = sample(language);
        let folder = root().join("examples/03-image-policy").join(language);
        let source = if language == "javascript" { "plugin.test.js" } else { "plugin.test.ts" };
        // As `npm test` does, without fetching what is fetched already.
        let bundle = component.with_file_name("plugin.test.mjs");
        let mut esbuild = Command::new(toolchains().join("javascript/node_modules/.bin/esbuild"));
        esbuild
            .current_dir(&folder)
            .args([source, "--bundle", "--platform=node", "--format=esm", "--log-level=warning"])
            .arg(format!("--alias:provost-sdk={}", sdk.display()))
            .arg(format!("--outfile={}", bundle.display()));
        said_by(&mut esbuild);
        test(&folder, &bundle);
    }
}

/// What the declarations say of the SDK, a strict reader takes; and what is wrong, it refuses.
#[test]
fn the_typescript_declarations_are_strict() {
    sample("typescript");
    let folder = tempfile::tempdir().unwrap();
    let declarations = root().join("sdk/javascript/index.d.ts");
    let options = format!(
        r#"{{"compilerOptions": {{"strict": true, "exactOptionalPropertyTypes": true,
            "noUncheckedIndexedAccess": true, "noImplicitOverride": true, "noUnusedLocals": true,
            "noUnusedParameters": true, "skipLibCheck": false, "noEmit": true, "types": [],
            "target": "es2022", "lib": ["es2022"], "module": "esnext",
            "moduleResolution": "bundler", "paths": {{"provost-sdk": [{declarations:?}]}}}},
            "files": ["plugin.ts"]}}"#
    );
    fs::write(folder.path().join("tsconfig.json"), options).unwrap();
    let text = r#"
import { type Plugin, MemoryDocument, Mismatch, check, exportPlugin, log, lookup, validate } from "provost-sdk";
interface Settings { least: number }
const plugin: Plugin<Settings> = {
  name: "a", version: "1", rules: [{ id: "a", title: "A", severity: "high" }], capabilities: ["log"],
  defaults: { least: 2 },
  validate({ least }) { if (least > 9) throw new Error("too many"); },
  check(document, { least }, report) {
    for (const item of document.items("/spec/items")) {
      const leaf = document.leaf(item);
      if (typeof leaf !== "number") throw new Mismatch(item, "is no number");
      const patch = [{ op: "replace" as const, path: item, value: least }];
      if (leaf < least) report.add({ rule: "a", pointer: item, message: "too few", patch });
    }
    for (const near of lookup.find(document, "Pod")) log("info", near.text("/kind") ?? "");
  },
};
exportPlugin(plugin);
validate(plugin);
const found = check(plugin, [new MemoryDocument({})], { least: 1 }, []).findings[0]?.rule;
log("debug", found ?? "");
// @ts-expect-error what it says later is not heard
export const later: Plugin = { ...plugin, async check() {} };
// @ts-expect-error there is no such level
log("loud", "");
// @ts-expect-error a finding has a message
check({ ...plugin, check(_, __, report) { report.add({ rule: "a", pointer: "" }); } }, []);
"#;
    fs::write(folder.path().join("plugin.ts"), text).unwrap();
    let mut tsc = Command::new(toolchains().join("typescript/node_modules/.bin/tsc"));
    said_by(tsc.args(["--pretty", "false", "--project"]).arg(folder.path()));
}

#[test]
fn a_typescript_plugin_of_wrong_types_is_not_built() {
    let folder = tempfile::tempdir().unwrap();
    let mut new = provost(folder.path());
    said_by(new.args(["plugin", "new", "wrong", "--language", "typescript"]));
    let main = folder.path().join("wrong/plugin.ts");
    let text = fs::read_to_string(&main).unwrap().replace("const RULE", "const RULE: number");
    fs::write(&main, text + "console.log(process.env);\n").unwrap();
    let output = provost(folder.path()).args(["plugin", "build", "wrong"]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    for part in [
        "plugin.ts(5,7): error TS2322: Type 'string' is not assignable to type 'number'.\n",
        "Cannot find name 'console'",
        "Cannot find name 'process'",
        "`tsc` ended with exit status: 1; what it said is above",
    ] {
        assert!(said.contains(part), "no {part:?} in:\n{said}");
    }
}

#[test]
fn the_python_sdk_and_sample_pass_their_own_tests() {
    for folder in ["sdk/python/tests", "examples/03-image-policy/python"] {
        let mut python = Command::new("python3");
        python
            .args(["-B", "-m", "unittest", "discover", "--verbose"])
            .current_dir(root().join(folder))
            .env("PYTHONPATH", root().join("sdk/python"));
        let said = said_by(&mut python);
        assert!(said.contains(" ... ok"), "{folder}: {said}");
    }
}

#[test]
fn the_python_sdk_and_sample_are_clean_under_strict_types() {
    let folder = toolchains().join("mypy-2.4.1");
    if !folder.join("bin/mypy").exists() {
        fs::create_dir_all(toolchains()).unwrap();
        said_by(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder));
        let mut pip = Command::new(folder.join("bin/python"));
        pip.args(["-m", "pip", "install", "--quiet", "--only-binary", ":all:", "mypy==2.4.1"]);
        said_by(&mut pip);
    }
    for (place, files) in [
        ("sdk/python", &["provost_sdk", "tests", "--exclude", "_guest"][..]),
        ("examples/03-image-policy/python", &["plugin.py", "test_plugin.py"]),
    ] {
        let mut mypy = Command::new(folder.join("bin/mypy"));
        mypy.args(["--strict", "--cache-dir"])
            .arg(Path::new(env!("CARGO_TARGET_TMPDIR")).join("mypy"))
            .args(files)
            .current_dir(root().join(place))
            .env("MYPYPATH", root().join("sdk/python"));
        said_by(&mut mypy);
    }
}

/// Natively, with the compiler that makes the components: whatever this machine has.
#[test]
fn the_c_sdk_and_sample_pass_their_own_tests() {
    sample("c");
    let folder = tempfile::tempdir().unwrap();
    let cache = toolchains().join("zig-cache");
    let sdk = root().join("sdk/c");
    let tests = [sdk.join("tests"), root().join("examples/03-image-policy/c")];
    let files = |folder: &Path| -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        entries.filter(|path| path.extension().is_some_and(|it| it == "c")).collect()
    };
    for test in &tests {
        let program = folder.path().join("test");
        let mut cc = Command::new(toolchains().join("ziglang-0.17.1/bin/python"));
        cc.args(["-m", "ziglang", "cc", "-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror"])
            .args(["-fsanitize=undefined", "-fno-sanitize-recover=all", "-I"])
            .arg(&sdk)
            .args(files(test))
            .args(files(&sdk))
            .arg("-o")
            .arg(&program)
            .envs([("ZIG_GLOBAL_CACHE_DIR", &cache), ("ZIG_LOCAL_CACHE_DIR", &cache)]);
        said_by(&mut cc);
        let said = said_by(&mut Command::new(&program));
        assert!(said.contains("96 passed, 0 failed") || said.matches("ok ").count() == 9, "{said}");
    }
}

/// What `provost plugin new` makes builds, and answers what its cases say; its own test passes.
#[test]
fn a_new_plugin_in_rust_works() {
    new_plugin("rust", &[]);
}

#[test]
fn a_new_plugin_in_go_works() {
    new_plugin("go", &["go", "test", "."]);
}

#[test]
fn a_new_plugin_in_python_works() {
    new_plugin("python", &["python3", "-m", "unittest"]);
}

#[test]
fn a_new_plugin_in_javascript_works() {
    // As `npm install` would, without asking a registry.
    let link = "mkdir node_modules && ln -s ../sdk node_modules/provost-sdk && node --test";
    new_plugin("javascript", &["sh", "-c", link]);
}

#[test]
fn a_new_plugin_in_typescript_works() {
    new_plugin("typescript", &["sh", "-c", "npm install --no-audit --no-fund && npm test"]);
}

#[test]
fn a_new_plugin_in_c_works() {
    new_plugin("c", &["make", "test"]);
}

fn new_plugin(language: &str, native: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("samples");
        let mut command = provost(folder.path());
        let output = command.args(arguments).env("CARGO_TARGET_DIR", target).output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        (String::from_utf8(text).unwrap(), output.status.code().unwrap())
    };
    let (said, exit) = run(&["plugin", "new", "memory-limits", "--language", language]);
    assert_eq!(exit, 0, "{said}");
    let (said, exit) = run(&["plugin", "test", "memory-limits"]);
    assert_eq!(exit, 0, "{said}");
    assert!(said.contains("7 passed, 0 failed"), "{said}");
    if let [program, arguments @ ..] = native {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(folder.path().join("memory-limits"));
        said_by(command.env("PYTHONPATH", "sdk"));
    }
    let (said, exit) = run(&["plugin", "new", "memory-limits", "--language", language]);
    assert!(exit == 2 && said.contains("`memory-limits` is there already"), "{said}");
    let (said, exit) = run(&["plugin", "new", "Memory", "--language", language]);
    assert!(exit == 2 && said.contains("`Memory` is not lower-case words"), "{said}");
}

/// A file beside the plugin's, or the component itself: whatever changed, it is made anew.
#[test]
fn a_plugin_is_built_again_only_when_something_of_it_changed() {
    sample("c");
    let folder = tempfile::tempdir().unwrap();
    let build = || {
        let output = provost(folder.path()).args(["plugin", "build", "again"]).output().unwrap();
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(output.status.success(), "{said}");
        said.contains("zig cc")
    };
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        let old = fs::read_to_string(&path).unwrap_or_default();
        fs::write(path, old + text).unwrap();
    };
    said_by(provost(folder.path()).args(["plugin", "new", "again", "--language", "c"]));
    assert!(build() && !build());
    write("again/cases.yaml", "# no part of the component\n");
    assert!(!build());
    write("again/plugin.c", "/* a part of it */\n");
    assert!(build() && !build());
    write("again/sdk/text.c", "/* a part of it */\n");
    assert!(build() && !build());
    write("outside.h", "/* a part of it */\n");
    write("again/more.h", "#include \"../outside.h\"\n");
    write("again/plugin.c", "#include \"more.h\"\n");
    // A file that is written while it is built is not taken for what it was built of.
    std::thread::sleep(std::time::Duration::from_millis(20));
    assert!(build() && !build());
    write("outside.h", "/* and changed */\n");
    std::thread::sleep(std::time::Duration::from_millis(20));
    assert!(build() && !build());
    fs::write(folder.path().join("again/build/again.wasm"), "something else").unwrap();
    assert!(build() && !build());
    fs::remove_dir_all(folder.path().join("again/build")).unwrap();
    assert!(build() && !build());
}

/// JavaScript says what its bundle is made of, so that packages count too.
#[test]
fn what_a_javascript_plugin_imports_from_elsewhere_is_watched() {
    let folder = tempfile::tempdir().unwrap();
    let run = || {
        let output = provost(folder.path()).args(["plugin", "test", "again"]).output().unwrap();
        String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
    };
    said_by(provost(folder.path()).args(["plugin", "new", "again", "--language", "javascript"]));
    let package = folder.path().join("again/node_modules/words");
    fs::create_dir_all(&package).unwrap();
    fs::write(package.join("index.js"), "export const RULE = 'again';").unwrap();
    let main = folder.path().join("again/plugin.js");
    let text = fs::read_to_string(&main).unwrap();
    let text = text.replace("const RULE = \"again\";", "import { RULE } from \"words\";");
    fs::write(main, text).unwrap();
    std::thread::sleep(std::time::Duration::from_millis(20));
    assert!(run().contains("7 passed"));
    assert!(!run().contains("esbuild"));
    fs::write(package.join("index.js"), "export const RULE = 'other';").unwrap();
    let said = run();
    assert!(said.contains("esbuild") && said.contains("+ other in document 0"), "{said}");
}

/// The sample is built in its own folder: what the tests leave there is up to date.
#[test]
fn a_sample_that_is_built_is_not_built_again() {
    sample("go");
    let (said, exit) = run(&["plugin", "build", "examples/03-image-policy/go"]);
    assert!(exit == 0 && !said.contains("go build"), "{said}");
}

use provost_model::{Problem, Severity};
use provost_report::{Format, Style, page, problem, render};
use unicode_width::UnicodeWidthStr as _;

use crate::expected::expect;
use crate::material::{cart, place, rule, specification};
use crate::{cases, expected};

const WIDTHS: [usize; 4] = [40, 60, 100, 200];

#[test]
fn every_case_reads_as_expected() {
    for (name, assessment) in cases::all() {
        let text = render(&assessment, Format::Human, &Style::default());
        expect(&format!("tests/cases/{name}.human.txt"), &text);
    }
}

#[test]
fn every_expected_output_belongs_to_a_case() {
    let mut known: Vec<_> = cases::all()
        .iter()
        .flat_map(|(name, _)| ["human.txt", "json", "sarif"].map(|end| format!("{name}.{end}")))
        .collect();
    known.extend(["many", "page", "problem", "verbose", "color"].map(|name| format!("{name}.txt")));
    known.sort();
    let mut files: Vec<_> = std::fs::read_dir(expected::path("tests/cases"))
        .expect("the folder is there")
        .map(|entry| entry.expect("it can be listed").file_name().into_string().expect("UTF-8"))
        .collect();
    files.sort();
    assert_eq!(files, known);
}

#[test]
fn hundreds_of_findings_are_counted_after_the_worst_fifty() {
    let text = render(&cases::many(), Format::Human, &Style::default());
    assert_eq!(text.matches("critical[privileged]: ").count(), 40, "the worst are all shown");
    assert_eq!(text.matches("high[host-namespaces]: ").count(), 10);
    assert_eq!(text.matches("110  high[host-namespaces]\n").count(), 1, "the rest is counted");
    expect("tests/cases/many.txt", &text);
}

#[test]
fn verbose_shows_everything() {
    let verbose = Style { verbose: true, ..Style::default() };
    let text = render(&cases::many(), Format::Human, &verbose);
    assert_eq!(text.matches("]: ").count(), 280);
    assert!(!text.contains("more:\n"));
    let texts: Vec<_> = ["all-fine", "refuted-wide", "unknown", "plugins"]
        .iter()
        .map(|wanted| {
            let cases = cases::all();
            let (_, case) = cases.iter().find(|(name, _)| name == wanted).expect("a case");
            render(case, Format::Human, &verbose)
        })
        .collect();
    expect("tests/cases/verbose.txt", &texts.join("\n=====\n\n"));
}

#[test]
fn colour_adds_escape_codes_and_nothing_else() {
    let color = Style { color: true, ..Style::default() };
    let mut all = String::new();
    for (name, assessment) in cases::all() {
        let colored = render(&assessment, Format::Human, &color);
        let plain = render(&assessment, Format::Human, &Style::default());
        let stripped: Vec<_> =
            strip(&colored).lines().map(|line| line.trim_end().to_owned()).collect();
        assert_eq!(stripped, plain.lines().collect::<Vec<_>>(), "{name}");
        if name == "refuted" {
            all = colored;
        }
    }
    expect("tests/cases/color.txt", &all);
}

/// Only what `Style` writes: `ESC [ … m`.
fn strip(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let mut stripped = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        stripped.push_str(part.split_once('m').expect("a colour").1);
    }
    stripped
}

#[test]
fn lines_keep_within_the_width_and_end_in_no_space() {
    for (name, assessment) in cases::all().into_iter().chain([("many", cases::many())]) {
        for width in WIDTHS {
            for verbose in [false, true] {
                let style = Style { width, verbose, color: false };
                let text = render(&assessment, Format::Human, &style);
                for line in text.lines() {
                    assert_eq!(line.trim_end(), line, "{name} at {width}: trailing space");
                    // Places and digests are never broken: people copy them.
                    let copied = line.contains("--> ") || line.contains("sha256:");
                    assert!(copied || line.width() <= width, "{name} at {width}: {line:?}");
                }
            }
        }
    }
}

#[test]
fn nothing_that_a_terminal_obeys_comes_through() {
    for (name, assessment) in cases::all() {
        let text = render(&assessment, Format::Human, &Style::default());
        let harmful =
            |c: &char| (c.is_control() && *c != '\n') || ('\u{202a}'..='\u{202e}').contains(c);
        assert_eq!(text.chars().find(harmful), None, "{name}");
    }
}

#[test]
fn problems_name_their_line_or_file() {
    let style = Style::default();
    let at =
        Problem::at("unknown-key", place(&cart(), "strategy", 0, ""), "unknown key `strategy`")
            .help("did you mean `strategies`?");
    let about =
        Problem::about("plugin-load", "plugins/a.wasm", "it exports nothing of `provost:plugin`");
    let neither = Problem { subject: None, ..about.clone() };
    let texts = [at, about, neither].map(|one| problem(&one, &style));
    expect("tests/cases/problem.txt", &texts.join("\n"));
}

#[test]
fn a_page_explains_a_check() {
    let style = Style { width: 60, ..Style::default() };
    let plugin = rule("privileged", Severity::Critical, "No container is privileged");
    let texts = [specification(), plugin].map(|check| page(&check, &style));
    expect("tests/cases/page.txt", &texts.join("\n=====\n\n"));
}

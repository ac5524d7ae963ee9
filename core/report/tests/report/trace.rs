//! Runs drawn alone, and properties proved alone.

use provost_model::{
    Assessment, CheckResult, Counterexample, Location, Proof, ProofRecord, Scalar, Scope, Source,
    Step,
};
use provost_report::{
    ComparedExample, ExampleState, Format, Style, Trace, TraceFormat, example, proving, render,
    traces,
};
use serde_json::{Value, json};

use crate::expected::expect;
use crate::material::{assessment, cart, counterexample, place, proved, refuted, specification};

/// A rollout that is rolled back again and again.
fn circle() -> Counterexample {
    let step = |action: &str, phase: &str, pods, done| Step {
        action: action.to_owned(),
        state: vec![Scalar::Text(phase.to_owned()), Scalar::Integer(pods), Scalar::Bool(done)],
    };
    Counterexample {
        message: "it is never \"done\" & <over>".to_owned(),
        variables: ["phase", "pods", "done"].map(str::to_owned).to_vec(),
        steps: vec![
            step("start", "idle", 3, false),
            step("roll out", "rolling", 4, false),
            step("roll back", "idle", 3, false),
        ],
        back_to: Some(0),
        fails_when: Some("pods >= 3".to_owned()),
        remedies: Vec::new(),
        ..counterexample(&cart())
    }
}

fn both() -> Assessment {
    let check = specification();
    let (first, one) = refuted(&check, counterexample(&cart()));
    let (second, other) = refuted(&check, circle());
    let other = ProofRecord { property: "completes".to_owned(), ..other };
    let source = Source::new("specs/x.yaml", "let:\n  down: 1\n  up: 2\nlemmas:\n  - down <= up\n");
    let rests_on = ["1", "down <= up"].map(|words| place(&source, words, 0, ""));
    let mut record = proved("checkout", &cart(), "minimum-available", Scope::Values);
    if let Proof::Proved(proved) = &mut record.proof {
        // One place twice counts once.
        proved.rests_on = rests_on.iter().chain(&rests_on).cloned().collect::<Vec<Location>>();
    }
    let simple = proved("checkout", &cart(), "completes", Scope::Values);
    let unknown = ProofRecord {
        property: "spread".to_owned(),
        proof: Proof::Unknown("the budget of the solver is spent".to_owned()),
        ..simple.clone()
    };
    let result = CheckResult {
        subjects: 2,
        findings: vec![first, second],
        proofs: vec![one, other, record, simple, unknown],
        ..CheckResult::new(check)
    };
    assessment(2, vec![result])
}

fn drawn(property: &str, format: TraceFormat) -> String {
    let assessment = both();
    let all = Trace::all(&assessment);
    let one: Vec<_> = all.into_iter().filter(|trace| trace.property == property).collect();
    assert_eq!(one.len(), 1);
    traces(&one, format, &Style::default())
}

#[test]
fn every_run_is_drawn_in_every_format() {
    let assessment = both();
    let all = Trace::all(&assessment);
    let style = Style::default();
    expect("tests/traces/both.txt", &traces(&all, TraceFormat::Table, &style));
    expect("tests/traces/both.json", &traces(&all, TraceFormat::Json, &style));
    for property in ["minimum-available", "completes"] {
        let file = |end| format!("tests/traces/{property}.{end}");
        expect(&file("svg"), &drawn(property, TraceFormat::Svg));
        expect(&file("itf.json"), &drawn(property, TraceFormat::Itf));
    }
}

/// What ADR-015 of Apalache demands of a trace whose values are integers, truth values and
/// texts.
#[test]
fn itf_is_as_its_definition_says() {
    let value = json!({"oneOf": [
        {"type": ["string", "boolean"]},
        {
            "type": "object",
            "required": ["#bigint"],
            "additionalProperties": false,
            "properties": {"#bigint": {"type": "string", "pattern": "^-?[0-9]+$"}},
        },
    ]});
    let names = json!({"type": "array", "items": {"type": "string", "pattern": "^[^#]"}});
    let schema = json!({
        "type": "object",
        "required": ["vars", "states"],
        "additionalProperties": false,
        "properties": {
            "#meta": {"type": "object"},
            "params": names,
            "vars": names,
            "loop": {"type": "integer", "minimum": 0},
            "states": {"type": "array", "items": {
                "type": "object",
                "properties": {"#meta": {"type": "object"}},
                "patternProperties": {"^[^#]": value},
                "additionalProperties": false,
            }},
        },
    });
    let validator = jsonschema::validator_for(&schema).unwrap();
    for property in ["minimum-available", "completes"] {
        let trace: Value = serde_json::from_str(&drawn(property, TraceFormat::Itf)).unwrap();
        let errors: Vec<_> = validator.iter_errors(&trace).map(|e| e.to_string()).collect();
        assert_eq!(errors, Vec::<String>::new(), "{trace:#}");
        let states = trace["states"].as_array().unwrap();
        let has = |state: &Value, names: &Value| {
            names.as_array().unwrap().iter().all(|name| state.get(name.as_str().unwrap()).is_some())
        };
        assert!(states.iter().all(|state| has(state, &trace["vars"])));
        assert!(has(&states[0], &trace["params"]), "parameters are set in the first state");
        for (index, state) in states.iter().enumerate() {
            assert_eq!(state["#meta"]["index"], index);
        }
        // It goes round: the last state is the one that the loop starts with.
        let start = trace.get("loop").map(|index| index.as_u64().unwrap() as usize);
        assert_eq!(start.is_some(), property == "completes");
        if let Some(start) = start {
            for name in trace["vars"].as_array().unwrap() {
                let name = name.as_str().unwrap();
                assert_eq!(states[start][name], states[states.len() - 1][name]);
            }
        }
    }
}

/// Every element ends where it should, and no text of others is taken for one.
#[test]
fn the_picture_is_well_formed() {
    for property in ["minimum-available", "completes"] {
        let svg = drawn(property, TraceFormat::Svg);
        let mut open = Vec::new();
        let (_, body) = svg.split_once('<').unwrap();
        for tag in body.split('<') {
            let (tag, text) = tag.split_once('>').expect("a tag ends");
            assert!(!text.contains('>'), "{text}");
            for entity in text.split('&').skip(1) {
                let known = ["amp;", "lt;", "gt;", "quot;"];
                assert!(known.iter().any(|known| entity.starts_with(known)), "{entity}");
            }
            if let Some(name) = tag.strip_prefix('/') {
                assert_eq!(open.pop(), Some(name));
            } else if !tag.ends_with('/') {
                open.push(tag.split(' ').next().unwrap());
            }
        }
        assert_eq!(open, Vec::<&str>::new());
        assert!(!svg.contains("href") && !svg.contains("url("), "it stands alone");
    }
    assert!(drawn("completes", TraceFormat::Svg).contains("&lt;over&gt;"));
}

#[test]
fn a_run_that_goes_round_says_so_in_every_report() {
    let assessment = both();
    let human = render(&assessment, Format::Human, &Style::default());
    assert!(human.contains("and then on from step 0 again, for ever"), "{human}");
    assert!(human.contains("when: fails exactly when pods >= 3"), "{human}");
    let json: Value =
        serde_json::from_str(&render(&assessment, Format::Json, &Style::default())).unwrap();
    let run = &json["results"][0]["proofs"][1]["proof"]["counterexample"];
    assert_eq!(run["backTo"], 0);
    assert_eq!(run["failsWhen"], "pods >= 3");
    assert_eq!(run["steps"][1]["state"]["phase"], "rolling");
    let rests_on = &json["results"][0]["proofs"][2]["proof"]["restsOn"];
    assert_eq!(rests_on.as_array().map(Vec::len), Some(4), "{rests_on}");
    let validator = jsonschema::validator_for(&provost_report::json_schema()).unwrap();
    assert!(validator.is_valid(&json));
    let sarif = render(&assessment, Format::Sarif, &Style::default());
    let words = "; and then on from step 0 (`start`) again, for ever; fails exactly when pods >= 3";
    assert!(sarif.contains(words), "{sarif}");
}

#[test]
fn every_property_of_every_object_is_listed() {
    let narrow = Style { width: 60, ..Style::default() };
    let texts = [
        proving(&both(), Format::Human, false, &Style::default()),
        proving(&both(), Format::Human, true, &narrow),
        proving(&assessment(0, Vec::new()), Format::Human, true, &Style::default()),
    ];
    expect("tests/traces/proving.txt", &texts.join("\n=====\n\n"));
}

#[test]
fn an_example_that_differs_shows_how() {
    let compared = ComparedExample {
        state: ExampleState::Failed,
        place: "specs/x.md:7:1",
        summary: "refuted",
        expected: "a: refuted\n  blame: line 3\n",
        found: "a: refuted\n  blame: line 4\n\u{1b}[2J\n",
    };
    let style = Style::default();
    let same =
        ComparedExample { state: ExampleState::AsWritten, found: compared.expected, ..compared };
    let none =
        ComparedExample { state: ExampleState::Missing, expected: "", found: "", ..compared };
    let written = ComparedExample { state: ExampleState::Rewritten, ..compared };
    let texts = [same, compared, written, none].map(|one| example(&one, &style));
    expect("tests/traces/examples.txt", &texts.concat());
}

//! The cases: one assessment each.

use std::sync::Arc;

use provost_model::{
    Assessment, CheckResult, Counterexample, Effect, ExceptionFault, Inconclusive, Location,
    PolicyReference, Problem, Proof, ProofRecord, Scalar, Scope, Severity, Skipped, Source, Span,
    Step, Waiver,
};

use crate::material::{
    assessment, cart, counterexample, finding, object, place, policy, proved, refuted, result,
    rule, settle, specification,
};

/// Every case by the name of its files.
pub(crate) fn all() -> Vec<(&'static str, Assessment)> {
    vec![
        ("all-fine", all_fine()),
        ("refuted", refuted_specification()),
        ("refuted-wide", refuted_with_many_variables()),
        ("plugins", plugins()),
        ("waived", waived()),
        ("unknown", unknown()),
        ("problems", problems()),
        ("denied", denied()),
        ("no-permit", no_permit()),
        ("other-file", other_file()),
        ("non-ascii", non_ascii()),
        ("long-lines", long_lines()),
        ("crlf", crlf()),
        ("hostile", hostile()),
        ("nothing", assessment(0, Vec::new())),
    ]
}

fn all_fine() -> Assessment {
    let cart = cart();
    let unknowns = vec!["replicas in 2..10".to_owned()];
    let rollout = CheckResult {
        subjects: 2,
        proofs: vec![
            proved("cart", &cart, "minimum-available", Scope::Values),
            proved("cart", &cart, "completes", Scope::Values),
            proved("checkout", &cart, "minimum-available", Scope::Values),
        ],
        ..CheckResult::new(specification())
    };
    let mut autoscaler = (*specification()).clone();
    autoscaler.id = "autoscaler-keeps-quota".to_owned();
    let autoscaler = CheckResult {
        subjects: 1,
        proofs: vec![proved("cart", &cart, "within-quota", Scope::Every(unknowns))],
        ..CheckResult::new(Arc::new(autoscaler))
    };
    let quiet =
        result(&rule("privileged", Severity::Critical, "No container is privileged"), vec![]);
    let mut assessment = assessment(12, vec![autoscaler, quiet, rollout]);
    assessment.skipped = ["a.md", "b.md", "chart/templates/x.yaml"]
        .map(|subject| {
            let reason = if subject.ends_with("md") { "not YAML or JSON" } else { "Helm template" };
            Skipped { subject: subject.to_owned(), reason: reason.to_owned() }
        })
        .to_vec();
    assessment
}

fn refuted_specification() -> Assessment {
    let check = specification();
    let cart = cart();
    let (finding, record) = refuted(&check, counterexample(&cart));
    let result = CheckResult {
        subjects: 2,
        findings: vec![finding],
        proofs: vec![record, proved("checkout", &cart, "minimum-available", Scope::Values)],
        ..CheckResult::new(check)
    };
    assessment(2, vec![result])
}

/// Two refutations of one object told apart, one of them too wide for a table and
/// too long to be shown whole.
fn refuted_with_many_variables() -> Assessment {
    let check = specification();
    let run = counterexample(&cart());
    let variables = (0..12).map(|index| format!("pods_in_zone_{index}"));
    let steps = (0..40).map(|number| Step {
        action: if number == 0 { "start".to_owned() } else { format!("node {number} is drained") },
        state: (0..12).map(|index| Scalar::Integer(i64::from(index == number % 12))).collect(),
    });
    let wide = Counterexample {
        message: "zones can be emptied one after the other".to_owned(),
        variables: variables.collect(),
        steps: steps.collect(),
        remedies: Vec::new(),
        ..run.clone()
    };
    let (first, first_record) = refuted(&check, run);
    let (second, second_record) = refuted(&check, wide);
    let second_record = ProofRecord { property: "spread".to_owned(), ..second_record };
    let result = CheckResult {
        subjects: 1,
        findings: vec![first, second],
        // In the other order than the findings.
        proofs: vec![second_record, first_record],
        ..CheckResult::new(check)
    };
    assessment(1, vec![result])
}

fn plugins() -> Assessment {
    let cart = cart();
    let privileged = rule("privileged", Severity::Critical, "No container is privileged");
    let containers = ["web", "proxy", "log"];
    let privileged = result(
        &privileged,
        (0..3)
            .map(|nth| {
                let pointer =
                    format!("/spec/template/spec/containers/{nth}/securityContext/privileged");
                let place = place(&cart, "privileged: true", nth, &pointer);
                finding(
                    &privileged,
                    place,
                    &format!("container `{}` is privileged", containers[nth]),
                )
            })
            .collect(),
    );
    let latest = rule("image-latest", Severity::Medium, "Images have a version");
    let place_of_latest = place(&cart, "proxy:latest", 0, "/spec/template/spec/containers/1/image");
    let latest_finding =
        finding(&latest, place_of_latest, "image `proxy:latest` can change unseen");
    let limits = rule("no-limits", Severity::High, "Containers have memory limits");
    // Three missing fields, located at their nearest ancestors: the message is the same.
    let limits = result(
        &limits,
        (0..3)
            .map(|nth| {
                let pointer =
                    format!("/spec/template/spec/containers/{nth}/resources/limits/memory");
                finding(
                    &limits,
                    place(&cart, "image", nth, &pointer),
                    "the container has no memory limit",
                )
            })
            .collect(),
    );
    let owner = rule("owner-label", Severity::Info, "Objects name their owner");
    let owner_finding =
        finding(&owner, place(&cart, "metadata", 0, "/metadata/labels"), "no label `owner`");
    assessment(
        1,
        vec![
            result(&latest, vec![latest_finding]),
            limits,
            result(&owner, vec![owner_finding]),
            privileged,
        ],
    )
}

fn waived() -> Assessment {
    let mut assessment = plugins();
    assessment.results.retain(|result| result.check.id == "privileged");
    assessment.waivers = assessment.results[0]
        .findings
        .iter()
        .take(3)
        .map(|finding| Waiver {
            finding: finding.clone(),
            policy: policy("legacy-cart"),
            owner: "team-shop".to_owned(),
            reason: "the driver needs the host until it is replaced".to_owned(),
            expires: "2031-03-31".to_owned(),
        })
        .collect();
    assessment.exception_faults = vec![ExceptionFault {
        policy: policy("production-needs-approval"),
        message: "the exception expired on 2024-02-29: remove it, or renew `@expires`".to_owned(),
    }];
    settle(&mut assessment);
    assessment
}

fn unknown() -> Assessment {
    let cart = cart();
    let check = specification();
    let reason = "the solver ran out of its budget: raise `limits.rlimit` in provost.yaml";
    let unknown = |name: &str| Inconclusive {
        object: Some(object("Deployment", name)),
        location: Some(place(&cart, "replicas", 0, "/spec/replicas")),
        reason: reason.to_owned(),
    };
    let names: Vec<_> = (1..=7).map(|number| format!("cart-{number}")).collect();
    let record = |name: &str, reason: &str| ProofRecord {
        object: object("Deployment", name),
        location: place(&cart, "apiVersion", 0, ""),
        property: "completes".to_owned(),
        proof: Proof::Unknown(reason.to_owned()),
    };
    let rollout = CheckResult {
        subjects: 8,
        unknowns: names.iter().map(|name| unknown(name)).collect(),
        // The first is told already, the second is not.
        proofs: vec![record("cart-1", reason), record("lonely", "vacuous: no step is ever taken")],
        ..CheckResult::new(check)
    };
    let trapped = CheckResult {
        unknowns: vec![Inconclusive {
            object: None,
            location: None,
            reason: "plugin `pod-security` trapped: out of fuel".to_owned(),
        }],
        ..CheckResult::new(rule("privileged", Severity::Critical, "No container is privileged"))
    };
    assessment(8, vec![trapped, rollout])
}

fn problems() -> Assessment {
    let broken = Source::new("deploy/broken.yaml", "a: 1\nb: [1, 2\nc: 3\n");
    let mut assessment = assessment(1, Vec::new());
    assessment.problems = vec![
        Problem::at("yaml-syntax", place(&broken, "c", 0, ""), "expected `,` or `]`")
            .help("close the list that line 2 opens"),
        Problem::about("file-unreadable", "deploy/secret dir", "permission denied"),
    ];
    assessment.decision.effect = Effect::Deny;
    assessment.decision.determining.clear();
    assessment.decision.errors = vec!["`budget`: attribute `context.errors` not found".to_owned()];
    settle(&mut assessment);
    assessment
}

fn denied() -> Assessment {
    let mut assessment = assessment(5, Vec::new());
    let kind = |api_version: &str, kind: &str| (api_version.to_owned(), kind.to_owned());
    assessment.unjudged.insert(kind("v1", "ConfigMap"), 2);
    assessment.unjudged.insert(kind("apps/v1", "Deploymnt"), 1);
    assessment.notes = vec![
        "the approval of `bob` is of another change: what was edited since needs a new one"
            .to_owned(),
    ];
    assessment.decision.effect = Effect::Deny;
    assessment.decision.environment = "production".to_owned();
    assessment.decision.determining = vec![PolicyReference {
        title: "A change to production needs an approval by somebody else".to_owned(),
        remedy: "let a member of `sre` approve the change by its digest".to_owned(),
        ..policy("production-needs-approval")
    }];
    settle(&mut assessment);
    assessment
}

fn no_permit() -> Assessment {
    let mut assessment = assessment(1, Vec::new());
    assessment.decision.effect = Effect::Deny;
    assessment.decision.environment = String::new();
    assessment.decision.determining.clear();
    settle(&mut assessment);
    assessment
}

/// The budget is to blame, and one remedy is in the Deployment's file.
fn other_file() -> Assessment {
    let budget = Source::new(
        "./policies/budget of cart.yaml",
        "apiVersion: policy/v1\nkind: PodDisruptionBudget\nspec:\n  minAvailable: 2\n",
    );
    let check = specification();
    let mut run = counterexample(&cart());
    run.blame = place(&budget, "minAvailable: 2", 0, "/spec/minAvailable");
    run.remedies.truncate(1);
    // Missing, so it is located at its nearest ancestor: no text can be replaced.
    run.remedies[0].edits[0].location =
        place(&cart(), "rollingUpdate", 0, "/spec/strategy/rollingUpdate/maxSurge");
    run.remedies[0].edits[0].pointer = "/spec/strategy/rollingUpdate/maxSurge".to_owned();
    let (mut finding, record) = refuted(&check, run);
    finding.remedy = Some("or ask whether `minAvailable: 2` is still needed".to_owned());
    let result = CheckResult {
        subjects: 1,
        findings: vec![finding],
        proofs: vec![record],
        ..CheckResult::new(check)
    };
    assessment(2, vec![result])
}

fn non_ascii() -> Assessment {
    let text = "metadata:\n  annotations: { größe: \"日本語のテキスト\", owner: \"Zoë 🦀\" }\n";
    let source = Source::new("ünïcode.yaml", text);
    let check = rule("owner-label", Severity::High, "Objects name their owner");
    let first = finding(
        &check,
        place(&source, "日本語のテキスト", 0, "/metadata/annotations/größe"),
        "größe is no size",
    );
    let second = finding(
        &check,
        place(&source, "Zoë 🦀", 0, "/metadata/annotations/owner"),
        "`Zoë 🦀` is no team",
    );
    assessment(1, vec![result(&check, vec![first, second])])
}

fn long_lines() -> Assessment {
    let filler = "x".repeat(700);
    let text = format!(
        "{{\"a\": \"{filler}\", \"privileged\": true, \"b\": \"{filler}\", \"token\": \"{filler}\"}}\n"
    );
    let source = Source::new("one-line.json", text);
    let privileged = rule("privileged", Severity::Critical, "No container is privileged");
    let token = rule("token-in-clear", Severity::High, "Tokens are in secrets");
    let long = format!(
        "a token of {} characters is written out, {}",
        700,
        "which everyone can read ".repeat(12)
    );
    let first = finding(
        &privileged,
        place(&source, "\"privileged\": true", 0, "/privileged"),
        "it is privileged",
    );
    let second = finding(&token, place(&source, &filler, 2, "/token"), &long);
    let third = finding(&token, place(&source, &filler, 1, "/b"), &long);
    assessment(1, vec![result(&privileged, vec![first]), result(&token, vec![second, third])])
}

fn crlf() -> Assessment {
    let source =
        Source::new("windows\\cart.yaml", "spec:\r\n  hostNetwork: true\r\n  hostPID: true\r\n");
    let check = rule("host-namespaces", Severity::High, "Pods keep out of the host's namespaces");
    let first = finding(
        &check,
        place(&source, "hostNetwork: true\r\n", 0, "/spec/hostNetwork"),
        "the pod is in the host's network",
    );
    let second = finding(
        &check,
        place(&source, "hostPID: true", 0, "/spec/hostPID"),
        "the pod sees the host's processes",
    );
    assessment(1, vec![result(&check, vec![first, second])])
}

/// Escape codes, reordering characters and spans that fit nothing.
fn hostile() -> Assessment {
    let source = Source::new("a\u{1b}[2J.yaml", "name: \"\u{1b}[31mred\u{202e}der\"\t# tab\n");
    let check = rule("name", Severity::High, "Names are\nnames");
    let span = |start, end| Location {
        source: Arc::clone(&source),
        span: Span { start, end },
        pointer: String::new(),
    };
    let findings = [(6, 20), (500, 3), (1, 9999), (16, 17)];
    let findings = findings.map(|(start, end)| {
        finding(&check, span(start, end), &format!("from {start}\u{9b}31m to {end}\r\nand\tmore"))
    });
    let empty = Source::new("empty.yaml", "");
    let nowhere = finding(&check, Location::new(&empty, Span::new(3, 4)), "there is no text");
    let mut findings = findings.to_vec();
    findings.push(nowhere);
    assessment(1, vec![result(&check, findings)])
}

/// More than anybody wants to read: 120 objects with two violations each.
pub(crate) fn many() -> Assessment {
    let mut text = String::new();
    let mut objects = Vec::new();
    for number in 0..120 {
        objects.push(text.len());
        text.push_str(&format!("hostNetwork: true # {number}\nimage: x:latest\n"));
    }
    let source = Source::new("deploy/many.yaml", text);
    let network = rule("host-namespaces", Severity::High, "Pods keep out of the host's namespaces");
    let root = rule("privileged", Severity::Critical, "No container is privileged");
    let latest = rule("image-latest", Severity::Low, "Images have a version");
    let findings = |check: &Arc<_>, words: &str, message: &str, every: usize| {
        (0..120)
            .filter(|number| number % every == 0)
            .map(|number| {
                let mut finding = finding(check, place(&source, words, number, ""), message);
                finding.object = object("Deployment", &format!("cart-{number}"));
                finding
            })
            .collect()
    };
    let results = vec![
        result(&latest, findings(&latest, "x:latest", "image `x:latest` can change unseen", 1)),
        result(&network, findings(&network, "hostNetwork", "the pod is in the host's network", 1)),
        result(&root, findings(&root, "true", "the container is privileged", 3)),
    ];
    assessment(120, results)
}

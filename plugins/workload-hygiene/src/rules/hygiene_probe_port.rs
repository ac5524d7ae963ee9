use provost_sdk::workload::{Container, Role};
use provost_sdk::{Mismatch, Place, Seen};

use crate::{Rule, Scope, Subject};

pub(super) const RULE: Rule = Rule {
    id: "hygiene-probe-port",
    page: provost_sdk::page!("hygiene-probe-port"),
    scope: Scope::Workload,
    check,
};

const PROBES: [(&str, &str); 3] = [
    ("/livenessProbe", "liveness probe"),
    ("/readinessProbe", "readiness probe"),
    ("/startupProbe", "startup probe"),
];
const PORTS: [&str; 3] = ["/httpGet/port", "/tcpSocket/port", "/grpc/port"];

fn check(workload: &Subject<'_>, seen: &mut Seen<'_>) {
    for container in workload.containers(&[Role::Init, Role::Main], seen) {
        let Some(declared) = seen.judge(declared(container)) else { continue };
        for (field, called) in PROBES {
            let probe = container.at(field);
            for port in PORTS {
                let place = probe.at(port);
                let Some(Some(port)) = seen.judge(port_at(&place)) else { continue };
                if !declared.contains(&port) {
                    seen.violation(
                        &place,
                        format!(
                            "the {called} of {container} asks port `{port}`, \
                             which the container does not declare for TCP"
                        ),
                        "declare the port under `ports`, or correct the probe",
                        None,
                    );
                }
            }
        }
    }
}

/// Every TCP port that a container declares: its number, and its name if it has one.
fn declared(container: &Container<'_>) -> Result<Vec<String>, Mismatch> {
    let mut all = Vec::new();
    for port in container.at("/ports").items()? {
        let protocol = port.at("/protocol").text()?;
        if !matches!(protocol, None | Some("TCP")) {
            continue;
        }
        all.extend(port.at("/containerPort").integer()?.map(|number| number.to_string()));
        all.extend(port.at("/name").text()?.map(str::to_owned));
    }
    Ok(all)
}

/// A port as a probe names it: by number or by name.
fn port_at(place: &Place<'_>) -> Result<Option<String>, Mismatch> {
    match place.text() {
        Ok(name) => Ok(name.map(str::to_owned)),
        Err(not_text) => match place.integer() {
            Ok(number) => Ok(number.map(|number| number.to_string())),
            Err(_) => Err(not_text),
        },
    }
}

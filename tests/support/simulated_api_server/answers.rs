//! What an API server answers.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body, Bytes, Frame, Incoming};
use hyper::{Request, Response};
use serde_json::{Value, json};
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::world::{Served, Trouble, World};
use super::{Shared, TOKEN};

type Answer = Response<BoxBody<Bytes, Infallible>>;

/// How often a watch says that nothing happened.
const BOOKMARK: Duration = Duration::from_millis(200);

pub(super) fn answer(shared: Arc<Shared>, request: Request<Incoming>) -> Answer {
    let authorization = request.headers().get("authorization");
    let is_known = authorization.is_some_and(|value| value == &format!("Bearer {TOKEN}"));
    if !is_known {
        return refused(401, "Unauthorized", "Unauthorized");
    }
    let path = request.uri().path().to_owned();
    let query: BTreeMap<String, String> = request
        .uri()
        .query()
        .unwrap_or_default()
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(key, value)| (key.to_owned(), value.replace("%3A", ":")))
        .collect();
    let parts: Vec<_> = path.trim_matches('/').split('/').collect();
    match *parts.as_slice() {
        ["api"] => said(
            200,
            &json!({ "kind": "APIVersions", "versions": ["v1"] , "serverAddressByClientCIDRs": []}),
        ),
        ["apis"] => said(200, &groups(&shared.world())),
        ["api", version] => resources(&shared.world(), "", version),
        ["apis", group, version] => resources(&shared.world(), group, version),
        ["api", version, resource] => objects(&shared, ("", version, resource), &query),
        ["apis", group, version, resource] => objects(&shared, (group, version, resource), &query),
        _ => refused(404, "NotFound", "there is no such path"),
    }
}

fn said(code: u16, value: &Value) -> Answer {
    let body = Full::new(Bytes::from(value.to_string())).boxed();
    let mut response = Response::new(body);
    *response.status_mut() = hyper::StatusCode::from_u16(code).unwrap_or_default();
    response
}

fn refused(code: u16, reason: &str, message: &str) -> Answer {
    said(code, &status(code, reason, message))
}

fn status(code: u16, reason: &str, message: &str) -> Value {
    json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "message": message, "reason": reason, "code": code,
    })
}

fn groups(world: &World) -> Value {
    let mut groups: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (group, version, ..) in world.served.iter().filter(|served| !served.0.is_empty()) {
        let versions = groups.entry(group).or_default();
        if !versions.contains(&version.as_str()) {
            versions.push(version);
        }
    }
    let groups = groups.iter().map(|(group, versions)| {
        let version = |version: &&str| {
            json!({ "groupVersion": format!("{group}/{version}"), "version": version })
        };
        let versions: Vec<_> = versions.iter().map(version).collect();
        json!({ "name": group, "versions": versions, "preferredVersion": versions.first() })
    });
    json!({ "kind": "APIGroupList", "apiVersion": "v1", "groups": groups.collect::<Vec<_>>() })
}

fn resources(world: &World, group: &str, version: &str) -> Answer {
    let of = world.served.iter().filter(|served| served.0 == group && served.1 == version);
    let resource = |(_, _, kind, resource): &Served| {
        json!({
            "name": resource, "singularName": "", "namespaced": true, "kind": kind,
            "verbs": ["get", "list", "watch"],
        })
    };
    let resources: Vec<_> = of.map(resource).collect();
    if resources.is_empty() {
        return refused(404, "NotFound", "the server could not find the requested resource");
    }
    let group_version =
        if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") };
    said(
        200,
        &json!({ "kind": "APIResourceList", "groupVersion": group_version, "resources": resources }),
    )
}

fn objects(
    shared: &Arc<Shared>,
    (group, version, resource): (&str, &str, &str),
    query: &BTreeMap<String, String>,
) -> Answer {
    let mut world = shared.world();
    let is_it =
        |served: &&Served| (&*served.0, &*served.1, &*served.3) == (group, version, resource);
    let Some(served) = world.served.iter().find(is_it).cloned() else {
        return refused(404, "NotFound", "the server could not find the requested resource");
    };
    let is_watch = query.get("watch").is_some_and(|watch| watch == "true");
    let verb = if is_watch { "watch" } else { "list" };
    let rest: Vec<_> = query.iter().map(|(key, value)| format!("{key}={value}")).collect();
    world.asked.push(format!("{verb} {resource} {}", rest.join(" ")));
    let trouble = world.troubles.get(&served.2).cloned();
    match trouble {
        Some(Trouble::Forbidden) => {
            let message = format!("{resource} is forbidden: cannot {verb} at the cluster scope");
            return refused(403, "Forbidden", &message);
        }
        Some(Trouble::Status(code)) => return refused(code, "InternalError", "something broke"),
        _ => {}
    }
    if is_watch {
        drop(world);
        let since = query.get("resourceVersion").and_then(|text| text.parse().ok()).unwrap_or(0);
        let seconds = query.get("timeoutSeconds").and_then(|text| text.parse().ok()).unwrap_or(60);
        return watch(shared, served, since, Duration::from_secs(seconds), trouble);
    }
    list(&mut world, &served, query, trouble.as_ref())
}

fn list(
    world: &mut World,
    served: &Served,
    query: &BTreeMap<String, String>,
    trouble: Option<&Trouble>,
) -> Answer {
    let limit = query.get("limit").and_then(|text| text.parse().ok()).unwrap_or(usize::MAX);
    let token = query.get("continue").and_then(|token| token.split_once(':'));
    let (number, from) = match token {
        Some((number, from)) => (number.parse().unwrap_or(0), from.parse().unwrap_or(0)),
        None => {
            let kind = (served.0.clone(), served.2.clone());
            let of = world.objects.iter().filter(|((one, ..), _)| *one == kind);
            // Items of a list do not say what they are.
            let items = of.map(|(_, object)| {
                let mut object = object.clone();
                if let Some(fields) = object.as_object_mut() {
                    fields.remove("apiVersion");
                    fields.remove("kind");
                }
                object
            });
            let items = items.collect();
            let number = world.lists.len() as u64;
            world.lists.insert(number, (world.version, items));
            (number, 0)
        }
    };
    if from > 0 && trouble == Some(&Trouble::ForgetsPages) {
        return refused(410, "Expired", "the provided continue parameter is too old");
    }
    let Some((version, items)) = world.lists.get(&number) else {
        return refused(410, "Expired", "the provided continue parameter is too old");
    };
    let page: Vec<_> = items.iter().skip(from).take(limit).collect();
    let next = from + page.len();
    let token = if next < items.len() { format!("{number}:{next}") } else { String::new() };
    said(
        200,
        &json!({
            "kind": format!("{}List", served.2),
            "apiVersion": "v1",
            "metadata": { "resourceVersion": version.to_string(), "continue": token },
            "items": page,
        }),
    )
}

/// A body that is said as it happens.
struct Lines(Receiver<Bytes>);

impl Body for Lines {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(context).map(|line| line.map(|line| Ok(Frame::data(line))))
    }
}

fn watch(
    shared: &Arc<Shared>,
    served: Served,
    since: u64,
    time: Duration,
    trouble: Option<Trouble>,
) -> Answer {
    if since < shared.world().oldest {
        return refused(410, "Expired", "too old resource version");
    }
    let (sender, receiver) = channel(16);
    let shared = Arc::clone(shared);
    tokio::spawn(async move {
        match trouble {
            Some(Trouble::Silent) => return tokio::time::sleep(time * 10).await,
            Some(Trouble::Ends) => return,
            Some(Trouble::Breaks) => {
                let broken = status(500, "InternalError", "something broke");
                let line = json!({ "type": "ERROR", "object": broken });
                let _ = sender.send(Bytes::from(format!("{line}\n"))).await;
                return;
            }
            _ => {}
        }
        // Whoever asked may be gone.
        let follow = follow(&shared, &served, since, &sender);
        let _ = tokio::time::timeout(time, follow).await;
    });
    Response::new(Lines(receiver).boxed())
}

/// Says what happens to a kind until nobody listens.
async fn follow(shared: &Shared, served: &Served, mut since: u64, sender: &Sender<Bytes>) {
    let kind = (served.0.clone(), served.2.clone());
    let mut happened = shared.happened.subscribe();
    loop {
        let (lines, version): (Vec<_>, _) = {
            let world = shared.world();
            let new = world.happened.iter().filter(|one| one.version > since && one.kind == kind);
            let lines = new.map(|one| format!("{}\n", one.line)).collect();
            if since < world.oldest {
                let gone = status(410, "Expired", "too old resource version");
                (vec![format!("{}\n", json!({ "type": "ERROR", "object": gone }))], u64::MAX)
            } else {
                (lines, world.version)
            }
        };
        for line in lines {
            // In two pieces: a line may come in any.
            let (one, two) = line.as_bytes().split_at(line.len() / 2);
            for piece in [one, two] {
                if sender.send(Bytes::copy_from_slice(piece)).await.is_err() {
                    return;
                }
            }
        }
        if version == u64::MAX {
            return;
        }
        since = version;
        if tokio::time::timeout(BOOKMARK, happened.changed()).await.is_err() {
            let version = since.to_string();
            let object = json!({
                "apiVersion": "v1", "kind": served.2, "metadata": { "resourceVersion": version },
            });
            let mark = json!({ "type": "BOOKMARK", "object": object });
            if sender.send(Bytes::from(format!("{mark}\n"))).await.is_err() {
                return;
            }
        }
    }
}

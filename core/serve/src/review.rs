//! The request: what an API server asks, `admission.k8s.io/v1`.
//!
//! Fields and their meaning: `k8s.io/api/admission/v1`, type `AdmissionRequest`. Fields that
//! are not known are passed over, as the API may grow; those that are must be of their type.

use std::fmt;
use std::sync::Arc;

use provost_model::{Node, Principal, Source, Value};
use provost_syntax::{Limits, read_json};

/// The API version that is answered.
pub(crate) const API_VERSION: &str = "admission.k8s.io/v1";

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Endpoint {
    /// `/validate`: may it proceed?
    Validate,
    /// `/mutate`: what would mend it?
    Mutate,
}

impl Endpoint {
    /// Its name in paths, metrics and logs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Validate => "validate",
            Self::Mutate => "mutate",
        }
    }
}

/// What is done to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verb {
    /// It is new.
    Create,
    /// It replaces an older one.
    Update,
    /// It goes.
    Delete,
    /// Somebody connects to it: `exec`, `attach`, `portforward`, `proxy`.
    Connect,
}

impl Verb {
    /// As an API server writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Create => "CREATE",
            Self::Update => "UPDATE",
            Self::Delete => "DELETE",
            Self::Connect => "CONNECT",
        }
    }

    fn of(name: &str) -> Option<Self> {
        [Self::Create, Self::Update, Self::Delete, Self::Connect]
            .into_iter()
            .find(|verb| verb.name() == name)
    }
}

/// One review that is asked for.
#[derive(Clone, Debug)]
pub struct Review {
    /// What the answer must echo.
    pub uid: String,
    /// `group/version` of the object as it is here, after conversion by `matchPolicy: Equivalent`.
    pub api_version: String,
    /// Kind of the object as it is here.
    pub kind: String,
    /// What is asked for, as `apps/v1/deployments`; empty where the request does not say.
    pub resource: String,
    /// `scale`, `status`, `exec`, …; empty for the object itself.
    pub subresource: String,
    /// Name of the object; empty where the server makes it.
    pub name: String,
    /// Namespace of the request; empty for what is in none.
    pub namespace: String,
    /// What is done.
    pub verb: Verb,
    /// Who asks.
    pub user: Principal,
    /// The object as it would be; none for a deletion.
    pub object: Option<Node>,
    /// The object as it is; none for a new one.
    pub old: Option<Node>,
    /// Must nothing outside the answer change?
    pub dry_run: bool,
    /// The text of the request, which spans point into.
    pub source: Arc<Source>,
}

/// Why bytes are no review.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// The HTTP status: 400, or 413 for what is larger than a limit.
    pub status: u16,
    /// What is wrong, and what to do.
    pub message: String,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Malformed {}

fn malformed(message: impl Into<String>) -> Malformed {
    Malformed { status: 400, message: message.into() }
}

/// Levels of nesting around the object of a review.
const AROUND: usize = 2;

/// Reads the body of a request. `limits` are those of one object.
///
/// # Errors
/// When it is not one `AdmissionReview` of `admission.k8s.io/v1` with a request.
pub fn read(body: &[u8], limits: &Limits) -> Result<Review, Malformed> {
    let text = std::str::from_utf8(body)
        .map_err(|error| malformed(format!("the body is not UTF-8: {error}")))?;
    let source = Source::new("the admission review", text);
    // Both objects, each of which may be as large as one.
    let limits = Limits {
        bytes: limits.bytes.max(text.len()),
        depth: limits.depth.saturating_add(AROUND),
        documents: 2,
        nodes: limits.nodes.saturating_mul(2),
    };
    let root = read_json(&source, &limits).map_err(|problem| {
        let at =
            problem.location.as_ref().map(|location| format!(" at byte {}", location.span.start));
        let (at, code) = (at.unwrap_or_default(), problem.code);
        let status = if code.starts_with("too-") { 413 } else { 400 };
        Malformed { status, message: format!("the body cannot be read{at}: {}", problem.message) }
    })?;
    review(source, root)
}

fn review(source: Arc<Source>, mut root: Node) -> Result<Review, Malformed> {
    let Value::Map(_) = root.value else { return Err(malformed("the body is not an object")) };
    match root.get("apiVersion").and_then(Node::as_text) {
        Some(API_VERSION) => {}
        Some(other) => {
            return Err(malformed(format!(
                "`apiVersion` is `{other}`: only `{API_VERSION}` is answered; set \
                 `admissionReviewVersions: [v1]` in the webhook's configuration"
            )));
        }
        None => return Err(malformed("`apiVersion` is missing or no string")),
    }
    if root.get("kind").and_then(Node::as_text) != Some("AdmissionReview") {
        return Err(malformed("`kind` is not `AdmissionReview`"));
    }
    let Some(request) = root.get("request").filter(|one| matches!(one.value, Value::Map(_))) else {
        return Err(malformed("there is no `request`"));
    };
    let fields = Fields(request);
    let uid = fields.text("uid")?;
    if uid.is_empty() {
        return Err(malformed("`request.uid` is missing or empty"));
    }
    let verb = fields.text("operation")?;
    let verb = Verb::of(&verb).ok_or_else(|| {
        malformed(format!("`request.operation` is `{verb}`: CREATE, UPDATE, DELETE or CONNECT"))
    })?;
    let kind = Fields(fields.map("kind")?.ok_or_else(|| malformed("there is no `request.kind`"))?);
    let mut review = Review {
        uid,
        api_version: kind.api_version()?,
        kind: kind.text("kind")?,
        resource: fields.resource()?,
        subresource: fields.text("subResource")?,
        name: fields.text("name")?,
        namespace: fields.text("namespace")?,
        verb,
        user: fields.user()?,
        object: None,
        old: None,
        dry_run: fields.flag("dryRun")?,
        source,
    };
    if review.kind.is_empty() || review.api_version.is_empty() {
        return Err(malformed("`request.kind` has no `version` or no `kind`"));
    }
    // Moved, not copied: they are nearly all of the request.
    let (has_object, has_old) =
        (fields.map("object")?.is_some(), fields.map("oldObject")?.is_some());
    review.object = take(&mut root, "object").filter(|_| has_object);
    review.old = take(&mut root, "oldObject").filter(|_| has_old);
    if review.object.is_none() && matches!(verb, Verb::Create | Verb::Update) {
        return Err(malformed(format!("there is no `request.object` to {}", verb.name())));
    }
    Ok(review)
}

/// Takes a field out of the request.
fn take(root: &mut Node, name: &str) -> Option<Node> {
    let request = entry(root, "request")?;
    Some(std::mem::replace(entry(request, name)?, Node::new(Value::Null)))
}

fn entry<'a>(node: &'a mut Node, name: &str) -> Option<&'a mut Node> {
    let Value::Map(entries) = &mut node.value else { return None };
    entries.iter_mut().find(|entry| entry.key == name).map(|entry| &mut entry.value)
}

/// The fields of a part of the request.
struct Fields<'a>(&'a Node);

impl<'a> Fields<'a> {
    /// A field that is there and not null.
    fn field(&self, name: &str) -> Option<&'a Node> {
        self.0.get(name).filter(|node| !node.is_null())
    }

    fn wrong(name: &str, wanted: &str) -> Malformed {
        malformed(format!("`{name}` of the request is not {wanted}"))
    }

    /// Text; empty when it is not there.
    fn text(&self, name: &str) -> Result<String, Malformed> {
        match self.field(name) {
            None => Ok(String::new()),
            Some(node) => {
                node.as_text().map(str::to_owned).ok_or_else(|| Self::wrong(name, "a string"))
            }
        }
    }

    /// `group/version`, or `version` of the core group.
    fn api_version(&self) -> Result<String, Malformed> {
        let (group, version) = (self.text("group")?, self.text("version")?);
        Ok(if group.is_empty() { version } else { format!("{group}/{version}") })
    }

    fn resource(&self) -> Result<String, Malformed> {
        let Some(resource) = self.map("resource")?.map(Fields) else { return Ok(String::new()) };
        Ok(format!("{}/{}", resource.api_version()?, resource.text("resource")?))
    }

    fn flag(&self, name: &str) -> Result<bool, Malformed> {
        match self.field(name).map(|node| &node.value) {
            None => Ok(false),
            Some(Value::Bool(value)) => Ok(*value),
            Some(_) => Err(Self::wrong(name, "true or false")),
        }
    }

    fn map(&self, name: &str) -> Result<Option<&'a Node>, Malformed> {
        match self.field(name) {
            Some(node) if !matches!(node.value, Value::Map(_)) => {
                Err(Self::wrong(name, "an object"))
            }
            found => Ok(found),
        }
    }

    fn user(&self) -> Result<Principal, Malformed> {
        let Some(user) = self.map("userInfo")? else { return Ok(Principal::default()) };
        let fields = Fields(user);
        let name = fields.text("username")?;
        let groups = fields.field("groups").map_or(Ok(Vec::new()), |node| texts("groups", node))?;
        let extra = fields.map("extra")?.map_or(&[][..], Node::entries).iter();
        let extra = extra
            .map(|entry| Ok((entry.key.clone(), texts("extra", &entry.value)?)))
            .collect::<Result<Vec<_>, Malformed>>()?;
        let name = if name.is_empty() { Principal::ANONYMOUS.to_owned() } else { name };
        Ok(Principal::from_user_info(&name, groups, extra))
    }
}

/// A list of strings.
fn texts(name: &str, node: &Node) -> Result<Vec<String>, Malformed> {
    let wrong = || Fields::wrong(name, "a list of strings");
    let Value::List(items) = &node.value else { return Err(wrong()) };
    let texts = items.iter().map(|item| item.as_text().map(str::to_owned));
    texts.collect::<Option<_>>().ok_or_else(wrong)
}

use std::collections::{BTreeMap, BTreeSet};

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Principal {
    /// What sort of actor it is.
    pub kind: PrincipalKind,
    /// User name; `namespace/name` of a service account; the name of a pipeline or healer.
    pub name: String,
    /// Groups that it belongs to.
    pub groups: Vec<String>,
    /// An authenticator stated its groups. What is not so was claimed by whoever asks.
    pub authenticated: bool,
    /// What else the authenticator said, as Kubernetes' `userInfo.extra` has it.
    pub extra: BTreeMap<String, BTreeSet<String>>,
}

/// What sort of actor asks: the type of the Cedar entity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PrincipalKind {
    /// A person.
    #[default]
    User,
    /// A Kubernetes service account.
    ServiceAccount,
    /// A delivery pipeline.
    Pipeline,
    /// An automatic healer.
    Healer,
}

impl PrincipalKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::User, Self::ServiceAccount, Self::Pipeline, Self::Healer];

    /// The name of the Cedar entity type.
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::ServiceAccount => "ServiceAccount",
            Self::Pipeline => "Pipeline",
            Self::Healer => "Healer",
        }
    }
}

impl Principal {
    /// The name of whoever did not say who they are.
    pub const ANONYMOUS: &str = "anonymous";

    /// A person or a service account, by the name that Kubernetes gives it.
    ///
    /// `system:serviceaccount:NAMESPACE:NAME` is the service account `NAMESPACE/NAME`; the
    /// prefix `system:` is reserved for Kubernetes itself (Kubernetes documentation,
    /// "Authenticating"), so nobody else can be called so.
    pub fn named(name: impl Into<String>) -> Self {
        let name = name.into();
        let account = name.strip_prefix("system:serviceaccount:");
        let account = account.and_then(|account| account.split_once(':'));
        let is_name = |part: &str| !part.is_empty() && !part.contains([':', '/']);
        let (kind, name) = match account.filter(|(space, name)| is_name(space) && is_name(name)) {
            Some((space, name)) => (PrincipalKind::ServiceAccount, format!("{space}/{name}")),
            None => (PrincipalKind::User, name),
        };
        Self { kind, name, groups: Vec::new(), authenticated: false, extra: BTreeMap::new() }
    }

    /// Whoever the `userInfo` of an AdmissionReview or TokenReview describes: `username`,
    /// `groups` and `extra` as they stand there (API group `authentication.k8s.io/v1`).
    pub fn from_user_info(
        username: &str,
        groups: impl IntoIterator<Item = String>,
        extra: impl IntoIterator<Item = (String, Vec<String>)>,
    ) -> Self {
        let extra = extra.into_iter().map(|(key, values)| (key, values.into_iter().collect()));
        Self {
            groups: groups.into_iter().collect(),
            authenticated: true,
            extra: extra.collect(),
            ..Self::named(username)
        }
    }

    /// The name that Kubernetes gives it: what [`Principal::named`] was called with.
    pub fn full_name(&self) -> String {
        match (self.kind, self.name.split_once('/')) {
            (PrincipalKind::ServiceAccount, Some((namespace, name))) => {
                format!("system:serviceaccount:{namespace}:{name}")
            }
            _ => self.name.clone(),
        }
    }

    /// Is it known who asks? `system:anonymous` is how an API server calls whoever it does
    /// not know.
    pub fn is_known(&self) -> bool {
        let name = self.name.trim().to_ascii_lowercase();
        !["", Self::ANONYMOUS, "system:anonymous"].contains(&name.as_str())
    }
}

impl Default for Principal {
    fn default() -> Self {
        Self::named(Self::ANONYMOUS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_called_anonymous_is_not_known() {
        let named = |name: &str| Principal::named(name);
        assert!(named("alice").is_known());
        assert!(!Principal::default().is_known());
        assert!(!named(" Anonymous").is_known());
        assert!(!named("system:anonymous").is_known());
        assert!(!named(" ").is_known());
    }

    #[test]
    fn a_service_account_is_told_by_the_name_that_kubernetes_reserves() {
        let kind = |name: &str| {
            let principal = Principal::named(name);
            (principal.kind, principal.name)
        };
        let account = (PrincipalKind::ServiceAccount, "ci/deployer".to_owned());
        assert_eq!(kind("system:serviceaccount:ci:deployer"), account);
        let full = Principal::named("system:serviceaccount:ci:deployer").full_name();
        assert_eq!(full, "system:serviceaccount:ci:deployer");
        for name in [
            "ci/deployer",
            "system:serviceaccount:ci",
            "system:serviceaccount::deployer",
            "system:serviceaccount:ci:deployer:x",
            "system:serviceaccount:a/b:c",
            "xsystem:serviceaccount:ci:deployer",
        ] {
            assert_eq!(kind(name), (PrincipalKind::User, name.to_owned()));
        }
    }

    #[test]
    fn user_info_keeps_groups_and_extra() {
        let groups = ["system:authenticated".to_owned()];
        let extra = [("scopes".to_owned(), vec!["b".to_owned(), "a".to_owned(), "a".to_owned()])];
        let principal = Principal::from_user_info("alice", groups, extra);
        assert_eq!(principal.groups, ["system:authenticated"]);
        assert!(principal.authenticated);
        assert!(!Principal::named("alice").authenticated);
        let scopes = principal.extra.get("scopes").into_iter().flatten();
        assert_eq!(scopes.collect::<Vec<_>>(), ["a", "b"]);
    }
}

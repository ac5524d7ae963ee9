//! The gate file `provost.yaml`: what is in force, and where each value came from.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use provost_model::{Location, Node, Problem, Source, escape_pointer};
use serde_json::Value;

use crate::form::GateForm;
use crate::sources::unreadable;

/// A gate: what is in force, and where each value came from.
#[derive(Clone, Debug, Default)]
pub struct Gate {
    /// What is in force.
    pub form: GateForm,
    file: Option<(Arc<Source>, Node)>,
    directory: PathBuf,
    overrides: Vec<Override>,
    entities: Option<PathBuf>,
}

/// A value that the command line put in place of the gate file's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// RFC 6901 pointer into the gate file.
    pub pointer: String,
    /// The option or variable: `--environment`.
    pub option: String,
}

/// One value in force.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// As `limits.solverSeconds`.
    pub name: String,
    /// The value.
    pub value: Value,
    /// `default`, `provost.yaml:3:1`, or `--environment`.
    pub origin: String,
}

impl Gate {
    /// The names of a gate file; only one of them may be in a folder.
    const FILES: [&str; 2] = ["provost.yaml", "provost.yml"];

    /// The gate file nearest above a directory, as a path from there: `../provost.yaml`.
    ///
    /// # Errors
    /// When a folder has two: which is meant cannot be known.
    pub fn find(from: &Path) -> Result<Option<PathBuf>, Vec<Problem>> {
        let mut up = PathBuf::new();
        for folder in from.ancestors() {
            let mut here = Self::FILES.iter().filter(|name| folder.join(name).is_file());
            match (here.next(), here.next()) {
                (Some(name), None) => return Ok(Some(up.join(name))),
                (Some(name), Some(other)) => {
                    let message = format!("there is a `{other}` beside it");
                    let path = up.join(name).display().to_string();
                    let problem = Problem::about("gate-file", path, message);
                    return Err(vec![problem.help("remove one of the two")]);
                }
                (None, _) => up.push(".."),
            }
        }
        Ok(None)
    }

    /// Read a gate file.
    ///
    /// # Errors
    /// Every problem of the file, each at its line.
    pub fn read(path: &Path) -> Result<Self, Vec<Problem>> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|error| {
            let problem = Problem::about("gate-file", &name, unreadable(path, &error));
            vec![problem.help("name another with `--config`")]
        })?;
        let directory = path.parent().unwrap_or(Path::new("")).to_owned();
        Self::parse(&Source::new(name, text), directory)
    }

    /// Parse the text of a gate file whose paths are relative to `directory`.
    ///
    /// # Errors
    /// Every problem of the text, each at its line.
    pub fn parse(source: &Arc<Source>, directory: PathBuf) -> Result<Self, Vec<Problem>> {
        let root = provost_syntax::only_document(source, "Gate")?;
        let form = provost_syntax::decode(source, &root)?;
        Ok(Self { form, file: Some((Arc::clone(source), root)), directory, ..Self::default() })
    }

    /// Put an environment in force in place of the gate file's; `option` says whose.
    pub fn override_environment(&mut self, environment: String, option: &str) {
        self.form.environment = Some(environment);
        let pointer = "/environment".to_owned();
        self.overrides.push(Override { pointer, option: option.to_owned() });
    }

    /// Put an entities file in force in place of the gate file's; its path is not relative
    /// to the gate file.
    pub fn override_entities(&mut self, path: PathBuf) {
        self.entities = Some(path);
    }

    /// The entities file, where one is named.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(crate) fn entities(&self) -> Result<Option<Arc<Source>>, Vec<Problem>> {
        self.named("entities", self.entities.as_deref(), self.form.entities.as_deref())
    }

    /// The text of the file that an option names, or else a field of the gate file.
    pub(crate) fn named(
        &self,
        field: &'static str,
        option: Option<&Path>,
        own: Option<&Path>,
    ) -> Result<Option<Arc<Source>>, Vec<Problem>> {
        let own = own.map(|path| self.resolve(path));
        let Some(path) = option.map(Path::to_owned).or(own) else { return Ok(None) };
        let name = path.display().to_string();
        let text = std::fs::read_to_string(&path).map_err(|error| {
            let mut problem = Problem::about(field, &name, unreadable(&path, &error));
            if option.is_none() {
                problem.location = self.locate(&format!("/{field}"));
                problem = problem.help("paths are relative to the gate file");
            }
            vec![problem]
        })?;
        Ok(Some(Source::new(name, text)))
    }

    /// Did something outside the gate file set this field?
    pub(crate) fn is_overridden(&self, pointer: &str) -> bool {
        self.overrides.iter().any(|one| one.pointer == pointer)
    }

    /// A path of the gate file, relative to the gate file.
    pub fn resolve(&self, path: &Path) -> PathBuf {
        self.directory.join(path)
    }

    /// The text of the gate file; `None` where defaults apply.
    pub fn text(&self) -> Option<&str> {
        self.file.as_ref().map(|(source, _)| source.text())
    }

    /// The files and folders of specifications that it names.
    pub fn specification_paths(&self) -> Vec<PathBuf> {
        self.form.specifications.iter().map(|path| self.resolve(path)).collect()
    }

    /// The files and folders of policies that it names.
    pub fn policy_paths(&self) -> Vec<PathBuf> {
        self.form.policies.iter().map(|path| self.resolve(path)).collect()
    }

    /// The gate file itself, and the files and folders that it names.
    pub fn files(&self) -> Vec<PathBuf> {
        let itself = self.file.iter().map(|(source, _)| PathBuf::from(source.name()));
        let form = &self.form;
        let plugins = form.plugins.values().filter_map(|plugin| plugin.path.as_ref());
        let signatures = plugins.clone().map(|path| provost_registry::signature_beside(path));
        let signatures = signatures.map(|path| self.resolve(&path)).filter(|path| path.exists());
        let keys = form.trust.signed_by.iter().filter_map(|key| key.key_path.as_ref());
        let named = plugins.chain(&form.specifications).chain(&form.policies).chain(keys);
        let files = [&form.approvals, &form.entities, &form.facts].into_iter().flatten();
        let named = named.chain(files).map(|path| self.resolve(path));
        itself.chain(named).chain(signatures).collect()
    }

    /// The place of a field, when the gate file has it.
    pub fn locate(&self, pointer: &str) -> Option<Location> {
        let (source, root) = self.file.as_ref()?;
        root.at(pointer)?;
        let mut location = Location::new(source, root.locate(pointer).0);
        pointer.clone_into(&mut location.pointer);
        Some(location)
    }

    /// Every value in force with its origin, for `provost config show`.
    pub fn settings(&self) -> Vec<Setting> {
        let mut settings = Vec::new();
        let value = serde_json::to_value(&self.form).unwrap_or_default();
        self.collect("", "", &value, &mut settings);
        settings
    }

    fn collect(&self, name: &str, pointer: &str, value: &Value, into: &mut Vec<Setting>) {
        match value {
            Value::Object(fields) if !fields.is_empty() => {
                for (key, value) in fields {
                    let name = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
                    let pointer = format!("{pointer}/{}", escape_pointer(key));
                    self.collect(&name, &pointer, value, into);
                }
            }
            _ => into.push(Setting {
                name: name.to_owned(),
                value: value.clone(),
                origin: self.origin(pointer),
            }),
        }
    }

    fn origin(&self, pointer: &str) -> String {
        let overridden = self.overrides.iter().rev().find(|o| o.pointer == pointer);
        match (overridden, self.locate(pointer)) {
            (Some(overridden), _) => overridden.option.clone(),
            (None, Some(location)) => location.to_string(),
            (None, None) => "default".to_owned(),
        }
    }
}

//! The Kubernetes Pod Security Standards as a Provost plugin.

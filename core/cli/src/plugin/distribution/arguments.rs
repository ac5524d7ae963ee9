//! What can be asked of plugins in registries.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Arguments of the commands that give and take plugins.
#[derive(Debug, Subcommand)]
pub enum Distribution {
    /// Push a component to a registry, and print the digest under which it is there.
    #[command(after_help = "Exit codes: 0 pushed, 2 usage, or something that cannot be used, \
        4 the registry cannot be asked now.")]
    Push(Push),
    /// Fetch a plugin as the gate file trusts it, keep it for runs without network, and print
    /// its digest.
    #[command(
        after_help = "Exit codes: 0 here, 1 refused by `trust` in the gate file, 2 usage, or \
        something that cannot be used, 4 the registry cannot be asked now."
    )]
    Pull(Pull),
    /// Make a pair of keys: NAME.key signs, NAME.pub goes into the gate file.
    #[command(after_help = "Exit codes: 0 made, 2 usage, or files that cannot be written.")]
    Keygen(Keygen),
    /// Sign a component, or a plugin in a registry.
    #[command(after_help = "Exit codes: 0 signed, 2 usage, or something that cannot be used, \
        4 the registry cannot be asked now.")]
    Sign(Sign),
    /// Say who signed a component, or a plugin in a registry.
    #[command(
        after_help = "Exit codes: 0 a trusted key did, 1 none did, 2 usage, or something that \
        cannot be used, 4 the registry cannot be asked now."
    )]
    Verify(Verify),
}

/// Arguments of `plugin push`.
#[derive(Debug, Args)]
pub struct Push {
    /// The component, or the folder of a plugin that was built.
    pub component: PathBuf,
    /// Where to: `registry.example/acme/pods:1.2.0`.
    pub reference: String,
    /// Sign it with this private key.
    #[arg(long, value_name = "KEY")]
    pub sign: Option<PathBuf>,
    /// Ask the registry without TLS; on the loopback that is so anyway.
    #[arg(long)]
    pub plain_http: bool,
}

/// Arguments of `plugin pull`.
#[derive(Debug, Args)]
pub struct Pull {
    /// Which: `registry.example/acme/pods:1.2.0`, or with a digest.
    pub reference: String,
    /// Write the component to this file too.
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// The repository that its signature names, where it was copied from there.
    #[arg(long, value_name = "REPOSITORY")]
    pub signed_as: Option<String>,
    /// Ask the registry without TLS; on the loopback that is so anyway.
    #[arg(long)]
    pub plain_http: bool,
}

/// Arguments of `plugin keygen`.
#[derive(Debug, Args)]
pub struct Keygen {
    /// What the two files are called, but for their endings.
    #[arg(default_value = "provost")]
    pub name: String,
}

/// Arguments of `plugin sign`.
#[derive(Debug, Args)]
pub struct Sign {
    /// A component, the folder of a plugin that was built, or a reference.
    pub subject: String,
    /// The private key: Ed25519, PKCS#8 in PEM.
    #[arg(long)]
    pub key: PathBuf,
    /// Ask the registry without TLS; on the loopback that is so anyway.
    #[arg(long)]
    pub plain_http: bool,
}

/// Arguments of `plugin verify`.
#[derive(Debug, Args)]
pub struct Verify {
    /// A component, the folder of a plugin that was built, or a reference.
    pub subject: String,
    /// A public key that is trusted, in place of those of the gate file; may be repeated.
    #[arg(long = "key", value_name = "KEY")]
    pub keys: Vec<PathBuf>,
    /// The repository that its signature names, where it was copied from there.
    #[arg(long, value_name = "REPOSITORY")]
    pub signed_as: Option<String>,
    /// Ask the registry without TLS; on the loopback that is so anyway.
    #[arg(long)]
    pub plain_http: bool,
}

//! What a URL says of TLS: `sslmode` and its kin, with libpq's names and meaning (manual, 34.19 SSL Support).

use super::UrlError;
use super::text::part;

/// How much TLS is wanted (manual, 34.19.3). The order is that of their strength.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum SslMode {
    /// Never.
    Disable,
    /// Only where the server refuses to go without.
    Allow,
    /// Where the server speaks it; libpq's default.
    #[default]
    Prefer,
    /// Always; the certificate is not looked at, unless a root certificate is there to hold it against.
    Require,
    /// Always, with a certificate that a trusted root has signed.
    VerifyCa,
    /// Always, with a certificate that a trusted root has signed for the host in the URL.
    VerifyFull,
}

impl SslMode {
    /// The word in a URL.
    pub fn as_str(self) -> &'static str {
        match self {
            SslMode::Disable => "disable",
            SslMode::Allow => "allow",
            SslMode::Prefer => "prefer",
            SslMode::Require => "require",
            SslMode::VerifyCa => "verify-ca",
            SslMode::VerifyFull => "verify-full",
        }
    }

    fn read(word: &str) -> Result<Self, UrlError> {
        use SslMode::{Allow, Disable, Prefer, Require, VerifyCa, VerifyFull};
        let all = [Disable, Allow, Prefer, Require, VerifyCa, VerifyFull];
        all.into_iter().find(|mode| mode.as_str() == word).ok_or_else(|| {
            part("`sslmode`", "it is none of disable, allow, prefer, require, verify-ca, verify-full")
        })
    }
}

/// Whether the login is bound to the TLS channel (SCRAM-SHA-256-PLUS).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ChannelBinding {
    /// Never.
    Disable,
    /// Where both sides can.
    #[default]
    Prefer,
    /// Else no login.
    Require,
}

impl ChannelBinding {
    /// The word in a URL.
    pub fn as_str(self) -> &'static str {
        match self {
            ChannelBinding::Disable => "disable",
            ChannelBinding::Prefer => "prefer",
            ChannelBinding::Require => "require",
        }
    }
}

/// What a URL says of TLS. What is `None` is left to libpq's defaults.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsSettings {
    /// `sslmode`.
    pub mode: Option<SslMode>,
    /// `sslrootcert`: a PEM file of trusted roots, or `system` for the roots of the operating system.
    pub root_certificate: Option<String>,
    /// `sslcert`: the client's own certificate, a PEM file.
    pub certificate: Option<String>,
    /// `sslkey`: its key, a PEM file.
    pub key: Option<String>,
    /// `channel_binding`.
    pub channel_binding: Option<ChannelBinding>,
    /// `sslnegotiation=direct`: TLS from the first byte (PostgreSQL 17).
    pub direct: bool,
}

impl TlsSettings {
    /// The mode in force: roots of the operating system are only good for a full check (manual, 34.1.2, `sslrootcert`).
    pub fn mode(&self) -> SslMode {
        match (self.mode, self.root_certificate.as_deref()) {
            (Some(mode), _) => mode,
            (None, Some("system")) => SslMode::VerifyFull,
            (None, _) => SslMode::default(),
        }
    }

    /// Takes a parameter, when it is one of TLS. `false` when it is not.
    pub(super) fn set(&mut self, key: &str, value: &str) -> Result<bool, UrlError> {
        match key {
            "sslmode" => self.mode = Some(SslMode::read(value)?),
            // JDBC's and others' word.
            "ssl" => self.mode = (value == "true").then_some(SslMode::Require),
            "sslrootcert" => self.root_certificate = Some(value.to_owned()),
            "sslcert" => self.certificate = Some(value.to_owned()),
            "sslkey" => self.key = Some(value.to_owned()),
            "channel_binding" => {
                self.channel_binding = Some(match value {
                    "disable" => ChannelBinding::Disable,
                    "prefer" => ChannelBinding::Prefer,
                    "require" => ChannelBinding::Require,
                    _ => return Err(part("`channel_binding`", "it is none of disable, prefer, require")),
                });
            }
            "sslnegotiation" => {
                self.direct = match value {
                    "postgres" => false,
                    "direct" => true,
                    _ => return Err(part("`sslnegotiation`", "it is neither postgres nor direct")),
                };
            }
            // A list of revoked certificates that is not read would let them in.
            "sslcrl" | "sslcrldir" => return Err(part("`sslcrl`", "revocation lists are not read")),
            "sslpassword" => return Err(part("`sslpassword`", "encrypted keys are not read")),
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// What this leaves open is taken from another.
    pub(super) fn or(self, other: TlsSettings) -> TlsSettings {
        TlsSettings {
            mode: self.mode.or(other.mode),
            root_certificate: self.root_certificate.or(other.root_certificate),
            certificate: self.certificate.or(other.certificate),
            key: self.key.or(other.key),
            channel_binding: self.channel_binding.or(other.channel_binding),
            direct: self.direct || other.direct,
        }
    }

    /// As libpq's variables, for a program of PostgreSQL's that is run.
    pub(super) fn variables(&self) -> Vec<(&'static str, String)> {
        let words = [
            ("PGSSLMODE", self.mode.map(|mode| mode.as_str().to_owned())),
            ("PGSSLROOTCERT", self.root_certificate.clone()),
            ("PGSSLCERT", self.certificate.clone()),
            ("PGSSLKEY", self.key.clone()),
            ("PGCHANNELBINDING", self.channel_binding.map(|binding| binding.as_str().to_owned())),
            ("PGSSLNEGOTIATION", self.direct.then(|| "direct".to_owned())),
        ];
        words.into_iter().filter_map(|(name, value)| value.map(|value| (name, value))).collect()
    }
}

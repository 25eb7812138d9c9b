//! TLS by rustls: which certificates are trusted, and which is our own, as libpq decides it (manual, 34.19 SSL Support).

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_cert_signed_by_trust_anchor;
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::super::{SslMode, TlsSettings};

/// What performs the handshakes that the settings ask for. The error says what is wrong with them.
pub(super) fn connector(settings: &TlsSettings) -> Result<MakeRustlsConnect, String> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    let roots = roots(settings)?;
    let builder = match (settings.mode(), roots) {
        (SslMode::VerifyFull, Some(roots)) => builder.with_root_certificates(roots),
        (SslMode::VerifyCa | SslMode::VerifyFull, None) => {
            return Err(format!(
                "sslmode={} needs a root certificate to trust, and there is none; name its file with sslrootcert=, put it at \
                 ~/.postgresql/root.crt, or say sslrootcert=system",
                settings.mode().as_str()
            ));
        }
        (_, roots) => {
            builder.dangerous().with_custom_certificate_verifier(Arc::new(AnyHost { roots, provider }))
        }
    };
    let mut config = match own_certificate(settings)? {
        Some((chain, key)) => builder
            .with_client_auth_cert(chain, key)
            .map_err(|error| format!("the client certificate cannot be used: {error}"))?,
        None => builder.with_no_client_auth(),
    };
    // Asked for by servers that take TLS from the first byte (protocol documentation, 53.2.11).
    config.alpn_protocols = vec![b"postgresql".to_vec()];
    Ok(MakeRustlsConnect::new(config))
}

/// The roots to trust. `None` where nobody named any and none are at libpq's place: `require` then takes any certificate.
fn roots(settings: &TlsSettings) -> Result<Option<RootCertStore>, String> {
    let mut store = RootCertStore::empty();
    let path = match settings.root_certificate.as_deref() {
        Some("system") => {
            if settings.mode() < SslMode::VerifyFull {
                let mode = settings.mode().as_str();
                return Err(format!("sslmode={mode} is too weak for sslrootcert=system; say verify-full"));
            }
            store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            if store.is_empty() {
                return Err("the operating system has no root certificates".to_owned());
            }
            return Ok(Some(store));
        }
        Some(path) => PathBuf::from(path),
        None => match in_home("root.crt") {
            // Without a mode that asks for trust, a root certificate left lying about decides nothing.
            Some(path) if settings.mode() >= SslMode::Require => path,
            _ => return Ok(None),
        },
    };
    if settings.mode() < SslMode::Require {
        return Ok(None);
    }
    for certificate in certificates(&path)? {
        store.add(certificate).map_err(|error| format!("`{}`: {error}", path.display()))?;
    }
    Ok(Some(store))
}

type OwnCertificate = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

fn own_certificate(settings: &TlsSettings) -> Result<Option<OwnCertificate>, String> {
    let named = |path: &Option<String>, default| path.clone().map(PathBuf::from).or_else(|| in_home(default));
    let Some(certificate) = named(&settings.certificate, "postgresql.crt") else { return Ok(None) };
    let Some(key) = named(&settings.key, "postgresql.key") else {
        return Err(format!("`{}` has no key beside it; name one with sslkey=", certificate.display()));
    };
    if super::super::url::others_can_read(&key) {
        return Err(format!("others can read the key `{}`; chmod 0600 it", key.display()));
    }
    let chain = certificates(&certificate)?;
    let key = PrivateKeyDer::from_pem_file(&key).map_err(|error| {
        format!("`{}` holds no unencrypted private key in PEM form: {error}", key.display())
    })?;
    Ok(Some((chain, key)))
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let read = || CertificateDer::pem_file_iter(path)?.collect::<Result<Vec<_>, _>>();
    match read() {
        Ok(found) if found.is_empty() => {
            Err(format!("`{}` holds no certificate in PEM form", path.display()))
        }
        Ok(found) => Ok(found),
        Err(error) => Err(format!("`{}` cannot be read: {error}", path.display())),
    }
}

/// A file in `~/.postgresql`, where it is there.
fn in_home(name: &str) -> Option<PathBuf> {
    let path = Path::new(&std::env::var_os("HOME")?).join(".postgresql").join(name);
    path.exists().then_some(path)
}

/// Takes a certificate for any host: one that the roots have signed, or any at all where there are no roots. That the server
/// holds the certificate's key is proven all the same.
#[derive(Debug)]
struct AnyHost {
    roots: Option<RootCertStore>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for AnyHost {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if let Some(roots) = &self.roots {
            let parsed = ParsedCertificate::try_from(certificate)?;
            let algorithms = self.provider.signature_verification_algorithms.all;
            verify_server_cert_signed_by_trust_anchor(&parsed, roots, intermediates, now, algorithms)?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// What a failed handshake means, where it is the certificate's fault.
pub(super) fn reason(error: &postgres::Error) -> Option<String> {
    let mut next: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = next {
        let inner = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        if let Some(Error::InvalidCertificate(fault)) = inner.and_then(|inner| inner.downcast_ref::<Error>())
        {
            return Some(match fault {
                CertificateError::UnknownIssuer => {
                    "none of the trusted roots has signed the server's certificate; check sslrootcert".to_owned()
                }
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                    "the server's certificate is for another host than the URL names (its subjectAltName decides)"
                        .to_owned()
                }
                CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                    "the server's certificate has expired".to_owned()
                }
                fault => format!("the server's certificate is not accepted: {fault}"),
            });
        }
        next = error.source();
    }
    None
}

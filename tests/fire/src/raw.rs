//! A connection past the store, with TLS as the URL says.

use std::sync::Arc;

use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, pem::PemObject as _},
};
use tokio_postgres::{Client, Error};
use tokio_postgres_rustls::MakeRustlsConnect;

/// Connects, and drives the connection until the client is dropped. Of the store's own parameters it knows
/// those about TLS, and drops the others.
pub async fn connect(url: &str) -> Result<Client, Error> {
    let (address, query) = url.split_once('?').unwrap_or((url, ""));
    let (mut authority, mut theirs) = (None, Vec::new());
    for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
        match parameter.split_once('=').unwrap_or((parameter, "")) {
            ("schema" | "prepared_statements", _) => {}
            ("sslrootcert", "system") => {}
            ("sslrootcert", file) => authority = Some(file),
            ("sslmode", "verify-ca" | "verify-full") => theirs.push("sslmode=require"),
            _ => theirs.push(parameter),
        }
    }
    let mut roots = RootCertStore::empty();
    match authority {
        Some(file) => {
            let found = CertificateDer::pem_file_iter(file).expect("the file of sslrootcert");
            found.for_each(|certificate| roots.add(certificate.expect("a certificate")).expect("a root"));
        }
        None => drop(roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs)),
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("protocol versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let url = format!("{address}?{}", theirs.join("&"));
    let (client, connection) = tokio_postgres::connect(&url, MakeRustlsConnect::new(config)).await?;
    tokio::spawn(connection);
    Ok(client)
}

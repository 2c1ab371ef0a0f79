//! TLS: always verified, and honoured as the URL says.

use std::error::Error as _;

use boostgpt_sso::store::{PostgresOptions, PostgresStore, StoreError, connect};
use servers::Postgres;

use crate::{
    breaking::{create_project_and_bot, person, visit},
    database::{block_on, master_key, server},
};

#[test]
fn tls_is_verified_and_honoured() {
    let (tls, certificates) = Postgres::start_with_tls();
    let port = tls.port();
    let (ca, other) = (certificates.ca.display(), certificates.other_ca.display());
    let open = |url: &str| block_on(connect(url, master_key()));
    // The database `tlsonly` refuses connections without TLS, so every connection to it has TLS.
    for (host, parameters) in [
        ("localhost", "sslmode=verify-full"),
        ("127.0.0.1", "sslmode=verify-full"),
        ("localhost", "sslmode=require"),
        ("localhost", "sslmode=prefer"),
        ("localhost", "schema=other"),
    ] {
        let url = format!("postgres://sso@{host}:{port}/tlsonly?sslrootcert={ca}&{parameters}");
        let store = open(&url).unwrap_or_else(|error| panic!("{url}: {error:?}"));
        block_on(create_project_and_bot(&store)).unwrap();
        block_on(visit(&store, &person(&format!("{host}{}", parameters.len())))).unwrap();
    }
    let by_options = PostgresOptions::new().with_ca(&certificates.ca);
    let url = format!("postgres://sso@localhost:{port}/tlsonly?sslmode=require");
    block_on(PostgresStore::connect(&url, by_options, master_key())).unwrap();

    let refused = [
        // An authority that did not sign it; those of the platform, which did not either.
        (
            format!("postgres://sso@localhost:{port}/tlsonly?sslmode=verify-full&sslrootcert={other}"),
            "certificate",
        ),
        (format!("postgres://sso@localhost:{port}/tlsonly?sslmode=require"), "certificate"),
        (format!("postgres://sso@localhost:{port}/tlsonly"), "certificate"),
        // Another server's name.
        (
            format!(
                "postgres://sso@other.example:{port}/tlsonly\
                 ?hostaddr=127.0.0.1&sslmode=verify-full&sslrootcert={ca}"
            ),
            "certificate",
        ),
        // Asked not to.
        (format!("postgres://sso@localhost:{port}/tlsonly?sslmode=disable"), "28000"),
        // A server that cannot.
        (format!("{}?sslmode=require", server().tcp_url()), "TLS"),
        (format!("{}?sslmode=verify-full&sslrootcert={ca}", server().tcp_url()), "TLS"),
        (format!("{}?sslmode=verify-ca&sslrootcert={ca}", server().tcp_url()), "TLS"),
    ];
    for (url, why) in refused {
        let error = open(&url).map(drop).expect_err(&url);
        assert!(matches!(error, StoreError::Failed(_)), "{url}: {error:?}");
        let source = error.source().expect("a source").to_string();
        assert!(source.contains(why), "{url}: {source}");
    }
    // Where the server has none to offer, `prefer` does without.
    for sslmode in ["", "?sslmode=prefer", "?sslmode=allow"] {
        open(&format!("{}{sslmode}", server().tcp_url())).unwrap();
    }
    let missing =
        open(&format!("postgres://sso@localhost:{port}/tlsonly?sslrootcert=/nowhere.pem")).map(drop);
    assert!(matches!(missing, Err(StoreError::Configuration(_))), "{missing:?}");
}

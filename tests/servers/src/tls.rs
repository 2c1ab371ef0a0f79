//! A server that speaks TLS.

use crate::{Postgres, guard::Guard};
use std::{fs, path::PathBuf};

/// What a client needs to check the server's certificate, in PEM.
#[derive(Debug, Clone)]
pub struct Certificates {
    /// Of the authority that signed the server's certificate, which is for `localhost` and `127.0.0.1`.
    pub ca: PathBuf,
    /// Of an authority that has nothing to do with the server.
    pub other_ca: PathBuf,
}

const AUTHORITY: &str = "
[req]
distinguished_name = name
prompt = no
x509_extensions = authority
[name]
CN = authority of a test
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
";

const SERVER: &str = "
[req]
distinguished_name = name
prompt = no
[name]
CN = localhost
[server]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = DNS:localhost, IP:127.0.0.1
authorityKeyIdentifier = keyid
";

/// Files of the server's user, the keys for that user alone.
const MAKE: &str = "
set -e
umask 022
make_key() { (umask 077; openssl ecparam -genkey -name prime256v1 -noout -out $1.key); }
for name in ca other; do
    make_key $name
    openssl req -x509 -new -key $name.key -config authority.cnf -sha256 -days 30 -out $name.crt
done
make_key server
openssl req -new -key server.key -config server.cnf -out server.csr
openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -set_serial 2 -sha256 -days 30 \\
    -extfile server.cnf -extensions server -out server.crt
";

impl Certificates {
    fn make(guard: &Guard) -> Self {
        let folder = guard.folder();
        fs::write(folder.join("authority.cnf"), AUTHORITY).expect("a file");
        fs::write(folder.join("server.cnf"), SERVER).expect("a file");
        fs::write(folder.join("make"), MAKE).expect("a file");
        guard.run("sh", &["make"]);
        Self { ca: folder.join("ca.crt"), other_ca: folder.join("other.crt") }
    }
}

impl Postgres {
    /// A new server that takes TLS and plain connections alike, except over TCP to its database `tlsonly`,
    /// which refuses what is plain. The files last as long as the server.
    pub fn start_with_tls() -> (Postgres, Certificates) {
        let new = Self::prepare();
        let certificates = Certificates::make(&new.guard);
        let path = |name| format!("{}/{name}", new.guard.folder_text());
        new.configure_defaults();
        new.configure(&[
            ("ssl", "on"),
            ("ssl_cert_file", &path("server.crt")),
            ("ssl_key_file", &path("server.key")),
        ]);
        let access = new.data().join("pg_hba.conf");
        let others = fs::read_to_string(&access).expect("pg_hba.conf");
        let all = format!("hostnossl tlsonly all 127.0.0.1/32 reject\n{others}");
        fs::write(access, all).expect("pg_hba.conf");
        let running = new.start_first();
        running.create_database("sso");
        running.create_database("tlsonly");
        (running, certificates)
    }
}

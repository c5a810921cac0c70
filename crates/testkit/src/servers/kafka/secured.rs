//! What a broker needs so that it speaks SASL_SSL and asks for everybody's rights.

use std::{fs, path::Path};

use event_log::{
    Security,
    security::{Login, Mechanism, Password, Tls},
};

use crate::servers::tls::Identity;

const ADMIN: &str = "admin";

/// An authority of a broker's own, the broker's certificate by it, and the admin's password. All of it ends with the test.
pub(super) struct Secured {
    authority: String,
    /// The broker's key and certificate.
    identity: String,
    password: String,
}

impl Secured {
    pub(super) fn make() -> anyhow::Result<Self> {
        let Identity { authority, key, certificate } = Identity::make()?;
        Ok(Self {
            authority,
            identity: format!("{key}{certificate}"),
            password: data_encoding::HEXLOWER.encode(&rand::random::<[u8; 16]>()),
        })
    }

    /// How the admin connects.
    pub(super) fn security(&self) -> Security {
        let password = Password::new(&self.password);
        Security {
            tls: Some(Tls { ca: Some(self.authority.clone()) }),
            login: Some(Login { mechanism: Mechanism::ScramSha512, user: ADMIN.to_owned(), password }),
        }
    }

    /// For `StorageTool format`, which knows the admin before any broker runs.
    pub(super) fn admin_argument(&self) -> String {
        format!("--add-scram SCRAM-SHA-512=[name={ADMIN},password={}]", self.password)
    }

    /// The broker's settings; its certificates are written into the folder. The controller listens to this machine only, and
    /// whoever speaks to it is nobody by name: that nobody is the broker itself.
    pub(super) fn settings(&self, folder: &Path) -> anyhow::Result<String> {
        let (identity, authority) = (folder.join("broker.pem"), folder.join("authority.pem"));
        fs::write(&identity, &self.identity)?;
        fs::write(&authority, &self.authority)?;
        Ok(format!(
            "\
listener.security.protocol.map=SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT
sasl.enabled.mechanisms=SCRAM-SHA-512,SCRAM-SHA-256
sasl.mechanism.inter.broker.protocol=SCRAM-SHA-512
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config={module} required username=\"{ADMIN}\" password=\"{password}\";
listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config={module} required;
ssl.keystore.type=PEM
ssl.keystore.location={identity}
ssl.truststore.type=PEM
ssl.truststore.location={authority}
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
allow.everyone.if.no.acl.found=false
super.users=User:{ADMIN};User:ANONYMOUS
",
            module = "org.apache.kafka.common.security.scram.ScramLoginModule",
            password = self.password,
            identity = identity.display(),
            authority = authority.display(),
        ))
    }
}

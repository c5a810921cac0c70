//! What a broken rule says. The API server says it by the CRDs' CEL, a file's reader by [`crate::validate`]: one rule, one
//! sentence. Those that begin in lower case stand behind the quoted value.

pub const NOT_A_NAME: &str = "is not a name: use a-z, 0-9 and -, with no - at either end.";
pub const NAME_TOO_LONG: &str = "At most 63 characters are possible.";
pub const NOT_ONE_LINE: &str = "It must be one line with something to read in it.";
pub const NOT_AN_EMAIL: &str = "is not an e-mail address.";
pub const NOT_A_HOST_NAME: &str = "is not a host name.";
pub const HOST_TWICE: &str = "A host stands in the list twice.";
pub const NOT_A_DOMAIN: &str = "is not a domain such as acme.example, in lower case.";
pub const DOMAIN_MISSING: &str = "Mode Domain needs at least one domain.";
pub const DOMAIN_WITHOUT_MODE: &str = "Domains have a meaning with mode Domain only.";
pub const NOT_AN_ISSUER: &str = "An issuer is a URL that begins with https://.";
pub const NOT_A_SIZE: &str = "is not a size such as 100Gi.";
pub const NOT_A_WORKSPACE_ID: &str = "is not a workspace id, which is 12 characters of a-z and 2-7.";

pub const CLASS_CHANGES: &str = "The class never changes once it is set.";
pub const CLASS_IS_BOUND: &str =
    "The workspace is bound to another class, which never changes; status.className names it.";
pub const HANDLE_CHANGES: &str = "The handle never changes.";
pub const ISOLATION_CHANGES: &str = "The isolation never changes.";
pub const RESTORE_LATE: &str = "A workspace is restored at its creation only.";
pub const GENERATION_FALLS: &str = "The generation of credentials never falls.";

pub const NOT_A_SERVER: &str = "is not a server such as kafka.data:9093.";
pub const NOT_A_HOST: &str = "is not a host.";
pub const NOT_A_SECRET: &str = "is not the name of a Secret.";
pub const NOT_A_URL: &str = "is not a URL that begins with http:// or https://.";
pub const MECHANISM_MISSING: &str = "A SASL protocol needs a mechanism.";
pub const MECHANISM_WITHOUT_SASL: &str = "A mechanism has a meaning with a SASL protocol only.";
pub const ADMIN_MISSING: &str = "A SASL protocol needs the Secret of its admin.";
pub const ADMIN_WITHOUT_SASL: &str = "The Secret of an admin has a meaning with a SASL protocol only.";
pub const AUTHORITY_WITHOUT_TLS: &str = "An authority has a meaning with SSL and SASL_SSL only.";
pub const PRINCIPALS_WITHOUT_SASL: &str = "Principals per workspace need a SASL protocol.";
pub const TOO_MANY_IN_SYNC: &str = "It exceeds replicationFactor, so that nothing could be written.";
pub const AUTHORITY_UNCHECKED: &str = "An authority has a meaning with mode VerifyFull only.";
pub const GATEWAY_MISSING: &str = "Routes by Gateway need to know which one.";
pub const GATEWAY_WITHOUT_ROUTES: &str = "A Gateway has a meaning with routes by Gateway only.";
pub const NOTHING_ALLOWED: &str = "At least one is needed.";
pub const NOT_A_SUFFIX: &str = "is not a suffix of hosts such as .{namespace}.chat.example.com.";
pub const FOR_ANYBODY: &str =
    "An issuer needs an audience or an authorised party: tokens that it made for anybody else would do.";
pub const NOT_AN_ISSUER_HOST: &str = "is not a host of issuers such as accounts.example or *.accounts.example.";
pub const DEFAULT_EXCEEDS: &str = "The default exceeds the class's own maximum.";
pub const EDGES_CROSSED: &str = "It is less than minReplicas.";

pub const RETAINED_NAME: &str = "A retained workspace is named by its workspace id.";
pub const RETAINED_CHANGES: &str = "Of a retained workspace only purgeAfter can be changed.";

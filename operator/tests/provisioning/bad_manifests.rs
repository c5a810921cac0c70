//! Faulty manifests in a directory: each is told with file and field, and the good one goes on.

use crate::lab::{Lab, Running, unique, yaml};

#[tokio::test(flavor = "multi_thread")]
async fn each_faulty_manifest_is_told_and_the_others_go_on() -> anyhow::Result<()> {
    let lab = Lab::start().await?;
    let (good, taken) = (unique("good"), unique("taken"));
    let mut running = Running::start(&lab)?;
    running.write("good.yaml", &yaml(&good, &format!("  handle: {taken}\n")));
    running.reason("good.yaml", "Ready").await;
    let name = || unique("bad");
    let class = "apiVersion: threadly.dev/v1alpha1\nkind: WorkspaceClass\nmetadata: {name: gold}\nspec:\n  kafka: {bootstrapServers: [\"k:9092\"]}\n  postgres: {host: pg, adminSecret: s}\n";
    let table: Vec<(&str, Vec<u8>, &str, &str)> = vec![
        (
            "01.yaml",
            yaml(&name(), "  colour: red\n").into(),
            "UnknownField",
            "01.yaml, document 1, line 6, spec.colour: There is no such field.",
        ),
        (
            "02.yaml",
            yaml(&name(), "  limits: {members: many}\n").into(),
            "WrongType",
            "02.yaml, document 1, line 6, spec.limits.members: It must be a whole number",
        ),
        (
            "03.yaml",
            yaml("Bad_Name", "").into(),
            "BadName",
            "03.yaml, document 1, metadata.name: \"Bad_Name\" is not a name",
        ),
        (
            "04.yaml",
            yaml(&name(), "  handle: admin\n").into(),
            "ReservedHandle",
            "04.yaml, document 1, spec.handle: The handle \"admin\" is reserved",
        ),
        ("05.yaml", yaml(&name(), &format!("  handle: {taken}\n")).into(), "HandleTaken", "05.yaml, spec.handle: "),
        (
            "06.yaml",
            yaml(&name(), "  className: gold\n").into(),
            "ClassMissing",
            "06.yaml, spec.className: there is no class \"gold\" here",
        ),
        ("07.yaml", b"a: [1, 2".to_vec(), "NotYaml", "07.yaml, document 1, line 2: This is not readable as YAML"),
        (
            "08.yaml",
            format!("{}#{}", yaml(&name(), ""), "x".repeat(257 * 1024)).into(),
            "TooLarge",
            "08.yaml: The file is larger than 256 KiB.",
        ),
        ("09.yaml", vec![0xff, 0xfe, 0x00], "Unreadable", "09.yaml: The file is not text in UTF-8."),
        ("10.yaml", Vec::new(), "NotYaml", "10.yaml: The file is empty"),
        (
            "11.yaml",
            yaml(&name(), "").replace("kind: Workspace", "kind: Pod").into(),
            "UnknownKind",
            "11.yaml, document 1, kind: \"Pod\" is not known here",
        ),
        (
            "12.yaml",
            yaml(&name(), "").replace("ops@acme.example", "ops").into(),
            "BadValue",
            "12.yaml, document 1, spec.owner.email: \"ops\" is not an e-mail address.",
        ),
        (
            "13.yaml",
            yaml(&name(), "  signUp: {mode: Domain}\n").into(),
            "BadValue",
            "13.yaml, document 1, spec.signUp.domains: Mode Domain needs",
        ),
        (
            "14.yaml",
            yaml(&name(), "  isolation: Dedicated\n").into(),
            "NotAllowed",
            "14.yaml, spec.isolation: class \"standard\" does not allow Dedicated",
        ),
        (
            "15.yaml",
            yaml(&name(), "  restore: {retainedWorkspace: k3v7q2hdm6xa}\n").into(),
            "RestoreMissing",
            "15.yaml: spec.restore.retainedWorkspace: there is no retained workspace k3v7q2hdm6xa",
        ),
        ("16.yaml", yaml(&good, "").into(), "NameTaken", "16.yaml, metadata.name: "),
        ("17.yaml", class.into(), "ClassIgnored", "one built-in class"),
        (
            "18.yaml",
            "apiVersion: threadly.dev/v1alpha1\nkind: Workspace\nmetadata: {name: no-spec}\n".into(),
            "MissingField",
            "18.yaml, document 1, line 1, spec: This field is required.",
        ),
    ];
    for (file, content, ..) in &table {
        std::fs::write(running.directory().join(file), content)?;
    }
    std::fs::create_dir(running.directory().join("19.yaml"))?;
    running.reason("19.yaml", "Unreadable").await;
    for (file, _, reason, text) in &table {
        let status = running.reason(file, reason).await;
        assert!(status.message.contains(text), "{file}: {}", status.message);
        assert!(!status.ready && status.id.is_none(), "{file}: {status:?}");
    }
    let all = running.until("all are told", |all| all.len() == table.len() + 2).await;
    let good = all.iter().find(|one| one.file == "good.yaml").unwrap();
    assert!(good.ready && good.reason == "Ready", "{good:?}");

    // A new one is provisioned among them, and a removal still takes effect.
    running.write("good2.yaml", &yaml(&unique("good"), ""));
    running.reason("good2.yaml", "Ready").await;
    running.remove("good2.yaml");
    running.until("it is gone", |all| all.iter().all(|one| one.file != "good2.yaml")).await;
    running.stop().await;
    Ok(())
}

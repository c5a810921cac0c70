//! What the API server itself says to manifests and acts, good and bad: one real server, asked by kubectl as the people who
//! would. Of a refusal the tests read the reason, the field and our own sentence; the rest is the API server's wording.

mod acts;
mod cluster;
mod good;
mod invalid;

use cluster::Cluster;

#[test]
fn the_api_server_takes_what_is_good_and_refuses_the_rest_with_our_sentences() -> anyhow::Result<()> {
    let cluster = Cluster::start()?;
    let mut faults = Vec::new();
    faults.extend(invalid::refused(&cluster));
    for of_group in
        [good::taken(&cluster), acts::judged(&cluster), acts::stricter(&cluster), acts::protection(&cluster)]
    {
        faults.extend(of_group.unwrap_or_else(|error| vec![format!("{error:#}")]));
    }
    anyhow::ensure!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    Ok(())
}

//! The end of a partition's log, as it lies on Kafka's disk (record batches of format 2).

use std::{
    fs::{self, OpenOptions},
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};

/// Up to and including `lastOffsetDelta`.
const HEAD: usize = 27;
/// What a batch's length does not count: its first offset and the length itself.
const UNCOUNTED: usize = 12;

/// A batch of records in a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Batch {
    /// Where it begins in the file.
    at: usize,
    /// Offset of its first record.
    first: i64,
    /// How many offsets it holds.
    offsets: i64,
}

/// Cuts batches off the newest segment until at least `records` offsets are gone; answers the next offset.
pub(crate) fn cut(folder: &Path, records: usize) -> anyhow::Result<i64> {
    let segment = newest_segment(folder)?;
    let batches = batches(&fs::read(&segment)?)?;
    let mut lost = 0;
    for batch in batches.iter().rev() {
        lost += batch.offsets;
        if lost >= i64::try_from(records)? {
            OpenOptions::new().write(true).open(&segment)?.set_len(batch.at as u64)?;
            return Ok(batch.first);
        }
    }
    bail!("{} holds {lost} records only", segment.display())
}

fn newest_segment(folder: &Path) -> anyhow::Result<PathBuf> {
    let entries = fs::read_dir(folder).with_context(|| format!("can't read {}", folder.display()))?;
    let paths = entries.map(|entry| Ok(entry?.path())).collect::<anyhow::Result<Vec<_>>>()?;
    // They are named after their first offset, with leading zeros.
    paths.into_iter().filter(|path| path.extension().is_some_and(|kind| kind == "log")).max().context("no segment")
}

fn batches(bytes: &[u8]) -> anyhow::Result<Vec<Batch>> {
    let (mut batches, mut at) = (Vec::new(), 0);
    while let Some(head) = bytes.get(at..at + HEAD) {
        let length = usize::try_from(number(&head[8..12]))?;
        // A crash may have left less than a batch, or nothing but zeros.
        if length < HEAD - UNCOUNTED || at + UNCOUNTED + length > bytes.len() {
            break;
        }
        batches.push(Batch { at, first: number(&head[..8]), offsets: number(&head[23..27]) + 1 });
        at += UNCOUNTED + length;
    }
    Ok(batches)
}

/// Big-endian.
fn number(bytes: &[u8]) -> i64 {
    bytes.iter().fold(0, |number, byte| number << 8 | i64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(first: i64, records: u32, payload: usize) -> Vec<u8> {
        let mut bytes = first.to_be_bytes().to_vec();
        bytes.extend(u32::try_from(HEAD - UNCOUNTED + payload).unwrap().to_be_bytes());
        bytes.extend([0; 11]);
        bytes.extend((records - 1).to_be_bytes());
        bytes.extend(vec![7; payload]);
        bytes
    }

    #[test]
    fn whole_batches_are_cut_off_the_newest_segment() {
        let folder = tempfile::tempdir().unwrap();
        let newest = folder.path().join("00000000000000000010.log");
        fs::write(folder.path().join("00000000000000000000.log"), batch(0, 10, 5)).unwrap();
        fs::write(folder.path().join("00000000000000000010.index"), [0]).unwrap();
        let kept = batch(10, 2, 100);
        let torn = &batch(15, 1, 50)[..40];
        fs::write(&newest, [&kept[..], &batch(12, 3, 40), torn].concat()).unwrap();
        assert_eq!(cut(folder.path(), 2).unwrap(), 12);
        assert_eq!(fs::read(&newest).unwrap(), kept);
        assert!(cut(folder.path(), 3).is_err());
    }
}

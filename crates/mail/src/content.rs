//! What a letter says, before it is text or HTML.

use crate::{Link, line::Line};

/// A piece of a sentence.
#[derive(Clone, Debug)]
pub(crate) enum Span {
    /// Ours.
    Words(&'static str),
    /// Somebody else's.
    Value(Line),
}

impl From<&'static str> for Span {
    fn from(words: &'static str) -> Self {
        Self::Words(words)
    }
}

impl From<&Line> for Span {
    fn from(value: &Line) -> Self {
        Self::Value(value.clone())
    }
}

/// A sentence or a few.
pub(crate) type Sentence = Vec<Span>;

/// A sentence from words and values.
macro_rules! sentence {
    ($($span:expr),+ $(,)?) => { vec![$($crate::content::Span::from($span)),+] };
}
pub(crate) use sentence;

/// A paragraph, or a button.
#[derive(Clone, Debug)]
pub(crate) enum Block {
    Paragraph(Sentence),
    /// A link on a line of its own, with what it does.
    Action(&'static str, Link),
}

impl From<Sentence> for Block {
    fn from(sentence: Sentence) -> Self {
        Self::Paragraph(sentence)
    }
}

/// A whole letter; its text and its HTML say the same.
#[derive(Clone, Debug)]
pub(crate) struct Content {
    pub subject: Sentence,
    pub blocks: Vec<Block>,
    /// Why the reader got this, and from which workspace.
    pub why: Sentence,
}

/// A sentence in plain text.
pub(crate) fn plain(sentence: &[Span]) -> String {
    let piece = |span: &Span| match span {
        Span::Words(words) => (*words).to_owned(),
        Span::Value(value) => value.as_str().to_owned(),
    };
    sentence.iter().map(piece).collect()
}

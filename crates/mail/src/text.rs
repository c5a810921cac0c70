//! A letter as plain text.

use crate::content::{Block, Content, plain};

/// Paragraphs with an empty line between them; a link stands alone on its line.
pub(crate) fn render(content: &Content) -> String {
    let block = |block: &Block| match block {
        Block::Paragraph(sentence) => plain(sentence),
        Block::Action(label, link) => format!("{label}:\n{}", link.expose()),
    };
    let mut blocks: Vec<String> = content.blocks.iter().map(block).collect();
    // What stands below this line is left out of replies.
    blocks.push(format!("-- \n{}", plain(&content.why)));
    blocks.join("\n\n") + "\n"
}

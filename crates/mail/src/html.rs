//! A letter as HTML: one column, no tables, no images, and the reader's own colours, light or dark.

use crate::content::{Block, Content, Sentence, Span, plain};

const BODY: &str =
    "margin:0 auto;padding:24px;max-width:34em;font:16px/1.5 system-ui,-apple-system,'Segoe UI',sans-serif";
/// Colours are the reader's own: a frame instead of a filling.
const BUTTON: &str = "display:inline-block;padding:10px 20px;border:2px solid;border-radius:6px;\
     color:inherit;font-weight:bold;text-decoration:none";
const ADDRESS: &str = "font-size:13px;overflow-wrap:anywhere";
const WHY: &str = "margin-top:32px;padding-top:12px;border-top:1px solid;font-size:13px;opacity:.8";

pub(crate) fn render(content: &Content) -> String {
    let title = escape(&plain(&content.subject));
    let blocks: String = content.blocks.iter().map(block).collect();
    let why = sentence(&content.why);
    format!(
        "<!doctype html>\n<html lang=\"en\" dir=\"ltr\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{title}</title>\n</head>\n<body style=\"{BODY}\">\n{blocks}<p style=\"{WHY}\">{why}</p>\n</body>\n</html>\n"
    )
}

fn block(block: &Block) -> String {
    match block {
        Block::Paragraph(text) => format!("<p>{}</p>\n", sentence(text)),
        Block::Action(label, link) => {
            let (label, link) = (escape(label), escape(link.expose()));
            format!(
                "<p><a href=\"{link}\" style=\"{BUTTON}\">{label}</a></p>\n\
                 <p style=\"{ADDRESS}\">Or open this address in a browser:<br>{link}</p>\n"
            )
        }
    }
}

/// Values are isolated, so that a name written from right to left leaves the words around it in place.
fn sentence(spans: &Sentence) -> String {
    let piece = |span: &Span| match span {
        Span::Words(words) => escape(words),
        Span::Value(value) => format!("<bdi>{}</bdi>", escape(value.as_str())),
    };
    spans.iter().map(piece).collect()
}

/// The one escaper: for text and for values of attributes in double quotes.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(char),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{content::sentence, line::Line};

    #[test]
    fn a_value_can_neither_open_a_tag_nor_leave_an_attribute() {
        let name = Line::name("<img src=x onerror=\"a('b')\"> & co");
        let content = Content {
            subject: sentence!["Hello ", &name],
            blocks: vec![sentence![&name, " < you"].into()],
            why: sentence!["for ", &name],
        };
        let html = render(&content);
        let safe = "&lt;img src=x onerror=&quot;a(&#39;b&#39;)&quot;&gt; &amp; co";
        assert!(html.contains(&format!("<title>Hello {safe}</title>")), "{html}");
        assert!(html.contains(&format!("<p><bdi>{safe}</bdi> &lt; you</p>")), "{html}");
        assert!(!html.contains("<img"), "{html}");
    }
}

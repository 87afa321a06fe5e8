//! Colours, and whether people can read one on another: contrast as WCAG 2.2 defines it.

use super::super::node::Node;
use super::super::problem::quoted;

/// The least contrast of text, in hundredths: 4.5 to 1 (WCAG 2.2, success criterion 1.4.3).
const CONTRAST_MIN: u32 = 450;

/// A colour: red, green and blue, 0 to 255.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Colour([u8; 3]);

/// The colours of one scheme.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Palette {
    /// The page.
    pub paper: Colour,
    /// Text.
    pub ink: Colour,
    /// Text of less weight.
    pub quiet: Colour,
    /// Lines between things.
    pub line: Colour,
    /// Buttons.
    pub deed: Colour,
    /// Text on buttons.
    pub on_deed: Colour,
    /// Notices.
    pub word: Colour,
}

impl Palette {
    /// By day, unless a venue says otherwise.
    pub const LIGHT: Self = Self {
        paper: Colour([0xfb, 0xfa, 0xf7]),
        ink: Colour([0x1d, 0x25, 0x30]),
        quiet: Colour([0x55, 0x5e, 0x6a]),
        line: Colour([0xdd, 0xd9, 0xcf]),
        deed: Colour([0x14, 0x59, 0x4a]),
        on_deed: Colour([0xff, 0xff, 0xff]),
        word: Colour([0xff, 0xf1, 0xbd]),
    };
    /// By night.
    pub const DARK: Self = Self {
        paper: Colour([0x14, 0x18, 0x1d]),
        ink: Colour([0xeb, 0xe9, 0xe3]),
        quiet: Colour([0xa7, 0xaf, 0xb9]),
        line: Colour([0x36, 0x3d, 0x46]),
        deed: Colour([0x7f, 0xd0, 0xb8]),
        on_deed: Colour([0x0c, 0x22, 0x17]),
        word: Colour([0x40, 0x36, 0x12]),
    };

    /// All of them: paper, ink, quiet, line, deed, on-deed, word.
    pub fn colours(&self) -> [String; 7] {
        let Self { paper, ink, quiet, line, deed, on_deed, word } = *self;
        [paper, ink, quiet, line, deed, on_deed, word].map(Colour::written)
    }
}

impl Colour {
    /// `#rrggbb`
    fn written(self) -> String {
        let [red, green, blue] = self.0;
        format!("#{red:02x}{green:02x}{blue:02x}")
    }

    fn parse(text: &str) -> Option<Self> {
        let digits =
            text.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.is_ascii())?;
        let part = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
        Some(Self([part(0)?, part(2)?, part(4)?]))
    }

    /// Relative luminance, 0 to 1.
    fn luminance(self) -> f64 {
        let [red, green, blue] = self.0.map(|part| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    /// The contrast of two colours in hundredths, rounded down: 100 to 2,100.
    fn contrast(self, other: Self) -> u32 {
        let (one, two) = (self.luminance(), other.luminance());
        let ratio = (one.max(two) + 0.05) / (one.min(two) + 0.05);
        // Between 1 and 21.
        (ratio * 100.0) as u32
    }
}

/// The colours of a scheme: those that are named, the rest as they were.
pub(super) fn read(node: Option<Node<'_>>, unless: Palette) -> Palette {
    let mut palette = unless;
    let Some((node, mut table)) = node.and_then(|node| Some((node, node.table()?))) else {
        return palette;
    };
    for (name, colour) in [
        ("paper", &mut palette.paper),
        ("ink", &mut palette.ink),
        ("quiet", &mut palette.quiet),
        ("line", &mut palette.line),
        ("deed", &mut palette.deed),
        ("on_deed", &mut palette.on_deed),
        ("word", &mut palette.word),
    ] {
        if let Some(found) = table.get(name).and_then(one) {
            *colour = found;
        }
    }
    table.finish();
    check(node, &palette);
    palette
}

fn one(node: Node<'_>) -> Option<Colour> {
    let text = node.text()?;
    let colour = Colour::parse(text);
    if colour.is_none() {
        node.refuse(format!("{} is no colour", quoted(text)), "write one such as \"#14594a\"");
    }
    colour
}

/// Refuses every pair of colours of which people cannot read one on the other.
fn check(node: Node<'_>, palette: &Palette) {
    let Palette { paper, ink, quiet, deed, on_deed, word, .. } = *palette;
    for (text, on, pair) in [
        ("ink", "paper", (ink, paper)),
        ("quiet", "paper", (quiet, paper)),
        ("deed", "paper", (deed, paper)),
        ("on_deed", "deed", (on_deed, deed)),
        ("ink", "word", (ink, word)),
    ] {
        let contrast = pair.0.contrast(pair.1);
        if contrast < CONTRAST_MIN {
            let (whole, rest) = (contrast / 100, contrast % 100);
            let (text_colour, on_colour) = (pair.0.written(), pair.1.written());
            let wrong = format!(
                "`{text}` {text_colour} on `{on}` {on_colour} has a contrast of {whole}.{rest:02}"
            );
            node.refuse(wrong, "use colours that are further apart: at least 4.5");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contrast_is_what_the_guidelines_say() {
        let of = |one: &str, two: &str| {
            let [one, two] = [one, two].map(|text| Colour::parse(text).expect("a colour"));
            one.contrast(two)
        };
        assert_eq!(of("#000000", "#ffffff"), 2_100);
        assert_eq!(of("#ffffff", "#ffffff"), 100);
        assert_eq!(of("#777777", "#ffffff"), 447);
        assert_eq!(of("#767676", "#ffffff"), 454);
        for text in ["", "#12345", "12345678", "#12345g", "#1234567", "red", "#é1234"] {
            assert_eq!(Colour::parse(text), None, "{text}");
        }
    }

    #[test]
    fn our_own_colours_can_be_read() {
        for Palette { paper, ink, quiet, deed, on_deed, word, .. } in
            [Palette::LIGHT, Palette::DARK]
        {
            for pair in [(ink, paper), (quiet, paper), (deed, paper), (on_deed, deed), (ink, word)]
            {
                assert!(pair.0.contrast(pair.1) >= CONTRAST_MIN, "{pair:?}");
            }
        }
    }
}

//! How the page looks and speaks for one venue: colours, fonts, logo, words. Made at the start.

use std::fmt::Write;
use std::sync::Arc;

use bytes::Bytes;
use data_encoding::BASE64URL_NOPAD;
use http::header::HeaderValue;
use jiff::tz::TimeZone;
use stanchion_domain::board::trigger::Notice;

use super::language;
use super::words::{self, Words};
use crate::clock;
use crate::files::problem::{Problem, Problems};
use crate::files::theme::{Kind, Palette, Theme};

/// A page stands in no frame.
pub const NO_FRAMES: &str = "'none'";
/// A page may stand in a frame of ours: the console shows previews.
pub const OUR_FRAMES: &str = "'self'";

/// Marks style and script of one page: what somebody else put into it has no such mark.
pub fn nonce() -> String {
    BASE64URL_NOPAD.encode(&clock::random_id().to_be_bytes())
}

/// How pages look and speak.
pub struct Look {
    /// The style, as it stands in the page.
    pub style: String,
    /// What a preview adds to it, to be shown in a scheme that is not the reader's own.
    pub schemes: String,
    /// The name of the logo among the assets.
    pub logo: Option<String>,
    /// Where the venue is.
    pub time_zone: TimeZone,
    fonts: bool,
    words: Vec<Arc<Words>>,
    assets: Vec<Asset>,
}

/// A file of the venue that we serve.
#[derive(Clone, Debug)]
pub struct Asset {
    /// What it is called in addresses: made of its bytes, so it never changes.
    pub name: String,
    /// Its media type.
    pub media: &'static str,
    /// The file.
    pub bytes: Bytes,
}

impl Look {
    /// The look of a theme, for the sale of this id.
    ///
    /// # Errors
    /// Everything that is wrong with the theme's words.
    pub fn new(theme: Theme, sale: &str) -> Result<Self, Problems> {
        let words = words_of(&theme)?;
        let assets: Vec<Asset> = theme.assets.into_iter().map(Asset::from).collect();
        let mut style = String::new();
        for (font, asset) in theme.fonts.iter().zip(assets.iter().skip(theme.logo.into())) {
            let _ = writeln!(
                style,
                "@font-face {{ font-family: venue; font-display: swap; font-weight: {}; src: \
                 url(/{sale}/look/{}) format(\"woff2\"); }}",
                font.weight, asset.name
            );
        }
        let own =
            if theme.fonts.is_empty() { "" } else { "--font: venue, system-ui, sans-serif; " };
        let (light, dark) = (colours(&theme.light), colours(&theme.dark));
        let _ = writeln!(
            style,
            ":root {{ color-scheme: light dark; {own}{light}}}\n\
             @media (prefers-color-scheme: dark) {{ :root {{ {dark}}} }}"
        );
        let schemes = format!(
            "[data-scheme=light] {{ color-scheme: light; {light}}}\n\
             [data-scheme=dark] {{ color-scheme: dark; {dark}}}\n"
        );
        style.push_str(include_str!("assets/page.css"));
        let logo = assets.first().filter(|_| theme.logo).map(|asset| asset.name.clone());
        let fonts = !theme.fonts.is_empty();
        Ok(Self { style, schemes, logo, time_zone: theme.time_zone, fonts, words, assets })
    }

    /// Our own look, without a theme.
    pub fn own() -> Self {
        Self::new(Theme::default(), "").expect("our own words can be read")
    }

    /// The words that a visitor reads best, by an `Accept-Language` header.
    pub fn words(&self, accepted: &str) -> &Arc<Words> {
        let tags = self.words.iter().map(|words| words.language.as_str());
        self.words.get(language::best(accepted, tags)).expect("there is a language")
    }

    /// The languages it speaks.
    pub fn languages(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(|words| words.language.as_str())
    }

    /// How a language is written, as HTML says it.
    pub fn direction(&self, language: &str) -> &'static str {
        words::direction(language)
    }

    /// The language of a notice that who reads this one is shown.
    pub fn reads<'n>(&self, notice: &'n Notice, language: &str) -> Option<&'n str> {
        language::of_notice(notice, language).map(|(language, _)| language.as_str())
    }

    /// What a page may load: style and script of its own, and the venue's files from us. `frames`
    /// says in whose frames it may stand,
    /// `shops` to which other hosts a form of the page may lead in the end.
    pub fn policy(&self, nonce: &str, frames: &str, shops: &[String]) -> HeaderValue {
        let logo = if self.logo.is_some() { "img-src 'self'; " } else { "" };
        let fonts = if self.fonts { "font-src 'self'; " } else { "" };
        let shops: String = shops.iter().flat_map(|shop| [" ", shop]).collect();
        // Not formatted: every page has one, and that would cost twice as much.
        let policy = [
            "default-src 'none'; style-src 'nonce-",
            nonce,
            "'; script-src 'nonce-",
            nonce,
            "'; ",
            logo,
            fonts,
            "connect-src 'self'; form-action 'self'",
            &shops,
            "; base-uri 'none'; frame-ancestors ",
            frames,
        ]
        .concat();
        HeaderValue::try_from(policy).expect("a nonce is visible ASCII")
    }

    /// A file of the venue.
    pub fn asset(&self, name: &str) -> Option<&Asset> {
        self.assets.iter().find(|asset| asset.name == name)
    }
}

/// The colours of a scheme, as the style names them.
fn colours(palette: &Palette) -> String {
    let names = ["paper", "ink", "quiet", "line", "deed", "on-deed", "word"];
    let colours = names.iter().zip(palette.colours());
    colours.map(|(name, colour)| format!("--{name}: {colour}; ")).collect()
}

/// All languages: our own, and the venue's; its messages count.
fn words_of(theme: &Theme) -> Result<Vec<Arc<Words>>, Problems> {
    let own = words::OWN.iter().map(|(tag, _)| *tag);
    let venue = theme.texts.iter().map(|text| text.language.as_str());
    let mut tags: Vec<&str> = own.collect();
    for tag in venue {
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    let (mut spoken, mut problems) = (Vec::new(), Problems::default());
    for tag in tags {
        match words_in(theme, tag) {
            Ok(words) => spoken.push(Arc::new(words)),
            Err(found) => problems.absorb(found),
        }
    }
    problems.or_else_ok().map(|()| spoken)
}

fn words_in(theme: &Theme, tag: &str) -> Result<Words, Problems> {
    let own = words::OWN.iter().filter(|(own, _)| *own == tag).map(|(_, text)| *text);
    let mut texts: Vec<&str> = own.collect();
    let venue: Vec<_> = theme.texts.iter().filter(|text| text.language == tag).collect();
    let mut problems = Problems::default();
    for text in &venue {
        // One by one, so that each mistake names its file.
        for mistake in Words::new(tag, &[&text.messages]).err().into_iter().flatten() {
            let remedy = "see docs/waiting-page.md for the messages there are";
            problems.add(Problem::at(&text.file, mistake.message, mistake.wrong, remedy));
        }
    }
    problems.or_else_ok()?;
    texts.extend(venue.iter().map(|text| text.messages.as_str()));
    Ok(Words::new(tag, &texts).unwrap_or_else(|found| panic!("{tag} was read before: {found:?}")))
}

impl From<crate::files::theme::Asset> for Asset {
    fn from(asset: crate::files::theme::Asset) -> Self {
        let (ending, media) = match asset.kind {
            Kind::Svg => ("svg", "image/svg+xml"),
            Kind::Png => ("png", "image/png"),
            Kind::Woff2 => ("woff2", "font/woff2"),
        };
        Self { name: format!("{}.{ending}", asset.print), media, bytes: asset.bytes.into() }
    }
}

//! A QR code as an inline picture: dark squares, a row of them a line of one path.

use std::fmt::Write;

use qrcode::{Color, EcLevel, QrCode};

/// Squares of white around the code, as its standard asks for.
const QUIET: usize = 4;

/// The SVG of a text; `None` if it is too long for a code.
pub(super) fn qr(text: &str) -> Option<String> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let (width, squares) = (code.width(), code.to_colors());
    let mut path = String::new();
    for (y, row) in squares.chunks(width).enumerate() {
        for (x, _) in row.iter().enumerate().filter(|(_, color)| **color == Color::Dark) {
            let _ = write!(path, "M{} {}h1v1h-1z", x + QUIET, y + QUIET);
        }
    }
    let side = width + 2 * QUIET;
    Some(format!(
        "<svg class=\"qr\" viewBox=\"0 0 {side} {side}\" role=\"img\" \
         aria-label=\"QR code for an authenticator app\">\
         <rect width=\"{side}\" height=\"{side}\" fill=\"#fff\"/>\
         <path d=\"{path}\" fill=\"#000\" shape-rendering=\"crispEdges\"/></svg>"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_three_corners_and_nothing_of_the_text() {
        let svg = qr("otpauth://totp/x?secret=\"<&>").expect("short enough");
        // The upper left corner: seven dark squares in a row, inside the quiet zone.
        let corner: String = (4..11).map(|x| format!("M{x} 4h1v1h-1z")).collect();
        assert!(svg.contains(&corner) && !svg.contains("secret"), "{svg}");
        assert_eq!(qr(&"x".repeat(4_000)), None);
    }
}

//! Charts as SVG: drawn here, so that the report needs no script and no other file.
//!
//! Lines or stacked areas over the time of the run, or over shares of a distribution. Colours are
//! classes of the page, so that dark and light both work; every line is named beside its end, so
//! that nothing depends on colour alone.

use std::fmt::Write;

/// Inside of the axes, in units of the drawing.
const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 220.0;
const LEFT: f64 = 64.0;
const TOP: f64 = 24.0;
/// Room for the names of lines.
const RIGHT: f64 = 130.0;
const BOTTOM: f64 = 36.0;
/// Points of a line: more than one a pixel is only weight.
const POINTS_MAX: usize = 600;
/// Names of lines keep this distance.
const NAME_HEIGHT: f64 = 14.0;

/// One chart.
#[derive(Default)]
pub struct Chart {
    /// What is seen, in a few words.
    pub title: String,
    /// What goes up.
    pub unit: String,
    /// The lines, from the bottom if they are stacked.
    pub lines: Vec<Line>,
    /// Whether lines are areas on top of one another.
    pub stacked: bool,
    /// Whether the upward axis counts in powers of ten.
    pub logarithmic: bool,
    /// Instants with a name, as vertical lines.
    pub marks: Vec<(f64, String)>,
    /// How the sideways axis is read.
    pub across: Across,
}

/// The sideways axis.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub enum Across {
    /// Seconds of the run.
    #[default]
    Seconds,
    /// Shares of a distribution, 1 − share in powers of ten.
    Shares,
}

/// One line of a chart.
pub struct Line {
    /// What people call it.
    pub name: String,
    /// Sideways and upward, in order.
    pub points: Vec<(f64, f64)>,
}

/// From values to the drawing.
struct Scale {
    across: (f64, f64),
    up: (f64, f64),
    logarithmic: bool,
}

impl Chart {
    /// The drawing; a sentence instead if there is nothing to draw.
    pub fn svg(&self) -> String {
        let lines = self.drawn_lines();
        if lines.iter().all(|line| line.points.is_empty()) {
            return format!(
                "<p class=\"empty\">{}: nothing was measured.</p>",
                escape(&self.title)
            );
        }
        let scale = self.scale(&lines);
        let mut out = String::new();
        let (width, height) = (LEFT + WIDTH + RIGHT, TOP + HEIGHT + BOTTOM);
        let title = escape(&self.title);
        let _ = write!(
            out,
            "<figure><figcaption>{title}</figcaption>\
             <svg viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{title}\">"
        );
        self.draw_axes(&mut out, &scale);
        self.draw_marks(&mut out, &scale);
        self.draw_lines(&mut out, &scale, &lines);
        out.push_str("</svg></figure>");
        out
    }

    /// Lines with few enough points, summed up if they are stacked.
    fn drawn_lines(&self) -> Vec<Line> {
        let mut below: Vec<f64> = Vec::new();
        let mut drawn = Vec::new();
        for line in &self.lines {
            let mut points = thin(&line.points);
            if self.stacked {
                below.resize(points.len().max(below.len()), 0.0);
                for (point, below) in points.iter_mut().zip(&mut below) {
                    point.1 += *below;
                    *below = point.1;
                }
            }
            drawn.push(Line { name: line.name.clone(), points });
        }
        drawn
    }

    fn scale(&self, lines: &[Line]) -> Scale {
        let points = || lines.iter().flat_map(|line| &line.points);
        let most = |values: &mut dyn Iterator<Item = f64>| values.fold(0.0_f64, f64::max);
        let across = match self.across {
            Across::Seconds => (0.0, most(&mut points().map(|point| point.0)).max(1.0)),
            Across::Shares => (0.0, most(&mut points().map(|point| nines(point.0))).max(1.0)),
        };
        let highest = most(&mut points().map(|point| point.1));
        let up = if self.logarithmic {
            let lowest = points().map(|point| point.1).filter(|up| *up > 0.0);
            let lowest = lowest.fold(highest.max(0.001), f64::min);
            (lowest.log10().floor(), highest.max(lowest * 1.01).log10().ceil())
        } else {
            (0.0, round_up(highest))
        };
        Scale { across, up, logarithmic: self.logarithmic }
    }

    fn draw_axes(&self, out: &mut String, scale: &Scale) {
        let (right, bottom) = (LEFT + WIDTH, TOP + HEIGHT);
        for value in self.steps_up(scale) {
            let y = scale.y(value);
            let _ = write!(
                out,
                "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{right}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>\
                 <text class=\"tick up\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
                LEFT - 6.0,
                y + 4.0,
                short(value)
            );
        }
        for (at, name) in self.steps_across(scale) {
            let x = scale.x(at);
            let _ = write!(
                out,
                "<text class=\"tick across\" x=\"{x:.1}\" y=\"{:.1}\">{name}</text>",
                bottom + 16.0
            );
        }
        let unit = escape(&self.unit);
        let _ = write!(out, "<text class=\"tick unit\" x=\"0\" y=\"12\">{unit}</text>");
    }

    fn steps_up(&self, scale: &Scale) -> Vec<f64> {
        if self.logarithmic {
            let (from, to) = (scale.up.0 as i32, scale.up.1 as i32);
            return (from..=to).map(|power| 10_f64.powi(power)).collect();
        }
        (0..=4).map(|step| scale.up.1 * f64::from(step) / 4.0).collect()
    }

    fn steps_across(&self, scale: &Scale) -> Vec<(f64, String)> {
        let steps = 0..=6;
        match self.across {
            Across::Seconds => {
                let step = round_up(scale.across.1 / 6.0);
                let at = steps.map(|at| f64::from(at) * step).filter(|at| *at <= scale.across.1);
                at.map(|at| (at, format!("{} s", short(at)))).collect()
            }
            Across::Shares => {
                let whole = (0..=scale.across.1 as u32).map(f64::from);
                whole.map(|nines| (nines, share_name(nines))).collect()
            }
        }
    }

    fn draw_marks(&self, out: &mut String, scale: &Scale) {
        let shown = self.marks.iter().filter(|mark| mark.0 <= scale.across.1);
        for (at, (seconds, what)) in shown.enumerate() {
            let (x, bottom) = (scale.x(*seconds), TOP + HEIGHT);
            let _ = write!(
                out,
                "<g class=\"mark\"><title>{} s: {}</title>\
                 <line x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{TOP}\" y2=\"{bottom}\"/>\
                 <text x=\"{x:.1}\" y=\"{:.1}\">{}</text></g>",
                short(*seconds),
                escape(what),
                TOP - 4.0,
                at + 1
            );
        }
    }

    fn draw_lines(&self, out: &mut String, scale: &Scale, lines: &[Line]) {
        let mut names: Vec<(f64, usize)> = Vec::new();
        // From the top of a stack down, so that what is below is seen.
        for (at, line) in lines.iter().enumerate().rev() {
            let Some(last) = line.points.last() else { continue };
            let path = self.path(scale, line);
            let (class, at_class) = if self.stacked { ("area", at % 8) } else { ("line", at % 8) };
            let _ = write!(out, "<path class=\"{class} c{at_class}\" d=\"{path}\"/>");
            let y = if self.stacked {
                let below = at.checked_sub(1).and_then(|at| lines[at].points.last());
                scale.y((last.1 + below.map_or(0.0, |below| below.1)) / 2.0)
            } else {
                scale.y(last.1)
            };
            names.push((y, at));
        }
        names.sort_by(|one, other| one.0.total_cmp(&other.0));
        let mut free = TOP;
        for (y, at) in names {
            let y = y.max(free);
            free = y + NAME_HEIGHT;
            let name = escape(&lines[at].name);
            let x = LEFT + WIDTH + 8.0;
            let _ = write!(
                out,
                "<text class=\"name c{}\" x=\"{x}\" y=\"{:.1}\">{name}</text>",
                at % 8,
                y + 4.0
            );
        }
    }

    fn path(&self, scale: &Scale, line: &Line) -> String {
        let mut path = String::new();
        for (at, (across, up)) in line.points.iter().enumerate() {
            let across = if self.across == Across::Shares { nines(*across) } else { *across };
            let pen = if at == 0 { 'M' } else { 'L' };
            let _ = write!(path, "{pen}{:.1} {:.1}", scale.x(across), scale.y(*up));
        }
        if self.stacked
            && let (Some(first), Some(last)) = (line.points.first(), line.points.last())
        {
            let floor = scale.y(0.0);
            let (from, to) = (scale.x(first.0), scale.x(last.0));
            let _ = write!(path, "L{to:.1} {floor:.1}L{from:.1} {floor:.1}Z");
        }
        path
    }
}

impl Scale {
    fn x(&self, across: f64) -> f64 {
        LEFT + WIDTH * (across - self.across.0) / (self.across.1 - self.across.0)
    }

    fn y(&self, up: f64) -> f64 {
        let up = if self.logarithmic { up.max(1e-9).log10().max(self.up.0) } else { up };
        let span = (self.up.1 - self.up.0).max(f64::MIN_POSITIVE);
        TOP + HEIGHT - HEIGHT * (up - self.up.0) / span
    }
}

/// How many nines a share has: 0.9 is 1, 0.99 is 2; all of it counts as seven.
fn nines(share: f64) -> f64 {
    -(1.0 - share).max(1e-7).log10()
}

fn share_name(nines: f64) -> String {
    match nines as u32 {
        0 => "0 %".to_owned(),
        1 => "90 %".to_owned(),
        2 => "99 %".to_owned(),
        more => format!("99.{} %", "9".repeat(more as usize - 2)),
    }
}

/// The next of 1, 2, 2.5, 5, 10 … that is not below.
fn round_up(value: f64) -> f64 {
    if value <= 0.0 {
        return 1.0;
    }
    let power = 10_f64.powf(value.log10().floor());
    let steps = [1.0, 2.0, 2.5, 5.0, 10.0];
    let step = steps.into_iter().find(|step| step * power >= value);
    step.unwrap_or(10.0) * power
}

/// A number as an axis names it.
pub fn short(value: f64) -> String {
    let (value, letter) = match value.abs() {
        big if big >= 1e6 => (value / 1e6, "M"),
        big if big >= 1e4 => (value / 1e3, "k"),
        _ => (value, ""),
    };
    let text = if value.abs() >= 100.0 || value.fract() == 0.0 {
        format!("{value:.0}")
    } else if value.abs() < 0.001 {
        // A share of failures that is not nothing has to be told from nothing.
        format!("{value:.1e}")
    } else {
        let text = format!("{value:.3}");
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    };
    text + letter
}

/// Of every stretch of points the highest: no spike is lost.
fn thin(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let stretch = points.len().div_ceil(POINTS_MAX).max(1);
    let highest = |points: &[(f64, f64)]| {
        points.iter().copied().max_by(|one, other| one.1.total_cmp(&other.1))
    };
    points.chunks(stretch).filter_map(highest).collect()
}

/// A text inside a page.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(points: Vec<(f64, f64)>) -> Chart {
        let lines = vec![Line { name: "a <b>".to_owned(), points }];
        Chart { title: "T".to_owned(), lines, ..Chart::default() }
    }

    #[test]
    fn a_spike_is_drawn_however_many_points_there_are() {
        let mut points: Vec<_> = (0..10_000).map(|at| (f64::from(at), 1.0)).collect();
        points[5_003].1 = 99.0;
        assert!(thin(&points).len() <= POINTS_MAX);
        assert!(thin(&points).contains(&(5_003.0, 99.0)));
    }

    #[test]
    fn names_never_become_markup_and_nothing_to_draw_is_said() {
        let svg = chart(vec![(0.0, 1.0), (5.0, 2.0)]).svg();
        assert!(svg.contains("a &lt;b&gt;") && !svg.contains("<b>"));
        assert!(chart(Vec::new()).svg().contains("nothing was measured"));
    }

    #[test]
    fn every_number_in_a_drawing_is_one() {
        for stacked in [false, true] {
            for logarithmic in [false, true] {
                for points in [vec![(0.0, 0.0)], vec![(0.0, 0.0), (0.0, 0.0)], vec![(1.0, 1e-9)]] {
                    let svg = Chart { stacked, logarithmic, ..chart(points) }.svg();
                    assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
                }
            }
        }
    }

    #[test]
    fn axes_have_round_numbers() {
        assert_eq!([0.0, 0.7, 3.0, 130.0, 2_400.0].map(round_up), [1.0, 1.0, 5.0, 200.0, 2_500.0]);
        let named = [0.0, 0.25, 1_000.0, 25_000.0, 3e6].map(short);
        assert_eq!(named, ["0", "0.25", "1000", "25k", "3M"]);
    }
}

//! Curves as a picture that needs no script and can be printed: SVG, with its units.
//!
//! Lines differ by colour and by dashes: a printer may have black only. All texts in it are ours.

use std::fmt::Write;

use stanchion_domain::time::WallTime;

use crate::api::ops::night::curves::Curves;
use crate::clock;
use crate::console::written::grouped;

/// The picture, in its own units.
const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 250.0;
/// Where the lines are.
const LEFT: f64 = 64.0;
const RIGHT: f64 = WIDTH - 36.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = HEIGHT - 44.0;
/// Lines across, at most.
const LEVELS_MAX: f64 = 5.0;
/// Times below, at most.
const TIMES_MAX: i64 = 6;
/// Between two times: from one second to four weeks.
const STEPS_S: [i64; 18] = [
    1, 5, 10, 30, 60, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 21_600, 43_200, 86_400, 172_800,
    604_800, 2_419_200,
];

/// What a picture shows.
pub(super) struct Chart {
    /// What it is called.
    pub(super) title: &'static str,
    /// What is counted.
    pub(super) unit: &'static str,
    /// The names of curves, and what they are called.
    pub(super) lines: &'static [(&'static str, &'static str)],
}

/// Where things are.
struct Frame {
    from_s: i64,
    to_s: i64,
    top: f64,
}

/// The picture; `None` as long as there is no line to draw.
pub(super) fn svg(curves: &Curves, chart: &Chart) -> Option<String> {
    let (from_s, to_s) = (*curves.at_s.first()?, *curves.at_s.last()?);
    let highest = chart.lines.iter().filter_map(|(name, _)| curves.highest(name));
    // Nothing at all is drawn below one, not below a hundredth.
    let highest = highest.map(|(_, figure)| figure).reduce(f64::max)?.max(1.0);
    if from_s == to_s {
        return None;
    }
    let step = level_step(highest);
    let frame = Frame { from_s, to_s, top: (highest / step).ceil().max(1.0) * step };
    let mut svg = format!(
        "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}, {}\">",
        chart.title, chart.unit
    );
    frame.levels(&mut svg, step, chart.unit);
    frame.times(&mut svg);
    for (at, (name, label)) in chart.lines.iter().enumerate() {
        legend(&mut svg, at, label);
        for run in runs(&curves.at_s, curves.column(name)) {
            frame.line(&mut svg, at, &run);
        }
    }
    svg.push_str("</svg>");
    Some(svg)
}

impl Frame {
    fn x(&self, at_s: i64) -> f64 {
        let share = (at_s - self.from_s) as f64 / (self.to_s - self.from_s) as f64;
        LEFT + share * (RIGHT - LEFT)
    }

    fn y(&self, figure: f64) -> f64 {
        BOTTOM - figure / self.top * (BOTTOM - TOP)
    }

    fn levels(&self, svg: &mut String, step: f64, unit: &str) {
        let mut level = 0.0;
        while level <= self.top + step / 2.0 {
            let (y, text) = (self.y(level), figure(level));
            let _ = write!(
                svg,
                "<path class=\"level\" d=\"M{LEFT} {y:.1}H{RIGHT}\"/>\
                 <text x=\"{:.0}\" y=\"{:.1}\" text-anchor=\"end\">{text}</text>",
                LEFT - 6.0,
                y + 4.0
            );
            level += step;
        }
        let _ = write!(svg, "<text x=\"4\" y=\"{:.0}\">{unit}</text>", TOP - 22.0);
    }

    fn times(&self, svg: &mut String) {
        let span_s = self.to_s - self.from_s;
        let fits = |step: &&i64| span_s / **step < TIMES_MAX;
        let step = STEPS_S.iter().find(fits).unwrap_or(&STEPS_S[STEPS_S.len() - 1]);
        let mut at_s = (self.from_s + step - 1).div_euclid(*step) * step;
        while at_s <= self.to_s {
            let x = self.x(at_s);
            let _ = write!(
                svg,
                "<path class=\"level\" d=\"M{x:.1} {BOTTOM}v5\"/>\
                 <text x=\"{x:.1}\" y=\"{:.0}\" text-anchor=\"middle\">{}</text>",
                BOTTOM + 18.0,
                time(at_s, *step)
            );
            at_s += step;
        }
        let _ = write!(
            svg,
            "<text x=\"{RIGHT}\" y=\"{:.0}\" text-anchor=\"end\">Time, UTC</text>",
            HEIGHT - 6.0
        );
    }

    fn line(&self, svg: &mut String, at: usize, run: &[(i64, f64)]) {
        let _ = write!(svg, "<polyline class=\"line line-{}\" points=\"", at + 1);
        for (at_s, figure) in run {
            let _ = write!(svg, "{:.1},{:.1} ", self.x(*at_s), self.y(*figure));
        }
        svg.push_str("\"/>");
    }
}

/// What a line is called, at the top, with a piece of it.
fn legend(svg: &mut String, at: usize, label: &str) {
    let x = LEFT + 60.0 + at as f64 * 150.0;
    let y = TOP - 26.0;
    let _ = write!(
        svg,
        "<path class=\"line line-{}\" d=\"M{x} {y}h28\"/><text x=\"{}\" y=\"{}\">{label}</text>",
        at + 1,
        x + 34.0,
        y + 4.0
    );
}

/// The parts of a curve between the gaps.
fn runs(at_s: &[i64], column: &[Option<f64>]) -> Vec<Vec<(i64, f64)>> {
    let moments: Vec<_> = at_s.iter().zip(column).collect();
    let runs = moments.split(|(_, figure)| figure.is_none());
    let known = |run: &[(&i64, &Option<f64>)]| {
        run.iter().filter_map(|(at_s, figure)| Some((**at_s, (**figure)?))).collect::<Vec<_>>()
    };
    runs.map(known).filter(|run| !run.is_empty()).collect()
}

/// The distance of lines across: 1, 2 or 5 of some power of ten, and whole where figures are large.
fn level_step(highest: f64) -> f64 {
    let least = (highest / LEVELS_MAX).max(0.01);
    let power = 10_f64.powf(least.log10().floor());
    let round = [1.0, 2.0, 5.0, 10.0].map(|times| times * power);
    let step = round.into_iter().find(|step| *step >= least * 0.999);
    step.unwrap_or(10.0 * power).max(if highest >= 5.0 { 1.0 } else { 0.01 })
}

/// A figure as people write it.
pub(super) fn figure(figure: f64) -> String {
    if figure.fract().abs() > 0.004 {
        return format!("{figure:.2}").trim_end_matches('0').to_owned();
    }
    grouped(figure.round() as u64)
}

/// A time of the day; a day where the steps are days, seconds where they are less than a minute.
fn time(at_s: i64, step_s: i64) -> String {
    let text = clock::rfc3339(WallTime(at_s.saturating_mul(1_000))).unwrap_or_default();
    let part = match step_s {
        ..60 => 11..19,
        60..86_400 => 11..16,
        _ => 5..10,
    };
    text.get(part).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::ops::night::point::Point;

    const CHART: Chart = Chart {
        title: "Queue",
        unit: "visitors",
        lines: &[("waiting", "Waiting"), ("append_ms", "Writes")],
    };

    fn curves(waiting: &[(i64, u32)]) -> Curves {
        let points = waiting.iter().zip(0..).map(|((at_s, waiting), at)| Point {
            at_s: *at_s,
            waiting: *waiting,
            after_gap: at == 2,
            ..Point::default()
        });
        Curves::of(&points.collect::<Vec<_>>(), 100)
    }

    #[test]
    fn a_line_goes_from_corner_to_corner_and_stops_where_nothing_is_known() {
        let svg = svg(&curves(&[(1_000, 0), (1_060, 40), (1_180, 100), (1_240, 50)]), &CHART);
        let svg = svg.expect("there is something to draw");
        let lines: Vec<_> = svg.split("<polyline").skip(1).collect();
        assert_eq!(lines.len(), 2, "{svg}");
        assert!(lines[0].contains("points=\"64.0,206.0 199.0,139.6 \""), "{}", lines[0]);
        assert!(lines[1].contains("points=\"469.0,40.0 604.0,123.0 \""), "{}", lines[1]);
        for told in [">visitors<", ">Waiting<", ">Time, UTC<", ">00:17<", ">100<", ">20<"] {
            assert!(svg.contains(told), "{told} is not in {svg}");
        }
        assert!(!svg.contains("style"), "its style is elsewhere");
    }

    #[test]
    fn nothing_is_drawn_of_nothing() {
        assert_eq!(svg(&Curves::default(), &CHART), None);
        assert_eq!(svg(&curves(&[(5, 1)]), &CHART), None, "a moment is no line");
        assert!(svg(&curves(&[(5, 0), (10, 0)]), &CHART).is_some(), "nobody is a figure");
    }

    #[test]
    fn levels_are_round_and_few() {
        for (highest, step) in
            [(0.0, 0.01), (0.3, 0.1), (1.0, 0.2), (7.0, 2.0), (100.0, 20.0), (41_234.0, 10_000.0)]
        {
            assert!(
                (level_step(highest) - step).abs() < 1e-9,
                "{highest}: {}",
                level_step(highest)
            );
        }
        assert_eq!([figure(0.0), figure(0.25), figure(12_345.0)], ["0", "0.25", "12,345"]);
    }
}

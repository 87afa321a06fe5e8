use std::fs;

use super::curves::Curves;
use super::file::{FILE, NightFile, Work, milestone_line, point_line};
use super::memory::{MILESTONES_MAX, Memory, POINTS_MAX};
use super::milestone::{Milestone, What};
use super::point::{Point, Totals};

fn point(at_s: i64, sold: u64) -> Point {
    Point { at_s, sold, ..Point::default() }
}

fn grown(at_s: i64, holds: u64, crowded: u64) -> Point {
    Point { at_s, totals: Totals { holds, crowded, ..Totals::default() }, ..Point::default() }
}

fn happened(at_s: i64, what: What) -> Milestone {
    Milestone { at_s, what }
}

fn added(points: impl IntoIterator<Item = Point>) -> Memory {
    let mut memory = Memory::default();
    for point in points {
        memory.add(point);
    }
    memory
}

/// Writes what waits; says whether that was the whole of it.
fn write(file: &NightFile, memory: &Memory) -> bool {
    let work = file.take(memory).expect("nobody writes");
    assert!(file.take(memory).is_none(), "one at a time");
    let anew = matches!(work, Work::Anew(_));
    file.write(work);
    anew
}

fn all(memory: &Memory) -> Vec<Point> {
    memory.points().copied().collect()
}

#[test]
fn points_are_in_order_whatever_the_wall_clock_does() {
    let mut memory = added((0..100).map(|at| point(at * 5, 0)));
    memory.add(point(100, 0));
    let points = all(&memory);
    assert_eq!((points.len(), points.last().map(|last| last.at_s)), (21, Some(100)));
    assert!(points.iter().rev().skip(1).all(|point| !point.after_gap));
    assert!(points[20].after_gap, "what was between is not known");
}

#[test]
fn a_long_night_is_kept_whole_and_its_beginning_coarser() {
    let mut memory = Memory::default();
    for at in 0..3 * POINTS_MAX as i64 {
        // One gap, on a point that will not stay.
        let late = if at >= 101 { 1_000 } else { 0 };
        memory.add(point(at * 5 + late, at as u64));
        assert!(memory.points().len() <= POINTS_MAX);
    }
    let points = all(&memory);
    assert_eq!((points[0].at_s, points.last().map(|last| last.sold)), (0, Some(12_959)));
    let newest = &points[points.len() - 700..];
    assert!(
        newest.windows(2).all(|pair| pair[1].at_s - pair[0].at_s == 5),
        "the last hour is fine"
    );
    assert!(points.windows(2).all(|pair| pair[0].at_s < pair[1].at_s));
    let gaps: Vec<_> = points.iter().filter(|point| point.after_gap).collect();
    assert!(gaps.len() == 1 && gaps[0].sold >= 101 && gaps[0].sold < 200, "{gaps:?}");
}

#[test]
fn what_grew_is_told_by_the_minute_once_there_was_one_without_a_gap() {
    let mut memory = Memory::default();
    for at in 0..12 {
        memory.add(point(at * 5, 2 * at as u64));
        assert_eq!(memory.per_minute(|point| point.sold), None);
    }
    memory.add(point(60, 24));
    assert_eq!(memory.per_minute(|point| point.sold), Some(24));
    memory.add(point(180, 84));
    assert_eq!(memory.per_minute(|point| point.sold), None, "nobody looked for two minutes");
}

#[test]
fn what_happened_is_bounded_and_says_what_was_left_out() {
    let mut memory = Memory::default();
    for at_s in 0..MILESTONES_MAX as i64 + 7 {
        memory.note(happened(at_s, What::Started));
    }
    assert_eq!((memory.milestones().len(), memory.left_out()), (MILESTONES_MAX, 7));
    assert_eq!(memory.milestones().next().map(|first| first.at_s), Some(7));
}

#[test]
fn a_number_was_given_by_the_first_point_that_counts_it() {
    let given = |at_s, numbers| Point { at_s, numbers, ..Point::default() };
    let memory = added([given(10, 0), given(15, 3), given(20, 8)]);
    for (number, given) in [(0, Some(10)), (1, Some(15)), (3, Some(15)), (4, Some(20)), (9, None)] {
        assert_eq!(memory.given_at_s(number), given, "{number}");
    }
}

#[test]
fn rates_are_of_the_minute_before_and_never_across_a_gap() {
    let mut points: Vec<_> =
        (0..25).map(|at| grown(at * 5, at as u64 * 10, at as u64 * 5)).collect();
    points.push(Point { after_gap: true, ..grown(1_000, 900, 0) });
    points.push(grown(1_005, 901, 0));
    let curves = Curves::of(&points, 1_000);
    assert_eq!(curves.at_s.len(), 28, "one more in the gap");
    let holds = curves.column("holds_per_minute");
    assert_eq!((holds[11], holds[12], holds[24]), (None, Some(120.0), Some(120.0)));
    assert_eq!(curves.column("crowding_percent")[24], Some(33.0));
    assert_eq!((curves.at_s[25], curves.column("waiting")[25]), (999, None));
    assert_eq!(holds[26..], [None, None]);
    assert_eq!(curves.highest("holds_per_minute"), Some((60, 120.0)));
    assert_eq!(curves.highest("answer_ms"), None);
    let few = Curves::of(&points, 9);
    assert_eq!(few.at_s.iter().rev().take(2).copied().collect::<Vec<_>>(), [1_005, 1_004]);
    assert!(few.at_s.len() <= 10);
}

#[test]
fn a_night_is_read_as_it_was_written_and_a_torn_line_is_left_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(FILE);
    let mut memory = added([grown(5, 1, 2), grown(10, 3, 4)]);
    let cause = "no \"space\"\nleft".to_owned();
    memory.note(happened(7, What::Down { cause }));
    let file = NightFile::new(folder.path().to_owned());
    assert_eq!(file.load(), Memory::default(), "there is none yet");
    file.put(String::new());
    assert!(write(&file, &memory));
    assert_eq!(NightFile::new(folder.path().to_owned()).load(), memory);
    // What comes later is appended.
    let (later, sold_out) = (grown(15, 5, 6), happened(16, What::SoldOut { performance: None }));
    file.put(point_line(&later));
    file.put(milestone_line(&sold_out));
    memory.add(later);
    memory.note(sold_out);
    assert!(file.due() && !write(&file, &Memory::default()) && !file.due());
    let kept = fs::read_to_string(&path).expect("it is there");
    for torn in [0, 1, 20] {
        fs::write(&path, format!("{kept}{}", &point_line(&later)[..torn])).expect("room");
        assert_eq!(NightFile::new(folder.path().to_owned()).load(), memory, "{torn}");
    }
}

#[test]
fn a_file_that_is_no_night_is_set_aside() {
    for (text, why) in [
        ("{\"format\":2}\n", "another format"),
        ("{\"point\":{}}\n", "no format"),
        ("{\"format\":1}\nnot a line\n{\"point\":{}}\n", "damaged in the middle"),
        ("\u{0}\u{0}\n", "not text"),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(FILE);
        fs::write(&path, text).expect("room");
        let file = NightFile::new(folder.path().to_owned());
        assert_eq!(file.load(), Memory::default(), "{why}");
        let aside = path.with_extension("unreadable");
        assert_eq!(fs::read_to_string(aside).expect("it is kept"), text, "{why}");
        file.put(point_line(&point(5, 1)));
        assert!(write(&file, &added([point(5, 1)])), "{why}");
        assert_eq!(NightFile::new(folder.path().to_owned()).load(), added([point(5, 1)]), "{why}");
    }
}

#[test]
fn a_file_that_grew_is_written_anew_and_so_is_one_that_failed() {
    let folder = tempfile::tempdir().expect("a folder");
    let within = folder.path().join("gala");
    let file = NightFile::new(within.clone());
    let line = point_line(&point(5, 1));
    file.put(line.clone());
    assert!(write(&file, &Memory::default()));
    for _ in 0..POINTS_MAX {
        file.put(line.clone());
    }
    assert!(!write(&file, &Memory::default()), "not yet");
    file.put(line.clone());
    assert!(write(&file, &added([point(5, 2)])));
    assert_eq!(NightFile::new(within.clone()).load(), added([point(5, 2)]));
    // The folder is lost: nothing can be appended.
    fs::remove_dir_all(&within).expect("ours");
    file.put(line.clone());
    assert!(!write(&file, &Memory::default()));
    file.put(line);
    assert!(write(&file, &added([point(5, 3)])));
    assert_eq!(NightFile::new(within).load(), added([point(5, 3)]));
}

//! The importers on whole, damaged and hostile plans.

use std::path::PathBuf;

use serde_json::{Value, json};
use stanchion_domain::id::SeatIndex;

use super::*;

/// A venue's real file; where there is none the test says so and checks nothing.
fn sample(name: &str) -> Option<Vec<u8>> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let folder = std::env::var_os("STANCHION_SAMPLE_DATA").map_or(beside, PathBuf::from);
    let bytes = std::fs::read(folder.join(name));
    if bytes.is_err() {
        let mut err = std::io::stderr();
        let _ = std::io::Write::write_fmt(&mut err, format_args!("absent: {name}\n"));
    }
    bytes.ok()
}

fn strict(file: &Value) -> Result<Imported, Problems> {
    import("plan.json", file.to_string().as_bytes(), Mode::Strict)
}

fn lenient(file: &Value) -> Result<Imported, Problems> {
    import("plan.json", file.to_string().as_bytes(), Mode::Lenient)
}

/// The problems of a refused plan, a line each.
fn refused(file: &Value) -> String {
    strict(file).expect_err("the plan has mistakes").to_string()
}

fn ids(imported: &Imported) -> Vec<&str> {
    imported.plan.seats.iter().map(|seat| seat.id.as_str()).collect()
}

fn own() -> Value {
    json!({
        "format": "stanchion-plan-1",
        "name": "Small stage",
        "categories": ["A", "B"],
        "focal_point": {"x": 0, "y": -2},
        "sections": [{
            "name": "Stalls", "x": 0, "y": 1, "pitch": 0.5, "depth": 1, "aisle": 1, "curve": 0.2,
            "category": "A", "rows": [
                {"row": "A", "seats": "1-4", "breaks": "2", "accessible": "1", "companion": 2},
                {"rows": "B-C", "seats": ["5", "3", "1-b"], "categories": {"B": "3"}}
            ]
        }],
        "pools": [{"id": "standing", "name": "Standing", "category": "B", "capacity": 40}]
    })
}

fn pretix() -> Value {
    let at = |x: i32, y: f64| json!({"x": x, "y": y});
    let seat = |id: &str, x: i32| {
        let position = at(x, 0.0);
        json!({"seat_guid": id, "seat_number": id, "position": position, "category": "A"})
    };
    let row = |label: &str, y: f64, seats: Vec<Value>| {
        let position = at(100, y);
        json!({"row_number": label, "position": position, "seats": seats})
    };
    let mut first = row("1", 0.5, vec![seat("a", 0), seat("b", 10), seat("c", 20)]);
    first["segment_breaks"] = json!([1]);
    first["seats"][1]["wheelchair"] = json!(true);
    json!({
        "name": "Hall",
        "size": {"width": 500, "height": 500},
        "categories": [{"name": "A", "color": "red"}],
        "zones": [{
            "name": "Ground", "zone_id": "g", "position": {"x": 1000, "y": 0}, "areas": [],
            "rows": [first, row("2", 20.0, vec![seat("d", 0)])]
        }]
    })
}

fn seatsio() -> Value {
    let seat = |label: &str, x: i32| json!({"label": label, "x": x, "y": 5, "categoryKey": null});
    let rows = json!([{"label": "A", "seats": [seat("1", 10), seat("2", 20)]}]);
    json!({
        "name": "Chart",
        "venueType": "ROWS_WITH_SECTIONS",
        "categories": {"list": [{"key": 1, "label": "One"}, {"key": "two", "label": "Two"}]},
        "zones": {"list": [{"key": "z", "label": "Z", "focalPoint": {"x": 7, "y": 8}}]},
        "subChart": {
            "focalPoint": {"x": 1, "y": 2},
            "rows": [{"label": "L", "categoryKey": "two", "seats": [
                {"label": "1", "x": 1, "y": 1, "accessible": true},
                {"label": "2", "x": 2, "y": 1, "companionSeat": true, "restrictedView": true}
            ]}],
            "tables": [{"label": "T1", "categoryKey": 1, "seats": [seat("1", 30)]}],
            "booths": [],
            "generalAdmissionAreas": [{"label": "GA", "capacity": 100, "categoryKey": 1}],
            "sections": [{"label": "Left", "categoryKey": 1, "topLeft": {"x": 100, "y": 50.5},
                          "zone": "z", "subChart": {"rows": rows}}]
        }
    })
}

#[test]
fn our_own_format_lays_out_rows_around_their_middle() {
    let imported = strict(&own()).expect("whole");
    let expected = [
        "Stalls-A-1",
        "Stalls-A-2",
        "Stalls-A-3",
        "Stalls-A-4",
        "Stalls-B-5",
        "Stalls-B-3",
        "Stalls-B-1-b",
        "Stalls-C-5",
        "Stalls-C-3",
        "Stalls-C-1-b",
    ];
    assert_eq!(ids(&imported), expected);
    let plan = &imported.plan;
    // Half of three pitches and an aisle to each side; the ends 0.2 nearer to the front.
    let ends: Vec<_> = [0, 1, 2, 3].map(|seat| plan.seat(SeatIndex(seat)).at).to_vec();
    let at = |x, y| Point { x, y };
    assert_eq!(ends, [at(-125, 80), at(-75, 93), at(75, 93), at(125, 80)]);
    assert_eq!(plan.seat(SeatIndex(8)).at, at(0, 300), "row C is two depths behind row A");
    assert_eq!(plan.rows[0].breaks, [SeatIndex(1)]);
    assert!(plan.seats[0].flags.accessible && plan.seats[1].flags.companion);
    assert_eq!(plan.seats[5].category, 1);
    assert_eq!(imported.pools[0].capacity, 40);
    assert!(imported.remarks.is_empty());
}

#[test]
fn the_example_of_the_documentation_is_a_plan() {
    let text = include_str!("../../../docs/plans.md");
    let example = text.split("```json").nth(1).and_then(|rest| rest.split("```").next());
    let imported = import("plans.md", example.expect("an example").as_bytes(), Mode::Strict);
    let plan = imported.unwrap_or_else(|problems| panic!("{problems}")).plan;
    assert_eq!(plan.seats.len(), 20 + 7 * 20 + 19);
    assert_eq!(plan.seats[0].id, "Stalls-A-1");
}

#[test]
fn a_turned_section_turns_its_rows() {
    let mut file = own();
    file["sections"][0]["angle"] = json!(90);
    file["sections"][0]["curve"] = json!(0);
    let plan = strict(&file).expect("whole").plan;
    assert_eq!(plan.seats[0].at, Point { x: 0, y: -25 });
    assert_eq!(plan.seats[8].at, Point { x: -200, y: 100 });
}

#[test]
fn pretix_coordinates_nest_and_known_extra_keys_are_understood() {
    let imported = strict(&pretix()).expect("whole");
    assert_eq!(imported.format, Format::Pretix);
    assert_eq!(ids(&imported), ["a", "b", "c", "d"]);
    assert_eq!(imported.plan.seats[2].at, Point { x: 112_000, y: 50 });
    assert_eq!(imported.plan.rows[0].breaks, [SeatIndex(0)]);
    assert!(imported.plan.seats[1].flags.accessible);
}

#[test]
fn seatsio_ids_flags_origins_and_areas_are_taken_over() {
    let imported = strict(&seatsio()).expect("whole");
    assert_eq!(ids(&imported), ["L-1", "L-2", "T1-1", "Left-A-1", "Left-A-2"]);
    let plan = &imported.plan;
    assert_eq!(plan.categories, ["One", "Two"]);
    assert_eq!(plan.seats.iter().map(|s| s.category).collect::<Vec<_>>(), [1, 1, 0, 0, 0]);
    assert_eq!(plan.seats[3].at, Point { x: 11_000, y: 5_550 });
    assert!(plan.seats[0].flags.accessible && plan.seats[1].flags.restricted_view);
    assert_eq!(plan.sections[1].focal_point, Some(Point { x: 700, y: 800 }));
    let pool = ImportedPool { id: "GA".into(), name: "GA".into(), category: 0, capacity: 100 };
    assert_eq!(imported.pools, [pool]);
}

#[test]
fn every_mistake_of_our_own_format_is_listed() {
    let mut file = own();
    file["sections"][0]["rows"][0]["seats"] = json!("1-9999999");
    file["sections"][0]["rows"][1]["categories"] = json!({"X": "3"});
    file["sections"][0]["pich"] = json!(1);
    file["pools"][0]["capacity"] = json!(-5);
    file["focal_point"]["x"] = json!(1e9);
    assert_eq!(refused(&file), include_str!("golden/own.txt"));
}

#[test]
fn every_mistake_of_a_pretix_plan_is_listed() {
    let mut file = pretix();
    let row = &mut file["zones"][0]["rows"][0];
    row["seats"][0]["category"] = json!("Z");
    row["seats"][1]["seat_guid"] = json!("d");
    row["seats"][2]["position"] = json!({"x": "left", "y": 1e300});
    row["seats"][2]["colour"] = json!("blue");
    row["segment_breaks"] = json!([9]);
    file["zones"][0]["rows"][1].as_object_mut().expect("a row").remove("row_number");
    file["zones"].as_array_mut().expect("zones").push(json!(7));
    assert_eq!(refused(&file), include_str!("golden/pretix.txt"));
}

#[test]
fn lenient_mode_repairs_repeated_ids_and_says_so() {
    let mut file = pretix();
    file["zones"][0]["rows"][1]["seats"][0]["seat_guid"] = json!("a");
    file["zones"][0]["colour"] = json!("blue");
    file["zones"][0]["rows"][1]["seats"][0]["position"]["z"] = json!(1);
    let imported = lenient(&file).expect("repaired");
    assert_eq!(ids(&imported), ["a", "b", "c", "a~1.2.1"]);
    let remarks = imported.remarks.to_string();
    assert!(remarks.contains("all but the first became \"a~1.2.1\""), "{remarks}");
    assert_eq!(imported.remarks.listed.len(), 3, "{remarks}");
    assert_eq!(strict(&file).expect_err("strict").listed.len(), 3);
}

#[test]
fn a_repair_that_would_take_another_seats_id_is_refused() {
    let mut file = pretix();
    file["zones"][0]["rows"][1]["seats"][0]["seat_guid"] = json!("a");
    file["zones"][0]["rows"][0]["seats"][1]["seat_guid"] = json!("a~1.2.1");
    let problems = lenient(&file).expect_err("taken").to_string();
    assert!(problems.contains("no free replacement"), "{problems}");
}

#[test]
fn the_stadium_with_repeated_ids_is_refused_naming_each() {
    let Some(bytes) = sample("pretix-stadium-duplicate-guids.json") else { return };
    let problems = import("stadium.json", &bytes, Mode::Strict).expect_err("repeated ids");
    assert_eq!((problems.listed.len(), problems.more), (126, 0), "126 ids stand more than once");
    let first = problems.listed[0].to_string();
    assert!(first.contains("the id \"Groundfloor-A-1\" stands at zones[0].rows[0]"), "{first}");
    let imported = import("stadium.json", &bytes, Mode::Lenient).expect("repaired");
    assert_eq!((imported.plan.seats.len(), imported.plan.rows.len()), (738, 90));
    assert_eq!(imported.remarks.listed.len(), 126);
}

#[test]
fn the_charts_of_the_vendor_are_imported_whole() {
    let Some(bytes) = sample("seatsio-sampleChart.json") else { return };
    let chart = import("chart.json", &bytes, Mode::Strict).expect("whole");
    assert_eq!(chart.plan.seats.len(), 32);
    let accessible = chart.plan.seats.iter().filter(|seat| seat.flags.accessible);
    assert_eq!(accessible.map(|seat| seat.id.as_str()).collect::<Vec<_>>(), ["A-7"]);
    assert_eq!(chart.pools.iter().map(|pool| pool.capacity).collect::<Vec<_>>(), [100, 100]);
    let Some(bytes) = sample("seatsio-sampleChartWithSections.json") else { return };
    let chart = import("chart.json", &bytes, Mode::Strict).expect("whole");
    assert_eq!((chart.plan.seats.len(), chart.plan.sections.len()), (71, 2));
    assert_eq!(chart.plan.seats[0].id, "Section A-A-1");
    assert_eq!(chart.plan.seats[0].at, Point { x: 1_825, y: 4_125 });
}

#[test]
fn the_vendors_chart_with_errors_is_refused_with_all_of_them() {
    let Some(bytes) = sample("seatsio-sampleChartWithErrors.json") else { return };
    let problems = import("chart.json", &bytes, Mode::Strict).expect_err("errors");
    assert_eq!(problems.to_string(), include_str!("golden/seatsio.txt"));
}

#[test]
fn hostile_files_are_refused_with_a_place() {
    let deep = "[".repeat(100_000);
    let wide = format!("{{\"format\":{}1{}}}", "[0,".repeat(50), "]".repeat(50));
    let long = format!("{{\"format\":\"stanchion-plan-1\",\"name\":{:?}}}", "x".repeat(1 << 20));
    let twice = "{\"format\":\"stanchion-plan-1\",\"name\":\"a\",\"name\":\"b\"}";
    let numbers = "{\"zones\":[{\"position\":{\"x\":1e400}}]}";
    let texts =
        [&deep, &wide, &long, twice, numbers, "", "null", "{}", "[]", "\u{feff}1", "{\"a\":"];
    for text in texts {
        let problems = import("hostile.json", text.as_bytes(), Mode::Lenient).expect_err("hostile");
        let shown = problems.to_string();
        assert!(shown.starts_with("hostile.json"), "{shown}");
        assert!(shown.len() < 4_000, "a short answer to {} bytes", text.len());
    }
    let problems = import("hostile.json", b"{\"a\": \xff}", Mode::Strict).expect_err("hostile");
    assert!(problems.to_string().contains("not UTF-8 from byte 6 on"), "{problems}");
    let large = vec![b' '; crate::files::FILE_BYTES_MAX + 1];
    let problems = import("hostile.json", &large, Mode::Strict).expect_err("hostile");
    assert!(problems.to_string().contains("larger than"), "{problems}");
}

#[test]
fn after_ten_thousand_mistakes_reading_ends() {
    let mut file = pretix();
    file["zones"] = Value::Array(vec![json!(0); 300_000]);
    let problems = strict(&file).expect_err("mistakes");
    assert_eq!(problems.listed.len(), 200);
    assert_eq!(problems.more, 10_000 + 1 - 200, "reading ends; and there are no seats");
    assert_eq!(problems.listed[0].path, "", "the file as a whole comes first");
    assert_eq!(problems.listed[199].path, "zones[198]");
    assert!(problems.to_string().ends_with("and 9801 more\n"));
}

#[test]
fn too_many_seats_are_refused_before_they_are_made() {
    let mut file = own();
    let rows = json!({"rows": "1-2000", "seats": "1-2000"});
    file["sections"][0]["rows"] = Value::Array(vec![rows; 20_000]);
    let problems = refused(&file);
    assert!(problems.contains("is one seat too many; use at most 131072"), "{problems}");
}

/// Every way to damage one value of a file: taken out, or another kind of value in its place.
fn damaged(file: &Value) -> Vec<Value> {
    let replacements = [
        json!(null),
        json!(true),
        json!(-1),
        json!(1e9),
        json!(0.5),
        json!(u64::MAX),
        json!(""),
        json!("text"),
        json!("1-999999999"),
        json!([]),
        json!([[]]),
        json!({}),
        json!({"x": []}),
    ];
    let mut paths = Vec::new();
    collect(file, String::new(), &mut paths);
    let mut all = Vec::new();
    for path in &paths {
        for replacement in &replacements {
            let mut copy = file.clone();
            *copy.pointer_mut(path).expect("collected") = replacement.clone();
            all.push(copy);
        }
        let (parent, key) = path.rsplit_once('/').unwrap_or_default();
        let mut copy = file.clone();
        match copy.pointer_mut(parent) {
            Some(Value::Object(map)) => drop(map.remove(key)),
            Some(Value::Array(list)) => drop(list.remove(key.parse().expect("a subscript"))),
            _ => continue,
        }
        all.push(copy);
    }
    all
}

fn collect(value: &Value, path: String, paths: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            map.iter().for_each(|(key, below)| collect(below, format!("{path}/{key}"), paths));
        }
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(at, below)| {
                collect(below, format!("{path}/{at}"), paths);
            });
        }
        _ => {}
    }
    paths.push(path);
}

#[test]
fn a_damaged_plan_is_either_whole_or_refused_with_a_place() {
    for file in [own(), pretix(), seatsio()] {
        let cases = damaged(&file);
        assert!(cases.len() > 300, "the file is damaged in many ways");
        for case in cases {
            for mode in [Mode::Strict, Mode::Lenient] {
                // A plan that is returned has passed its check.
                if let Err(problems) = import("plan.json", case.to_string().as_bytes(), mode) {
                    assert!(!problems.listed.is_empty(), "{case}");
                    assert!(problems.listed.iter().all(|p| p.file == "plan.json"), "{case}");
                }
            }
        }
    }
}

#[test]
fn a_truncated_plan_is_refused_with_line_and_column() {
    for file in [own(), pretix(), seatsio()] {
        let text = serde_json::to_string_pretty(&file).expect("JSON");
        for end in 0..text.len() {
            let Some(bytes) = text.as_bytes().get(..end) else { continue };
            let problems = import("plan.json", bytes, Mode::Lenient).expect_err("truncated");
            assert!(problems.listed[0].position.is_some(), "{problems}");
        }
    }
}

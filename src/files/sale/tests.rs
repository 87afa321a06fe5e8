//! The sale file: whole, broken, damaged and changed.

use std::path::PathBuf;

use stanchion_domain::board::trigger::{Condition, Deed, Scope};
use stanchion_domain::id::{SeatIndex, ZoneIndex};
use stanchion_domain::sale::definition::{Shown, Withheld};
use stanchion_domain::time::{Span, WallTime};

use super::difference::difference;
use super::*;

const PLAN: &str = r#"{"format": "stanchion-plan-1", "name": "Hall", "categories": ["A", "B"],
    "sections": [{"name": "S", "category": "A", "rows": [
        {"row": "1", "seats": "1-6"}, {"row": "2", "seats": "1-4", "category": "B"}]}],
    "pools": [{"id": "floor", "name": "Floor", "category": "B", "capacity": 9}]}"#;

const SALE: &str = r#"id = "small"
name = "Small"
currency = "EUR"
time_zone = "Europe/Berlin"
opens_at = 2027-01-15T10:00:00
shop_url = "https://shop.example.org/small"

[policy]
cap = 20
hold_span = "5m"
shown = "band"

[[zones]]
id = "A"
amount = "24.00"

[[zones]]
id = "cheap"
name = "Cheap"
prices = [{ id = "full", amount = "9.5" }, { id = "child", amount_minor = 400 }]

[[plans]]
id = "hall"
file = "plan.json"
zones = { B = "cheap" }
house = ["S-1-2 .. S-1-4"]
killed = ["S-2-4"]

[[performances]]
id = "first"
starts_at = 2027-02-05T20:00:00+01:00
plan = "hall"
killed = ["S-1-3"]
pools = [{ id = "late", zone = "A", capacity = 5, withheld = 2 }]

[[series]]
id = "{date}-{time}"
name = "{date} at {time}"
dates = { from = 2027-02-05, to = 2027-02-08, on = ["sat", "mon"] }
times = { from = "18:00", to = "18:30", every = "15m" }
pools = [{ id = "places", zone = "cheap", capacity = 12 }]

[[triggers]]
id = "gone"
zone = "cheap"
status = "sold_out"
notice = { en = "Gone.", de = "Weg." }
stop_calling = true
redirect = "https://example.org/gone"
"#;

/// A folder with the plan that [`SALE`] names.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("plan.json"), PLAN).expect("written");
    folder
}

fn loaded(text: &str) -> Result<Loaded, Problems> {
    from_text("sale.toml", text, folder().path(), Mode::Strict)
}

fn definition(text: &str) -> Definition {
    loaded(text).unwrap_or_else(|problems| panic!("{problems}")).definition
}

/// The problems of [`SALE`] with one thing replaced.
fn refused(old: &str, new: &str) -> String {
    assert!(SALE.contains(old), "{old}");
    let problems = loaded(&SALE.replace(old, new)).expect_err("refused");
    assert!(problems.listed.iter().all(|problem| problem.position.is_some()), "{problems}");
    problems.to_string()
}

#[test]
fn a_sale_is_read_whole() {
    let sale = definition(SALE);
    assert_eq!(sale.opens_at, Some(WallTime(1_800_003_600_000)));
    assert_eq!((sale.policy.cap, sale.policy.hold_span), (20, Span::from_seconds(300)));
    assert_eq!(sale.policy.shown, Shown::Band);
    let amounts = |zone: usize| -> Vec<u64> {
        sale.zones[zone].prices.iter().map(|price| price.amount_minor).collect()
    };
    assert_eq!((amounts(0), amounts(1)), (vec![2_400], vec![950, 400]));
    let first = &sale.performances[0];
    let seating = first.seating.as_ref().expect("seats");
    assert_eq!(seating.zone_of_category, [ZoneIndex(0), ZoneIndex(1)]);
    let why =
        [(1, Withheld::House), (2, Withheld::Killed), (3, Withheld::House), (9, Withheld::Killed)];
    assert_eq!(seating.withheld, why.map(|(seat, why)| (SeatIndex(seat), why)));
    assert_eq!(
        first.pools.iter().map(|pool| pool.id.as_str()).collect::<Vec<_>>(),
        ["floor", "late"]
    );
    assert_eq!((first.pools[0].zone, first.pools[0].capacity), (ZoneIndex(1), 9));
}

#[test]
fn a_series_makes_every_time_on_every_date() {
    let sale = definition(SALE);
    let ids: Vec<&str> = sale.performances.iter().skip(1).map(|p| p.id.as_str()).collect();
    let expected = [
        "2027-02-06-1800",
        "2027-02-06-1815",
        "2027-02-06-1830",
        "2027-02-08-1800",
        "2027-02-08-1815",
        "2027-02-08-1830",
    ];
    assert_eq!(ids, expected);
    assert_eq!(sale.performances[2].name, "2027-02-06 at 18:15");
    assert_eq!(sale.performances[2].starts_at, Some(WallTime(1_801_934_100_000)));
}

#[test]
fn a_trigger_is_read_whole() {
    let trigger = &definition(SALE).triggers[0];
    assert_eq!(trigger.scope, Scope::Zone(ZoneIndex(1)));
    assert!(matches!(trigger.condition, Condition::StatusIs(kind) if kind.name() == "sold_out"));
    let [Deed::PostNotice(notice), Deed::StopCalling, Deed::Redirect(url)] = &trigger.deeds[..]
    else {
        panic!("three deeds in order, not {:?}", trigger.deeds);
    };
    assert_eq!(notice.texts[1], ("de".to_owned(), "Weg.".to_owned()));
    assert_eq!(url, "https://example.org/gone");
}

#[test]
fn every_mistake_of_a_sale_is_listed_with_its_line() {
    let changes = [
        ("\"small\"", "\"Small Sale\""),
        ("cap = 20", "capp = 20"),
        ("hold_span = \"5m\"", "hold_span = \"5 minutes\""),
        ("amount = \"24.00\"", "amount = \"24.001\""),
        ("zones = { B = \"cheap\" }", "zones = { B = \"stalls\", C = \"A\" }"),
        ("S-1-2 .. S-1-4", "S-1-2 .. S-2-1"),
        ("pools = [{ id = \"late\", zone = \"A\", capacity = 5, withheld = 2 }]", "pools = 3"),
        ("every = \"15m\"", "every = \"1s\""),
        ("on = [\"sat\", \"mon\"]", "on = [\"sat\", \"monday\"]"),
        ("status = \"sold_out\"", "status = \"sold out\"\nat = \"soon\""),
        ("https://example.org/gone", "example.org/gone"),
    ];
    let broken = changes.iter().fold(SALE.to_owned(), |text, (old, new)| {
        assert!(text.contains(old), "{old}");
        text.replace(old, new)
    });
    let problems = loaded(&broken).expect_err("mistakes");
    assert_eq!(problems.to_string(), include_str!("golden/sale.txt"));
}

#[test]
fn mistakes_of_a_plan_are_listed_with_those_of_the_sale() {
    let folder = folder();
    let broken = PLAN.replace("\"capacity\": 9", "\"capacity\": 0");
    std::fs::write(folder.path().join("plan.json"), broken).expect("written");
    let text = SALE.replace("cap = 20", "cap = -1");
    let problems = from_text("sale.toml", &text, folder.path(), Mode::Strict).expect_err("both");
    let paths: Vec<&str> = problems.listed.iter().map(|problem| problem.path.as_str()).collect();
    assert_eq!(paths, ["policy.cap", "pools[0].capacity"]);
    assert!(problems.listed[1].file.ends_with("plan.json"));
    let absent = from_text("sale.toml", SALE, folder.path().join("x").as_path(), Mode::Strict);
    let absent = absent.expect_err("no plan").to_string();
    assert!(absent.contains("sale.toml:24:1: plans[0].file: cannot be read"), "{absent}");
}

#[test]
fn a_sale_without_zones_or_performances_is_refused() {
    let bare = "id = \"a\"\nname = \"A\"\ncurrency = \"EUR\"\nzones = []\nperformances = []\n";
    let problems = loaded(bare).expect_err("nothing to sell").to_string();
    let expected = "sale.toml:1:1: has 0 price zones; give 1 to 256\n\
                    sale.toml:1:1: has no performances; add [[performances]] or [[series]]\n";
    assert_eq!(problems, expected);
}

#[test]
fn a_local_time_that_clocks_skip_or_repeat_is_refused_with_both_possibilities() {
    let skipped = refused("2027-01-15T10:00:00", "2027-03-28T02:30:00");
    let expected = "sale.toml:5:1: opens_at: the local time 2027-03-28T02:30:00 does not exist: \
                    clocks skip it; write 2027-03-28T01:30:00+01:00 or 2027-03-28T03:30:00+02:00\n";
    assert_eq!(skipped, expected);
    let repeated = refused("2027-01-15T10:00:00", "\"2027-10-31T02:30\"");
    let both = "write 2027-10-31T02:30:00+02:00 or 2027-10-31T02:30:00+01:00";
    assert!(repeated.contains(both), "{repeated}");
    let nowhere = refused("time_zone = \"Europe/Berlin\"", "");
    assert!(nowhere.contains("is local time of no place"), "{nowhere}");
    let elsewhere = refused("Europe/Berlin", "Europe/Bonn");
    assert!(elsewhere.contains("\"Europe/Bonn\" is no time zone"), "{elsewhere}");
    let misspelt = refused("Europe/Berlin", "Europe/Berln");
    assert!(misspelt.contains("; did you mean \"Europe/Berlin\"?"), "{misspelt}");
    let made_up = refused("Europe/Berlin", "Nowhere");
    assert!(made_up.contains("; write a name such as \"Europe/Berlin\""), "{made_up}");
}

#[test]
fn amounts_have_the_digits_of_their_currency() {
    let amount = |currency: &str, text: &str| {
        let sale = SALE.replace("EUR", currency).replace("\"9.5\"", "\"9\"").replace("24.00", text);
        loaded(&sale).map(|loaded| loaded.definition.zones[0].prices[0].amount_minor)
    };
    assert_eq!(amount("EUR", "24").expect("whole"), 2_400);
    assert_eq!(amount("JPY", "2400").expect("no minor unit"), 2_400);
    assert_eq!(amount("KWD", "2.4").expect("three digits"), 2_400);
    assert_eq!(amount("EUR", "0.01").expect("a cent"), 1);
    for (currency, text) in [
        ("JPY", "24.0"),
        ("EUR", "24.001"),
        ("EUR", "-1"),
        ("EUR", "+1"),
        ("EUR", "1e3"),
        ("EUR", ""),
        ("EUR", "."),
        ("EUR", "1."),
        ("EUR", ".5"),
        ("EUR", "99999999999999999999"),
        ("EUR", "10000000.01"),
        ("EUR", "٣"),
        ("XXX", "1"),
        ("eur", "1"),
    ] {
        assert!(amount(currency, text).is_err(), "{text} {currency}");
    }
}

#[test]
fn unknown_keys_are_ignored_with_a_remark_when_lenient() {
    let text = SALE.replace("cap = 20", "cap = 20\ncolour = \"red\"");
    let folder = folder();
    let loaded = from_text("sale.toml", &text, folder.path(), Mode::Lenient).expect("lenient");
    let expected =
        "sale.toml:10:1: policy.colour: remark: the key `colour` is unknown; it was ignored\n";
    assert_eq!(loaded.remarks.to_string(), expected);
}

#[test]
fn all_syntax_errors_are_listed_with_line_and_column() {
    let problems = loaded("id = \nname = \"x\"\ncurrency == 1\n").expect_err("not TOML");
    let positions: Vec<_> = problems.listed.iter().filter_map(|p| p.position).collect();
    assert!(positions.iter().any(|(line, _)| *line == 1), "{problems}");
    assert!(positions.iter().any(|(line, _)| *line == 3), "{problems}");
    assert_eq!(positions.len(), problems.listed.len());
}

#[test]
fn a_damaged_sale_is_either_whole_or_refused_with_a_place() {
    let folder = folder();
    let check = |text: &str| {
        for mode in [Mode::Strict, Mode::Lenient] {
            // A definition that is returned has passed its check.
            if let Err(problems) = from_text("sale.toml", text, folder.path(), mode) {
                assert!(!problems.listed.is_empty(), "{text}");
                assert!(problems.listed.iter().all(|p| p.position.is_some()), "{text}");
            }
        }
    };
    let values = [
        "1",
        "-1",
        "99999999999999999999",
        "1.5",
        "nan",
        "true",
        "\"\"",
        "\"x\"",
        "[]",
        "[[1]]",
        "{}",
        "[{}]",
        "{ x = 1 }",
        "2027-03-28T02:30:00",
        "2027-02-05",
        "10:00:00",
        "\"{date}{time}\"",
        "",
    ];
    let lines: Vec<&str> = SALE.lines().collect();
    for (at, line) in lines.iter().enumerate() {
        let with = |new: &str| {
            let mut lines = lines.clone();
            lines[at] = new;
            check(&lines.join("\n"));
        };
        with("");
        with(&format!("{line}\n{line}"));
        if let Some((key, _)) = line.split_once(" = ") {
            values.iter().for_each(|value| with(&format!("{key} = {value}")));
        }
    }
    for end in (0..SALE.len()).filter(|end| SALE.is_char_boundary(*end)) {
        check(&SALE[..end]);
    }
    check(&format!("x = {}", "[".repeat(100_000)));
    check(&format!("x = {}", "{a=".repeat(100_000)));
    check(&"[[x]]\n".repeat(100_000));
}

#[test]
fn a_sale_of_13_000_time_slots_is_taken_and_one_of_20_000_refused() {
    let every = |every: &str| {
        SALE.replace(
            "{ from = 2027-02-05, to = 2027-02-08, on = [\"sat\", \"mon\"] }",
            "{ from = 2027-01-01, to = 2027-12-31 }",
        )
        .replace(
            "from = \"18:00\", to = \"18:30\", every = \"15m\"",
            &format!("from = \"10:00\", to = \"15:50\", every = \"{every}\""),
        )
    };
    assert_eq!(definition(&every("10m")).performances.len(), 1 + 365 * 36);
    let problems = loaded(&every("5m")).expect_err("too many").to_string();
    assert!(problems.contains("makes 365 times 71 performances; use at most 16384"), "{problems}");
}

#[test]
fn a_slot_that_clocks_skip_is_refused() {
    let text = SALE
        .replace(
            "from = 2027-02-05, to = 2027-02-08, on = [\"sat\", \"mon\"]",
            "from = 2027-03-28, to = 2027-03-28",
        )
        .replace("from = \"18:00\", to = \"18:30\"", "from = \"01:00\", to = \"03:00\"");
    let problems = loaded(&text).expect_err("skipped");
    assert_eq!(problems.listed.len(), 4, "02:00, 02:15, 02:30 and 02:45: {problems}");
}

fn differences(old: &str, new: &str) -> Result<Vec<String>, String> {
    assert!(SALE.contains(old), "{old}");
    let (before, after) = (definition(SALE), definition(&SALE.replace(old, new)));
    difference(&before, &after).map_err(|problems| problems.to_string())
}

#[test]
fn a_running_sale_takes_new_words_prices_policy_and_additions() {
    let line = |old: &str, new: &str| differences(old, new).expect("can be applied").join("\n");
    assert_eq!(line("Small", "Small"), "");
    assert_eq!(
        line("\"24.00\"", "\"26.00\""),
        "zones[0].prices[0].amount: 24.00 EUR becomes 26.00 EUR"
    );
    assert_eq!(
        line("hold_span = \"5m\"", "hold_span = \"90s\""),
        "policy.hold_span: 5m becomes 1m30s"
    );
    let opening = "opens_at: 2027-01-15T09:00:00Z becomes 2027-01-15T10:30:00Z";
    assert_eq!(line("2027-01-15T10:00:00", "2027-01-15T11:30:00"), opening);
    assert_eq!(
        line("capacity = 5", "capacity = 7"),
        "performances[0].pools[1].capacity: 5 becomes 7"
    );
    let added =
        "[[triggers]]\nid = \"new\"\navailable_at_most = 3\nstop_calling = true\n\n[[triggers]]";
    assert_eq!(line("[[triggers]]", added), "triggers: \"new\" is added");
    assert_eq!(
        line("\"gone\"", "\"other\""),
        "triggers: \"other\" is added\ntriggers: \"gone\" goes"
    );
    let later = "to = 2027-02-13, on = [\"sat\", \"mon\"]";
    let lines = line("to = 2027-02-08, on = [\"sat\", \"mon\"]", later);
    assert_eq!(lines.lines().count(), 3, "{lines}");
    assert!(lines.starts_with("performances: \"2027-02-13-1800\" is added"), "{lines}");
}

#[test]
fn a_running_sale_refuses_what_would_move_or_remove_something() {
    let cases = [
        ("id = \"small\"", "id = \"other\"", "id: cannot change"),
        ("\"EUR\"", "\"USD\"", "currency: cannot change"),
        ("id = \"first\"", "id = \"premiere\"", "performances[0]: \"first\" cannot become"),
        ("2027-02-08, on", "2027-02-07, on", "performances[4]: \"2027-02-08-1800\" cannot go"),
        ("from = 2027-02-05", "from = 2027-02-07", "performances[1]: \"2027-02-06-1800\" cannot"),
        ("\"late\"", "\"early\"", "performances[0].pools[1]: \"late\" cannot become \"early\""),
        ("{ B = \"cheap\" }", "{ B = \"A\" }", "performances[0].zones: cannot change"),
        ("\"S-1-3\"", "\"S-1-5\"", "performances[0].withheld: cannot change"),
        ("withheld = 2", "withheld = 1", "performances[0].pools[1].withheld: cannot change"),
        ("{ id = \"full\", amount = \"9.5\" }, ", "", "zones[1].prices[0]: \"full\" cannot become"),
        ("plan = \"hall\"\nkilled = [\"S-1-3\"]", "", "performances[0].plan: cannot change"),
    ];
    for (old, new, expected) in cases {
        let problems = differences(old, new).expect_err(expected);
        assert!(problems.contains(expected), "{problems}");
    }
}

#[test]
fn a_running_sale_refuses_another_layout_under_the_same_name() {
    let before = definition(SALE);
    let mut after = before.clone();
    after.plans[0].name = "Renamed".to_owned();
    let lines = difference(&before, &after).expect("a name");
    assert_eq!(lines, ["plans[0].name: \"Hall\" becomes \"Renamed\""]);
    after.plans[0].seats[3].id = "S-1-99".to_owned();
    let problems = difference(&before, &after).expect_err("another seat").to_string();
    assert!(problems.starts_with("plans[0]: cannot change in a running sale"), "{problems}");
}

/// A sale that comes with the server.
fn shipped(path: &str) -> Definition {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("config").join(path);
    let loaded = load(&path, Mode::Strict).unwrap_or_else(|problems| panic!("{problems}"));
    assert!(loaded.remarks.is_empty(), "{}", loaded.remarks);
    loaded.definition
}

#[test]
fn the_shipped_sales_load_cleanly_and_are_as_large_as_they_say() {
    let rooms = shipped("sales/rooms/sale.toml");
    assert_eq!(rooms.performances.len(), 60);
    assert!(rooms.performances.iter().all(|slot| slot.pools[0].capacity == 12));
    let theatre = shipped("sales/theatre/sale.toml");
    let plan = &theatre.plans[0];
    let seats_in = |name: &str| {
        let of =
            |at: usize| plan.section_of(SeatIndex(u32::try_from(at).expect("few"))).name.as_str();
        (0..plan.seats.len()).filter(|at| of(*at).starts_with(name)).count()
    };
    let counts = ["Stalls", "Dress", "Upper", "Boxes", ""].map(seats_in);
    assert_eq!(counts, [566, 300, 414, 70, 1_350]);
    let accessible = plan.seats.iter().filter(|seat| seat.flags.accessible).count();
    let companions = plan.seats.iter().filter(|seat| seat.flags.companion).count();
    assert_eq!((accessible, companions), (8, 8));
    let arena = shipped("sales/arena/sale.toml");
    assert_eq!(arena.plans[0].seats.len(), 20_000);
    assert_eq!(arena.performances[0].pools[0].capacity, 2_500);
    let demo = shipped("demo/sale.toml");
    assert_eq!((demo.opens_at, demo.plans[0].seats.len()), (None, 1_350));
}

#[test]
fn no_two_seats_of_a_shipped_plan_stand_in_the_same_place() {
    for sale in ["sales/theatre/sale.toml", "sales/arena/sale.toml"] {
        let mut points: Vec<_> = shipped(sale).plans[0].seats.iter().map(|seat| seat.at).collect();
        points.sort_unstable();
        let seats = points.len();
        points.dedup();
        assert_eq!(points.len(), seats, "{sale}");
    }
}

use std::os::unix::fs::PermissionsExt;

use stanchion_domain::time::WallTime;
use tempfile::TempDir;

use super::*;
use crate::clock::Hand;
use crate::net::source::Source;

const PASSWORD: &str = "a quiet evening";
const HERE: Source = Source::V4(1);
const THERE: Source = Source::V4(2);
/// The time of a code, in milliseconds.
const STEP_MS: u32 = 30_000;

/// Staff in a folder of their own, at a time moved by hand.
struct House {
    folder: TempDir,
    hand: Arc<Hand>,
    staff: Arc<Staff>,
}

impl House {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let hand = Arc::new(Hand::default());
        hand.set_wall(WallTime(1_795_291_200_000));
        let staff = Self::open(&folder, &hand);
        Self { folder, hand, staff }
    }

    fn open(folder: &TempDir, hand: &Arc<Hand>) -> Arc<Staff> {
        Staff::open(folder.path(), Clock::by_hand(hand.clone())).expect("a folder of ours")
    }

    /// A house with a first account: Ana, a manager.
    fn with_ana() -> Self {
        let house = Self::new();
        let key = house.staff.invite_first().expect("nobody is there yet");
        house.accept(&key, "Ana").expect("it is right");
        house
    }

    fn restart(self) -> Self {
        let staff = Self::open(&self.folder, &self.hand);
        Self { staff, ..self }
    }

    fn accept(&self, key: &str, name: &str) -> Result<String, StaffRefusal> {
        let invited = self.staff.invited(key)?;
        let code = invited.secret.code(self.staff.clock.wall());
        let (key, name, password) = (key.to_owned(), name.to_owned(), PASSWORD.to_owned());
        self.staff.accept(&Accepting { key, name, password, code, source: HERE })
    }

    /// The code that the telephone of somebody shows now.
    fn code(&self, name: &str) -> String {
        let accounts = self.staff.accounts();
        let account = accounts.iter().find(|account| account.is(name)).expect("an account");
        let credentials = account.credentials.as_ref().expect("accepted");
        credentials.secret.code(self.staff.clock.wall())
    }

    /// Signs in with the next code.
    fn sign_in(&self, name: &str, password: &str, source: Source) -> Result<String, StaffRefusal> {
        self.hand.pass_ms(STEP_MS);
        let code = self.code(name);
        let (name, password) = (name.to_owned(), password.to_owned());
        self.staff.sign_in(&Attempt { name, password, code, source })
    }

    fn role_of(&self, key: &str) -> Option<Role> {
        self.staff.who(key).map(|who| who.role)
    }

    fn deeds(&self) -> Vec<String> {
        let entries = self.staff.book.newest(100).expect("a book");
        entries.into_iter().rev().map(|entry| format!("{} {}", entry.actor, entry.did)).collect()
    }
}

#[test]
fn the_first_account_comes_from_a_link_that_works_once_and_for_an_hour() {
    let house = House::new();
    let old = house.staff.invite_first().expect("nobody is there yet");
    let key = house.staff.invite_first().expect("nobody is there yet");
    assert_eq!(house.accept(&old, "Ana"), Err(StaffRefusal::Link), "replaced");
    house.hand.pass_ms(3_600_001);
    assert_eq!(house.accept(&key, "Ana"), Err(StaffRefusal::Link), "too old");
    let key = house.staff.invite_first().expect("nobody is there yet");
    let browser = house.accept(&key, " Ana ").expect("it is right");
    let who = house.staff.who(&browser).expect("signed in");
    assert_eq!((who.name.as_str(), who.role), ("Ana", Role::Manager));
    assert_eq!(house.accept(&key, "Eve"), Err(StaffRefusal::Link), "used");
    assert_eq!(house.staff.invite_first(), None);
}

#[test]
fn an_invitation_is_refused_for_a_bad_name_a_short_password_or_a_wrong_code() {
    let house = House::new();
    let key = house.staff.invite_first().expect("nobody is there yet");
    let code = house.staff.invited(&key).expect("open").secret.code(house.staff.clock.wall());
    let accept = |name: &str, password: &str, code: &str| {
        let (key, name, password) = (key.clone(), name.to_owned(), password.to_owned());
        house.staff.accept(&Accepting { key, name, password, code: code.to_owned(), source: HERE })
    };
    assert_eq!(accept("", PASSWORD, &code), Err(StaffRefusal::Name));
    assert_eq!(accept("<b>", PASSWORD, &code), Err(StaffRefusal::Name));
    assert_eq!(accept("Ana", "short", &code), Err(StaffRefusal::Password));
    assert_eq!(accept("Ana", PASSWORD, "000 000x"), Err(StaffRefusal::Code));
    assert!(house.staff.accounts().is_empty());
    assert!(accept("Ana", PASSWORD, &code).is_ok());
}

#[test]
fn a_code_works_once_and_also_not_again_after_a_restart() {
    let house = House::with_ana();
    house.hand.pass_ms(STEP_MS);
    let code = house.code("Ana");
    let try_it = |house: &House| {
        let (name, password) = ("ana".to_owned(), PASSWORD.to_owned());
        let attempt = Attempt { name, password, code: code.clone(), source: HERE };
        house.staff.sign_in(&attempt).map(|_| ())
    };
    assert_eq!(try_it(&house), Ok(()));
    assert_eq!(try_it(&house), Err(StaffRefusal::Wrong));
    let house = house.restart();
    assert_eq!(try_it(&house), Err(StaffRefusal::Wrong));
    assert!(house.sign_in("Ana", PASSWORD, HERE).is_ok());
}

#[test]
fn a_wrong_password_an_unknown_name_and_a_wrong_code_are_told_the_same() {
    let house = House::with_ana();
    assert_eq!(house.sign_in("Ana", "another evening", HERE), Err(StaffRefusal::Wrong));
    let attempt = |name: &str, code: &str| {
        let (name, password, code) = (name.to_owned(), PASSWORD.to_owned(), code.to_owned());
        house.staff.sign_in(&Attempt { name, password, code, source: HERE })
    };
    assert_eq!(attempt("Eve", "123456"), Err(StaffRefusal::Wrong));
    assert_eq!(attempt("Ana", "12345"), Err(StaffRefusal::Wrong));
    assert_eq!(attempt("", ""), Err(StaffRefusal::Wrong));
}

#[test]
fn a_flood_on_one_account_locks_its_owner_out_nowhere_else() {
    let house = House::with_ana();
    let key = house.staff.invite("Ana", "Bo", Role::Operator).expect("Ana may");
    house.accept(&key, "").expect("it is right");
    let flood = Attempt {
        name: "Ana".to_owned(),
        password: "another evening".to_owned(),
        code: "123456".to_owned(),
        source: THERE,
    };
    let waits = |refused: &Result<String, _>| matches!(refused, Err(StaffRefusal::Wait { .. }));
    let told: Vec<_> = (0..8).map(|_| house.staff.sign_in(&flood)).collect();
    assert_eq!(told.iter().filter(|told| waits(told)).count(), 5);
    house.hand.pass_ms(1_000);
    assert_eq!(house.staff.sign_in(&flood), Err(StaffRefusal::Wrong), "once more after a second");
    assert!(waits(&house.staff.sign_in(&flood)));
    assert!(house.sign_in("Ana", PASSWORD, HERE).is_ok());
    assert!(house.sign_in("Bo", PASSWORD, THERE).is_ok());
}

#[test]
fn what_a_manager_takes_away_is_gone_at_once() {
    let house = House::with_ana();
    let key = house.staff.invite("Ana", "Bo", Role::Operator).expect("Ana may");
    let bo = house.accept(&key, "").expect("it is right");
    assert_eq!(house.role_of(&bo), Some(Role::Operator));
    house.staff.set_role("Ana", "Bo", Role::Viewer).expect("Ana may");
    assert_eq!(house.role_of(&bo), None, "signed out");
    let bo = house.sign_in("Bo", PASSWORD, HERE).expect("it is right");
    assert_eq!(house.role_of(&bo), Some(Role::Viewer));
    house.staff.set_disabled("Ana", "Bo", true).expect("Ana may");
    assert_eq!(house.role_of(&bo), None);
    assert_eq!(house.sign_in("Bo", PASSWORD, HERE), Err(StaffRefusal::Wrong));
    house.staff.set_disabled("Ana", "Bo", false).expect("Ana may");
    assert!(house.sign_in("Bo", PASSWORD, HERE).is_ok());
    let key = house.staff.invite_again("Ana", "Bo").expect("Ana may");
    let house = house.restart();
    assert!(!house.staff.accounts()[1].active(), "nothing of before proves Bo any more");
    let bo = house.accept(&key, "").expect("it is right");
    assert_eq!(house.role_of(&bo), Some(Role::Viewer));
}

#[test]
fn only_managers_keep_accounts_and_nobody_their_own() {
    let house = House::with_ana();
    let key = house.staff.invite("Ana", "Bo", Role::Operator).expect("Ana may");
    assert_eq!(house.staff.invite("Ana", "BO", Role::Viewer), Err(StaffRefusal::Taken));
    assert_eq!(
        house.staff.invite("Bo", "Cy", Role::Manager),
        Err(StaffRefusal::Role),
        "not yet in"
    );
    house.accept(&key, "").expect("it is right");
    assert_eq!(house.staff.invite("Bo", "Cy", Role::Manager), Err(StaffRefusal::Role));
    assert_eq!(house.staff.set_role("Bo", "Ana", Role::Viewer), Err(StaffRefusal::Role));
    assert_eq!(house.staff.set_role("Ana", "ana", Role::Viewer), Err(StaffRefusal::Yourself));
    assert_eq!(house.staff.set_disabled("Ana", "Ana", true), Err(StaffRefusal::Yourself));
    assert_eq!(house.staff.set_disabled("Ana", "Cy", true), Err(StaffRefusal::Unknown));
    for at in 2..ACCOUNTS_MAX {
        house.staff.invite("Ana", &format!("p{at}"), Role::Viewer).expect("there is room");
    }
    assert_eq!(house.staff.invite("Ana", "Cy", Role::Viewer), Err(StaffRefusal::TooMany));
}

#[test]
fn the_file_of_accounts_is_for_its_owner_and_holds_no_password_and_no_key() {
    let house = House::with_ana();
    let key = house.staff.invite("Ana", "Bo", Role::BoxOffice).expect("Ana may");
    let path = house.folder.path().join("staff.json");
    let text = std::fs::read_to_string(&path).expect("it is there");
    assert!(!text.contains(PASSWORD) && !text.contains(&key) && text.contains("$argon2id$"));
    let mode = std::fs::metadata(&path).expect("it is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let printed = format!("{:?} {:?}", house.staff, house.staff.accounts());
    assert!(!printed.contains("argon2") && !printed.contains("hash"), "{printed}");
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o604)).expect("ours");
    let clock = || Clock::by_hand(house.hand.clone());
    let refused = Staff::open(house.folder.path(), clock()).expect_err("others can read it");
    assert!(matches!(refused, StaffFault::Mode { mode: 0o604, .. }));
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).expect("ours");
    std::fs::write(&path, text.replace("\"format\": 1", "\"format\": 2")).expect("ours");
    let refused = Staff::open(house.folder.path(), clock()).expect_err("of another version");
    assert!(refused.to_string().contains("format 2"), "{refused}");
}

#[test]
fn a_disk_that_does_not_write_lets_operators_in_and_changes_no_account() {
    let house = House::with_ana();
    let accounts = house.folder.path().join("staff.json");
    let in_the_way = house.folder.path().join("staff.json.new");
    std::fs::create_dir(&in_the_way).expect("a folder where a file should go");
    assert_eq!(house.staff.invite("Ana", "Bo", Role::Viewer), Err(StaffRefusal::Disk));
    assert_eq!(house.staff.accounts().len(), 1);
    assert!(house.sign_in("Ana", PASSWORD, HERE).is_ok());
    std::fs::remove_dir(&in_the_way).expect("ours");
    house.staff.invite("Ana", "Bo", Role::Viewer).expect("it writes again");
    assert!(std::fs::read_to_string(&accounts).expect("there").contains("\"Bo\""));
}

#[test]
fn what_staff_did_is_in_the_book_in_order() {
    let house = House::with_ana();
    let key = house.staff.invite("Ana", "Bo", Role::Operator).expect("Ana may");
    house.accept(&key, "").expect("it is right");
    let _ = house.sign_in("Bo", "another evening", HERE);
    let browser = house.sign_in("Ana", PASSWORD, HERE).expect("it is right");
    house.staff.set_disabled("Ana", "Bo", true).expect("Ana may");
    house.staff.sign_out(&browser);
    assert_eq!(house.staff.who(&browser), None);
    let house = house.restart();
    assert_eq!(
        house.deeds(),
        [
            "Ana accept_invitation",
            "Ana invite",
            "Bo accept_invitation",
            "Bo sign_in_failed",
            "Ana sign_in",
            "Ana disable",
            "Ana sign_out",
        ]
    );
}

/// A book of three entries, as text, and where it is.
fn three_entries() -> (TempDir, std::path::PathBuf, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(book::FILE);
    let book = Book::open(path.clone()).expect("none yet");
    for revision in 1..=3 {
        let (actor, sale) = ("Ana".to_owned(), Some("gala".to_owned()));
        book.append([Entry { actor, sale, revision: Some(revision), ..Entry::default() }]);
    }
    assert_eq!((book.revision("gala"), book.revision("other")), (3, 0));
    let text = std::fs::read_to_string(&path).expect("it is there");
    (folder, path, text)
}

#[test]
fn a_book_that_anything_was_done_to_names_the_line() {
    let (_folder, path, text) = three_entries();
    let lines: Vec<_> = text.lines().map(|line| format!("{line}\n")).collect();
    for (changed, wrong) in [
        (text.replacen("Ana", "Eve", 1), "line 2 does not follow"),
        (format!("{}{}", lines[0], lines[2]), "line 2 has the number 3"),
        (format!("{}{}", lines[1], lines[2]), "line 1 has the number 2"),
        (format!("{}x\n", text), "line 4 is not an entry"),
    ] {
        std::fs::write(&path, changed).expect("ours");
        let refused = Book::open(path.clone()).expect_err("it does not follow").to_string();
        assert!(refused.contains(wrong), "{refused}");
    }
}

#[test]
fn a_line_that_a_crash_tore_is_cut_off_and_written_again() {
    let (_folder, path, text) = three_entries();
    for kept in (text.trim_end().rfind('\n').expect("lines") + 1)..text.len() {
        std::fs::write(&path, &text[..kept]).expect("ours");
        let book = Book::open(path.clone()).expect("a torn end is no damage");
        assert_eq!(book.revision("gala"), 2, "{kept} bytes");
        let (actor, sale) = ("Ana".to_owned(), Some("gala".to_owned()));
        book.append([Entry { actor, sale, revision: Some(3), ..Entry::default() }]);
        assert_eq!(std::fs::read_to_string(&path).expect("it is there"), text);
    }
}

#[test]
fn what_a_full_disk_refused_is_written_with_the_next_entry() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("later").join(book::FILE);
    let book = Book::open(path.clone()).expect("none yet");
    let entry = |actor: &str| Entry { actor: actor.to_owned(), ..Entry::default() };
    book.append([entry("Ana")]);
    std::fs::create_dir(path.parent().expect("a folder")).expect("ours");
    book.append([entry("Bo")]);
    let newest = book.newest(10).expect("a book");
    let actors: Vec<_> = newest.iter().map(|entry| entry.actor.as_str()).collect();
    assert_eq!(actors, ["Bo", "Ana"]);
}

#[test]
fn a_damaged_book_is_set_aside_and_stops_nobody() {
    let house = House::with_ana();
    let path = house.folder.path().join(book::FILE);
    let text = std::fs::read_to_string(&path).expect("it is there");
    for aside in ["audit.book.1", "audit.book.2"] {
        std::fs::write(&path, text.replace("Ana", "Eve").repeat(2)).expect("ours");
        let staff = House::open(&house.folder, &house.hand);
        let newest = staff.book.newest(10).expect("a new one");
        assert_eq!((newest.len(), newest[0].did.as_str()), (1, "begin_book"));
        assert!(newest[0].about.contains("line 2") && newest[0].about.contains(aside));
        assert!(house.folder.path().join(aside).exists());
    }
}

#[test]
fn a_guest_comes_in_by_a_link_alone_and_keeps_no_accounts() {
    let house = House::with_ana();
    assert_eq!(house.staff.let_guest_in("no key"), Err(StaffRefusal::Link));
    let key = house.staff.welcome_guests().expect("the first who asks");
    assert_eq!(house.staff.welcome_guests(), None, "one link for all");
    assert!(house.staff.is_guest_key(&key) && !house.staff.is_guest_key("another"));
    for _ in 0..2 {
        let browser = house.staff.let_guest_in(&key).expect("as often as they like");
        let who = house.staff.who(&browser).expect("signed in");
        assert_eq!((who.name.as_str(), who.role), (guest::NAME, guest::ROLE));
        assert!(!who.role.may(Duty::KeepAccounts));
        assert_eq!(house.staff.invite(&who.name, "Bo", Role::Viewer), Err(StaffRefusal::Role));
    }
    let ana = house.staff.accounts().first().expect("Ana").name.clone();
    let taken = house.staff.invite(&ana, guest::NAME, Role::Viewer);
    assert_eq!(taken, Err(StaffRefusal::Name), "no account passes for a guest");
    let house = house.restart();
    assert_eq!(house.staff.let_guest_in(&key), Err(StaffRefusal::Link), "it ends with the process");
}

use std::os::unix::fs::PermissionsExt;

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

use super::api_key::{ApiKeyFault, ApiKeys, NewApiKey};
use super::key_file::{self, KeyFileFault};
use super::keys::RingFault;
use super::role::Role;
use super::*;

const SEED: u64 = 0x2015_0529;
const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

fn standing() -> Standing {
    Standing {
        sale: SaleMark::of("arena"),
        lane: 3,
        number: Number(999_999),
        id: 0x0123_4567_89ab_cdef,
        issue: 7,
    }
}

fn place(ring: &KeyRing) -> Token {
    ring.sign(Kind::Place, &standing())
}

fn check(ring: &KeyRing, text: &[u8]) -> Result<Standing, TokenRefusal> {
    ring.verify(Kind::Place, SaleMark::of("arena"), text)
}

#[test]
fn what_was_signed_is_what_is_read() {
    let ring = KeyRing::new();
    assert_eq!(check(&ring, place(&ring).as_str().as_bytes()), Ok(standing()));
    assert_eq!(place(&ring).as_str().len(), TOKEN_LETTERS);
}

#[test]
fn a_token_is_the_same_for_the_same_key_in_every_version_to_come() {
    let ring = KeyRing::read("5:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8").expect("a key");
    let token = place(&ring);
    let expected = "AQEFAwAPQj9XLjH1W2rBsQEjRWeJq83vAAAAAAAAAAdKmayjGVgQjthu_NMg2dnH";
    assert_eq!(token.as_str(), expected);
}

#[test]
fn a_token_of_another_key_kind_or_sale_is_refused() {
    let ring = KeyRing::new();
    let text = place(&ring);
    let text = text.as_str().as_bytes();
    let elsewhere = SaleMark::of("arena-2");
    assert_eq!(check(&KeyRing::new(), text), Err(TokenRefusal::Forged));
    let arena = SaleMark::of("arena");
    assert_eq!(ring.verify(Kind::Pass, arena, text), Err(TokenRefusal::WrongKind));
    assert_eq!(ring.verify(Kind::Place, elsewhere, text), Err(TokenRefusal::WrongSale));
}

#[test]
fn every_flip_of_a_single_bit_is_refused() {
    let ring = KeyRing::new();
    let bytes = decoded(place(&ring).as_str().as_bytes()).expect("a token");
    for bit in 0..TOKEN_BYTES * 8 {
        let mut flipped = bytes;
        flipped[bit / 8] ^= 1 << (bit % 8);
        let text = BASE64URL_NOPAD.encode(&flipped);
        assert!(check(&ring, text.as_bytes()).is_err(), "bit {bit}");
    }
}

#[test]
fn a_token_of_any_other_length_is_refused() {
    let ring = KeyRing::new();
    let token = place(&ring);
    for length in 0..TOKEN_LETTERS {
        let cut = &token.as_str().as_bytes()[..length];
        assert_eq!(check(&ring, cut), Err(TokenRefusal::Malformed), "{length} letters");
    }
    for tail in ["=", "A", " ", "\n", "AAAA"] {
        let text = format!("{}{tail}", token.as_str());
        assert_eq!(check(&ring, text.as_bytes()), Err(TokenRefusal::Malformed), "{tail:?}");
    }
}

#[test]
fn of_a_million_altered_tokens_none_is_believed() {
    let mut chance = Xoshiro256PlusPlus::seed_from_u64(SEED);
    let ring = KeyRing::new();
    let genuine = place(&ring).0;
    for step in 0..1_000_000 {
        let mut text = genuine;
        for _ in 0..chance.random_range(1..=4) {
            text[chance.random_range(0..TOKEN_LETTERS)] =
                ALPHABET[chance.random_range(0..ALPHABET.len())];
        }
        let refused = check(&ring, &text).is_err();
        assert!(refused || text == genuine, "seed {SEED:#x}, step {step}");
    }
}

#[test]
fn bytes_that_are_no_letters_are_refused() {
    let ring = KeyRing::new();
    for text in [[0_u8; TOKEN_LETTERS], [0xff; TOKEN_LETTERS], [b'+'; TOKEN_LETTERS]] {
        assert_eq!(check(&ring, &text), Err(TokenRefusal::Malformed));
    }
}

#[test]
fn after_a_rotation_the_new_key_signs_and_the_old_one_still_verifies_until_it_is_dropped() {
    let old = KeyRing::new();
    let token = place(&old);
    let announced = old.clone().rotated();
    assert_eq!(place(&announced), token, "a key is known before it signs");
    let mut ring = announced.clone().rotated();
    let newer = place(&ring);
    assert_ne!(newer, token);
    assert_eq!(check(&announced, newer.as_str().as_bytes()), Ok(standing()));
    for _ in 0..keys::KEYS_MAX - 3 {
        ring = ring.rotated();
    }
    assert_eq!(check(&ring, token.as_str().as_bytes()), Ok(standing()));
    let ring = ring.rotated();
    assert_eq!(check(&ring, token.as_str().as_bytes()), Err(TokenRefusal::UnknownKey));
}

#[test]
fn a_ring_reads_what_it_wrote_and_says_which_entry_is_wrong() {
    let ring = KeyRing::new().rotated();
    let again = KeyRing::read(&ring.text()).expect("its own text");
    assert_eq!(place(&again), place(&ring));
    let line = ring.text().lines().next().expect("two keys").to_owned();
    let cases = [
        (String::new(), RingFault::Empty),
        (format!("{line} x"), RingFault::Entry { entry: 2 }),
        (format!("{line} 1:c2hvcnQ"), RingFault::Entry { entry: 2 }),
        (format!("{line} {line}"), RingFault::Twice { id: 0 }),
        (key_lines(keys::KEYS_MAX + 1, &line), RingFault::TooMany),
    ];
    for (text, fault) in cases {
        assert_eq!(KeyRing::read(&text).err(), Some(fault));
    }
}

fn key_lines(count: usize, line: &str) -> String {
    let (_, key) = line.split_once(':').expect("an entry");
    (0..count).map(|id| format!("{id}:{key}\n")).collect()
}

#[test]
fn nothing_secret_is_printed() {
    let ring = KeyRing::new();
    let new = NewApiKey::make("shop").expect("a name");
    let printed = format!("{ring:?} {:?} {new:?}", place(&ring));
    assert_eq!(printed, "KeyRing([Key(0, …)]) Token(…) NewApiKey(…)");
}

#[test]
fn a_key_file_is_made_once_and_for_its_owner_only() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("token.keys");
    let made = key_file::load_or_create(&file).expect("made");
    let read = key_file::load_or_create(&file).expect("read");
    assert_eq!(place(&made), place(&read));
    let mode = std::fs::metadata(&file).expect("it is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o644)).expect("ours");
    let fault = key_file::load(&file).expect_err("others can read it");
    assert!(matches!(fault, KeyFileFault::Mode { mode: 0o644, .. }));
    assert!(fault.to_string().contains("token.keys"));
}

#[test]
fn an_api_key_names_its_holder_and_no_other_text_does() {
    let (shop, other) = (NewApiKey::make("shop").expect("a name"), NewApiKey::make("tills"));
    let lines = format!("# keys\n\n{}\n{}\n", shop.line, other.expect("a name").line);
    let keys = ApiKeys::read(&lines).expect("two keys");
    let holder = keys.check(&shop.text).expect("its own key");
    assert_eq!((holder.name.as_str(), holder.role), ("shop", Role::Manager));
    let mut wrong = shop.text.clone();
    wrong.push('A');
    for text in ["", "sk_", "sk__", "sk_abc", &wrong, &shop.text[..shop.text.len() - 1], &lines] {
        assert_eq!(keys.check(text), None, "{text:?}");
    }
    assert!(!shop.line.contains(&shop.text[12..]));
}

#[test]
fn a_list_of_api_keys_says_which_line_is_wrong() {
    let line = NewApiKey::make("shop").expect("a name").line;
    for (text, fault) in [
        ("x".to_owned(), ApiKeyFault::Line { line: 1 }),
        (format!("{line}\n{line}"), ApiKeyFault::Twice { line: 2 }),
        (format!("# one\n{}", &line[..line.len() - 5]), ApiKeyFault::Line { line: 2 }),
    ] {
        assert_eq!(ApiKeys::read(&text).err(), Some(fault));
    }
    assert!(NewApiKey::make("two\nlines").is_none());
    assert!(NewApiKey::make("sly role=manager").is_none());
}

#[test]
fn a_key_says_the_role_of_its_holder_and_a_role_that_is_none_is_a_mistake() {
    let key = NewApiKey::make("box two").expect("a name").for_role(Role::BoxOffice);
    let keys = ApiKeys::read(&key.line).expect("one key");
    let holder = keys.check(&key.text).expect("its own key");
    assert_eq!((holder.name.as_str(), holder.role), ("box two", Role::BoxOffice));
    let unknown = key.line.replace("box_office", "king");
    assert_eq!(ApiKeys::read(&unknown).err(), Some(ApiKeyFault::Line { line: 1 }));
}

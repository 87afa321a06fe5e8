//! `stanchion doctor` asks a shop with a connector, whose queue speaks TLS as connectors want it.

use serde_json::json;

use super::super::doctor::finds_nothing_wrong;
use super::{API_KEY, SECRET, Venue, free, gate, open_shop};

#[test]
fn a_shop_with_a_connector_is_well() {
    let folder = tempfile::tempdir().expect("a folder");
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("made");
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("written");
        path.display().to_string()
    };
    let certificate = file("chain.pem", &made.cert.pem());
    let key = file("key.pem", &made.signing_key.serialize_pem());
    let (queue, shop) = (free(), free());
    let settings = [
        ("STANCHION__SECRETS__CONNECTOR", SECRET),
        ("STANCHION__SECRETS__CONNECTOR_API_KEY", API_KEY),
        ("STANCHION__PUBLIC__TLS_CERTIFICATE", &certificate),
        ("STANCHION__PUBLIC__TLS_KEY", &key),
    ];
    let _venue = Venue::knowing(queue, 10, &gate(shop, ""), &settings);
    let _shop = open_shop(queue, shop, &json!({}));
    let page = format!("http://{shop}/shows/1?seat=2");
    let said = finds_nothing_wrong(&[&page, "--authority", &certificate]);
    assert!(said.contains("a shop with a connector: visitors go to https://"), "{said}");
}

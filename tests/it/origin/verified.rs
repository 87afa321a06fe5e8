//! How the shop's own server finds out that a request came through the gate: what operators copy
//! from `deploy`, run by the programs that read it.

use std::path::Path;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use super::secure::{believing, identity, made};
use super::*;
use crate::gate::neighbour::{Neighbour, configured, free};

/// What Debian's configuration has around the one of `deploy/`, in a folder of its own.
const NGINX: &str = "load_module /usr/lib/nginx/modules/ngx_http_js_module.so;
daemon off; pid FOLDER/pid; error_log stderr; worker_processes 1;
events { worker_connections 64; }
http { access_log off; client_body_temp_path FOLDER/body; proxy_temp_path FOLDER/proxy;
fastcgi_temp_path FOLDER/fastcgi; uwsgi_temp_path FOLDER/uwsgi; scgi_temp_path FOLDER/scgi;
include FOLDER/shop.conf; }
";
const APACHE: &str = "ServerRoot FOLDER
ServerName localhost
Listen ADDRESS
PidFile FOLDER/pid
ErrorLog /dev/stderr
User www-data
Group www-data
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule socache_shmcb_module /usr/lib/apache2/modules/mod_socache_shmcb.so
LoadModule ssl_module /usr/lib/apache2/modules/mod_ssl.so
LoadModule proxy_module /usr/lib/apache2/modules/mod_proxy.so
LoadModule proxy_http_module /usr/lib/apache2/modules/mod_proxy_http.so
Include FOLDER/shop.conf
";

/// Runs a program with a configuration of `deploy/`, and files beside it.
fn beside(
    (program, around): (&str, &str),
    address: SocketAddr,
    ours: &str,
    files: &[(&str, String)],
) -> Neighbour {
    Neighbour::start(address, around, |file, folder| {
        let write = |name: &str, text: &str| {
            let text = text.replace("FOLDER", &folder.display().to_string());
            std::fs::write(folder.join(name), text).expect("a file");
        };
        write("configuration", &around.replace("ADDRESS", &address.to_string()));
        write("shop.conf", ours);
        files.iter().for_each(|(name, text)| write(name, text));
        let mut command = Command::new(program);
        match program {
            "nginx" => command.arg("-p").arg(folder).arg("-c").arg(file),
            _ => command.arg("-X").arg("-f").arg(file),
        };
        command
    })
}

fn now_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs()
}

/// A proof as the gate makes them, of any time.
fn proof(at_s: u64, method: &str, target: &str) -> String {
    let claim = format!("v1;t={at_s};m={method};p=7");
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET).expect("any length");
    mac.update(format!("{claim}\n{target}").as_bytes());
    format!("{claim};s={}", HEXLOWER.encode(&mac.finalize().into_bytes()))
}

/// Proofs with what they are shown for, and whether they count.
fn cases() -> Vec<(String, &'static str, &'static str, bool)> {
    const TARGET: &str = "/shows/1?seat=A%2012";
    let fresh = proof(now_s(), "GET", TARGET);
    let (claim, signature) = fresh.split_once(";s=").expect("signed");
    let later = claim.replacen("v1;t=1", "v1;t=2", 1);
    vec![
        (fresh.clone(), "GET", TARGET, true),
        (proof(now_s() - 30, "POST", TARGET), "POST", TARGET, true),
        (proof(now_s() - 120, "GET", TARGET), "GET", TARGET, false),
        (proof(now_s() + 120, "GET", TARGET), "GET", TARGET, false),
        (fresh.clone(), "GET", "/shows/2", false),
        (fresh.clone(), "GET", "/shows/1?seat=A%2013", false),
        (fresh.clone(), "POST", TARGET, false),
        (format!("{later};s={signature}"), "GET", TARGET, false),
        (format!("{fresh}0"), "GET", TARGET, false),
        (fresh[..fresh.len() - 1].to_owned(), "GET", TARGET, false),
        (format!("{claim};s="), "GET", TARGET, false),
        (claim.to_owned(), "GET", TARGET, false),
        ("-".to_owned(), "GET", TARGET, false),
    ]
}

async fn status(address: SocketAddr, request: String) -> String {
    let mut raw = Raw(TcpStream::connect(address).await.expect("it listens"));
    raw.send(request).await;
    let answer = raw.rest().await;
    answer.split(' ').nth(1).unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn nginx_lets_in_by_the_proof_alone_and_only_while_it_is_fresh() {
    let (shop, address) = (Shop::open().await, free());
    let secret = std::str::from_utf8(SECRET).expect("letters");
    let ours = configured(
        "nginx/proof.conf",
        &[
            ("/etc/nginx/stanchion-proof.js", "FOLDER/proof.js"),
            ("at least thirty-two bytes that nobody else knows", secret),
            ("127.0.0.1:9001", &shop.address.to_string()),
            ("listen 9000", &format!("listen {address}")),
        ],
    );
    let script = configured("nginx/proof.js", &[]);
    let nginx = beside(("nginx", NGINX), address, &ours, &[("proof.js", script)]);
    let gate = Gate::start(patient(nginx.address), Settings::default());
    for path in ["/pass/1?seat=A%2012", "/caf%C3%A9"] {
        let answer = gate.get(path, "").await;
        assert!(answer.contains(&format!("GET {path} HTTP/1.1")), "{answer}");
    }
    let host = "Host: shop.test\r\nConnection: close\r\nContent-Length: 0\r\n";
    assert_eq!(status(address, format!("GET /assets/a.css HTTP/1.1\r\n{host}\r\n")).await, "403");
    for (proof, method, target, good) in cases() {
        let head = format!("{method} {target} HTTP/1.1\r\n{host}X-Stanchion-Proof: {proof}\r\n");
        let wanted = if good { "200" } else { "403" };
        assert_eq!(status(address, format!("{head}\r\n")).await, wanted, "{head}");
    }
}

/// Mutual TLS: with our certificate to the shop, with none or another nowhere.
async fn lets_in_only_us(program: (&str, &str), file: &str, changes: &[(&str, &str)]) {
    let (shop, address) = (Shop::open().await, free());
    let (own, ours, other) = (made(), made(), made());
    let (upstream, listens) = (shop.address.to_string(), address.to_string());
    let mut changed = vec![("127.0.0.1:9001", upstream.as_str())];
    let changes: Vec<_> =
        changes.iter().map(|(old, new)| (*old, new.replace("ADDRESS", &listens))).collect();
    changed.extend(changes.iter().map(|(old, new)| (*old, new.as_str())));
    let files = [
        ("shop.pem", own.cert.pem()),
        ("shop.key", own.signing_key.serialize_pem()),
        ("stanchion.pem", ours.cert.pem()),
    ];
    let server = beside(program, address, &configured(file, &changed), &files);
    let to = believing(server.address, &own);
    let asks_as = |of: Option<&rcgen::CertifiedKey<rcgen::KeyPair>>| {
        let identity = of.map(identity);
        Gate::start(OriginSettings { identity, ..to.clone() }, Settings::default())
    };
    let answer = asks_as(Some(&ours)).get("/shows/1?seat=A%2012", "").await;
    assert!(answer.contains("GET /shows/1?seat=A%2012 HTTP/1.1"), "{answer}");
    for stranger in [None, Some(&other)] {
        let answer = asks_as(stranger).get("/shows/1", "").await;
        let refused = ["HTTP/1.1 400 ", "HTTP/1.1 502 "].map(|of| answer.starts_with(of));
        assert!(refused.contains(&true), "{answer}");
    }
    assert_eq!(shop.reached.available_permits(), 1, "only what came from the gate");
}

#[tokio::test(flavor = "multi_thread")]
async fn nginx_lets_in_only_who_shows_the_certificate_of_the_gate() {
    let changes = [("/etc/nginx/", "FOLDER/"), ("listen 443", "listen ADDRESS")];
    lets_in_only_us(("nginx", NGINX), "nginx/origin-mtls.conf", &changes).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn apache_lets_in_only_who_shows_the_certificate_of_the_gate() {
    let changes = [
        ("SSLCertificateFile /etc/apache2/", "SSLCertificateFile FOLDER/"),
        ("SSLCertificateKeyFile /etc/apache2/", "SSLCertificateKeyFile FOLDER/"),
        ("SSLCACertificateFile /etc/apache2/", "SSLCACertificateFile FOLDER/"),
        ("*:443", "ADDRESS"),
    ];
    lets_in_only_us(("apache2", APACHE), "apache/origin-mtls.conf", &changes).await;
}

const PYTHON: &str = "import json, sys; sys.path.insert(0, '.')
from came_through import came_through
secret, cases = sys.argv[1].encode(), json.loads(sys.argv[2])
print(json.dumps([came_through(secret, *case) for case in cases]))";
const PHP: &str = "require 'came_through.php';
$answers = array_map(fn($case) => came_through($argv[1], ...$case), json_decode($argv[2]));
echo json_encode($answers);";
const NODE: &str = "import { cameThrough } from './came_through.mjs';
const [secret, cases] = process.argv.slice(1);
console.log(JSON.stringify(JSON.parse(cases).map((of) => cameThrough(secret, ...of))));";

#[test]
fn applications_in_three_languages_tell_what_came_through() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/proof");
    let secret = std::str::from_utf8(SECRET).expect("letters");
    let cases = cases();
    let asked = cases.iter().map(|(proof, method, target, _)| json!([proof, method, target]));
    let asked = Value::from_iter(asked).to_string();
    let wanted = Value::from_iter(cases.iter().map(|(.., good)| *good));
    for (program, first) in [
        ("python3", ["-B", "-c", PYTHON].as_slice()),
        ("php", ["-r", PHP, "--"].as_slice()),
        ("node", ["--input-type=module", "-e", NODE, "--"].as_slice()),
    ] {
        let mut command = Command::new(program);
        let command = command.args(first).args([secret, &asked]).current_dir(&folder);
        let done = command.output().expect("it is there: scripts/install-deps.sh installs it");
        let said = String::from_utf8_lossy(&done.stdout);
        let answers: Value = serde_json::from_str(&said)
            .unwrap_or_else(|_| panic!("{program}: {}", String::from_utf8_lossy(&done.stderr)));
        assert_eq!(answers, wanted, "{program}: {cases:?}");
    }
}

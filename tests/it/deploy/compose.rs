//! The file for docker-compose: read by it, and played without containers: the secrets are made by
//! its script, a real Redis has its configuration, and the server runs as in its image, with its
//! settings.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use super::image::Root;
use super::measured::ask;
use super::{content, deployed, judge};
use crate::night::server::{LONG, Plan, Site};
use crate::redis::redis_server::Redis;

/// The secrets by the names that the containers know.
const SECRETS: &[(&str, &str)] = &[
    ("redis_password", "redis.password"),
    ("shop_keys", "shop.keys"),
    ("staff_keys", "staff.keys"),
];

/// A copy of `deploy` with the secrets made.
fn prepared() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    content(Command::new("cp").arg("-r").arg(deployed("")).arg(folder.path().join("deploy")));
    let compose = folder.path().join("deploy/compose");
    // From a tree in which somebody made some.
    let _ = fs::remove_dir_all(compose.join("secrets"));
    let mut script = Command::new(compose.join("make-secrets.sh"));
    let said = content(script.env("STANCHION", env!("CARGO_BIN_EXE_stanchion")));
    assert!(said.contains("  sk_"), "{said}");
    let again = Command::new(compose.join("make-secrets.sh")).output().expect("it runs");
    assert_eq!(again.status.code(), Some(1), "secrets are never replaced");
    (folder, compose)
}

fn read(compose: &Path) -> Value {
    let mut program = Command::new(judge("bin/docker-compose"));
    let told = program.args(["config", "--format", "json"]).current_dir(compose);
    let said = content(told.env("HOME", compose));
    serde_json::from_str(&said).unwrap_or_else(|fault| panic!("{fault}: {said}"))
}

fn settings(compose: &Path) -> toml::Table {
    let text = fs::read_to_string(compose.join("etc/stanchion.toml")).expect("settings");
    text.parse().expect("TOML")
}

#[test]
fn docker_compose_reads_it_and_all_that_it_names_is_there() {
    let (_folder, compose) = prepared();
    let told = read(&compose);
    for (name, secret) in told["secrets"].as_object().expect("secrets") {
        let file = secret["file"].as_str().expect("a file");
        assert!(fs::metadata(file).is_ok_and(|file| file.len() > 40), "{name}: {file}");
    }
    for (name, service) in told["services"].as_object().expect("services") {
        for volume in service["volumes"].as_array().expect("volumes") {
            let source = volume["source"].as_str().expect("a source");
            let there = volume["type"] == "volume" || Path::new(source).exists();
            assert!(there, "{name}: {source}");
        }
        assert_eq!(service["read_only"], true, "{name}");
        assert_eq!(service["cap_drop"][0], "ALL", "{name}");
    }
    let build = &told["services"]["stanchion"]["build"];
    let context = Path::new(build["context"].as_str().expect("a folder"));
    assert!(context.join(build["dockerfile"].as_str().expect("a file")).exists());
}

#[test]
fn its_settings_name_its_ports_its_secrets_and_its_services() {
    let compose = deployed("compose");
    let (told, settings) = (read(&compose), settings(&compose));
    let stanchion = &told["services"]["stanchion"];
    let ports = stanchion["ports"].as_array().expect("ports").iter();
    let ports: Vec<_> = ports.map(|port| port["target"].to_string()).collect();
    for (at, listener) in ["public", "ops"].into_iter().enumerate() {
        let address = settings[listener]["address"].as_str().expect("an address");
        assert_eq!(address, format!("0.0.0.0:{}", ports[at]));
    }
    let mounted = stanchion["secrets"].as_array().expect("secrets").iter();
    let mounted: Vec<_> = mounted.map(|secret| secret["source"].as_str().expect("one")).collect();
    for (key, file) in settings["secrets"].as_table().expect("a table") {
        let name = file.as_str().and_then(|file| file.strip_prefix("/run/secrets/"));
        assert!(name.is_some_and(|name| mounted.contains(&name)), "{key}: {file}");
    }
    assert!(told["services"]["redis"].is_object());
    assert_eq!(settings["journal"]["redis"]["url"].as_str(), Some("redis://redis:6379"));
    let scraped = super::text("prometheus/prometheus.yml");
    assert!(scraped.contains(&format!("stanchion:{}", ports[1])), "{scraped}");
    assert!(scraped.contains("credentials_file: /etc/prometheus/stanchion.key"));
    let key = &told["services"]["prometheus"]["secrets"][0]["target"];
    assert_eq!(key, "/etc/prometheus/stanchion.key");
}

/// What starts the server as its container would, with its data there.
fn command(root: &Root, redis: &Redis, data: &str) -> Command {
    let url = format!("journal.redis.url=redis://{}", redis.address());
    root.command(&[
        "serve",
        "--config",
        "/etc/stanchion/stanchion.toml",
        "--set",
        "public.address=127.0.0.1:0",
        "--set",
        "ops.address=127.0.0.1:0",
        "--set",
        &url,
        "--set",
        &format!("data.directory={data}"),
    ])
}

#[test]
fn the_server_runs_as_in_its_container_and_prometheus_is_let_in() {
    let (_folder, compose) = prepared();
    let account = fs::read_to_string(compose.join("secrets/redis-account.conf")).expect("one");
    let redis = Redis::start(&(super::text("redis/always.conf") + &account));
    let root = Root::new();
    for name in ["stanchion.toml", "sale.toml"] {
        root.copy(&compose.join("etc").join(name), &format!("etc/stanchion/{name}"));
    }
    for (name, file) in SECRETS {
        root.copy(&compose.join("secrets").join(file), &format!("run/secrets/{name}"));
    }
    let elsewhere = command(&root, &redis, "/elsewhere").output().expect("it runs");
    let said = String::from_utf8_lossy(&elsewhere.stderr).into_owned();
    assert!(
        said.contains("/elsewhere: Read-only file system"),
        "only the volume is written: {said}"
    );
    // For its log alone.
    let site = Site::new(&Plan { cap: 1, policy: LONG, opens_at: None });
    let mut server = site.start_as(&mut command(&root, &redis, "/var/lib/stanchion"));
    super::until_ready(&server);
    let key = fs::read_to_string(compose.join("secrets/prometheus.key")).expect("a key");
    let told = ask(server.ops, "/metrics", Some(&key));
    assert!(told.contains("\nstanchion_writer{sale=\"gala\"} 1\n"), "{told}");
    assert!(ask(server.ops, "/metrics", None).starts_with("HTTP/1.1 401 "));
    assert!(root.inside("var/lib/stanchion/token.keys").exists());
    server.signal("TERM");
    assert_eq!(server.ended().code(), Some(0));
}

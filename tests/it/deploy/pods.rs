//! What the manifests for Kubernetes say, played without a cluster: two servers with their settings
//! on a Redis with its own, asked what the probes would ask.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use stanchion::token::keys::KeyRing;
use tempfile::TempDir;

use super::kubernetes::{at, manifest};
use super::measured::ask;
use super::{content, text, until_ready};
use crate::night::server::{BOUND, LONG, Plan, Server, Site};
use crate::redis::redis_server::Redis;

const PASSWORD: &str = "opensesame";
const PROBES: [&str; 3] = ["startupProbe", "livenessProbe", "readinessProbe"];

/// What a pod mounts, in a folder.
struct Mounted {
    folder: TempDir,
}

impl Mounted {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in manifest("ConfigMap", "stanchion")["data"].as_object().expect("files") {
            let text = text.as_str().expect("a text");
            let at = |inside: &str| folder.path().join(inside).display().to_string();
            let text = text
                .replace("/etc/stanchion", &at(""))
                .replace("/run/secrets/stanchion", &at("secrets"));
            fs::write(folder.path().join(name), text).expect("a file");
        }
        let secrets = folder.path().join("secrets");
        fs::create_dir(&secrets).expect("a folder");
        let example = manifest("Secret", "stanchion")["stringData"].as_object().expect("secrets");
        for name in example.keys() {
            let made = match name.as_str() {
                "token.keys" => token_keys(),
                "redis.password" => PASSWORD.to_owned(),
                _ => String::new(),
            };
            fs::write(secrets.join(name), made).expect("a file");
            content(Command::new("chmod").arg("0440").arg(secrets.join(name)));
        }
        Self { folder }
    }

    fn command(&self, redis: &Redis, data: &Path) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stanchion"));
        command.arg("serve").arg("--config").arg(self.folder.path().join("stanchion.toml"));
        let data = format!("data.directory={}", data.display());
        let url = format!("journal.redis.url=redis://{}", redis.address());
        for setting in ["public.address=127.0.0.1:0", "ops.address=127.0.0.1:0", &url, &data] {
            command.args(["--set", setting]);
        }
        command
    }
}

/// As the example of secrets says to make them.
fn token_keys() -> String {
    let example = text("kubernetes/secret.example.yaml");
    let line = example.lines().find_map(|line| line.strip_prefix("#   printf"));
    let line = format!("printf{}", line.expect("a line").replace(">token.keys", ""));
    let made = content(Command::new("sh").args(["-c", &line]));
    assert_eq!(KeyRing::read(&made).map(|ring| ring.text()), Ok(made.clone()));
    made
}

/// Whether a probe of the servers' pods is content.
fn probe(server: &Server, name: &str) -> bool {
    let pods = manifest("StatefulSet", "stanchion");
    let get = at(pods, &format!("/spec/template/spec/containers/0/{name}/httpGet"));
    assert_eq!(get["port"], "ops");
    let path = get["path"].as_str().expect("a path");
    let said = ask(server.ops, path, None);
    let status = said.split(' ').nth(1).and_then(|status| status.parse::<u16>().ok());
    (200..400).contains(&status.expect("a status"))
}

#[test]
fn the_settings_are_good_and_those_of_the_example_start_nothing() {
    let mounted = Mounted::new();
    let file = mounted.folder.path().join("stanchion.toml");
    let mut check = Command::new(env!("CARGO_BIN_EXE_stanchion"));
    let said = content(check.arg("check").arg("--config").arg(file));
    assert!(said.contains("configuration: good") && said.contains("sale \"gala\""), "{said}");
    let example = manifest("Secret", "stanchion")["stringData"]["token.keys"].as_str();
    assert!(KeyRing::read(example.expect("a text")).is_err(), "nobody serves with what all know");
}

#[test]
fn one_pod_is_ready_the_other_is_alive_and_takes_over_when_the_first_is_ended() {
    let mut redis = Redis::start(&text("redis/always.conf"));
    let rights = text("redis/account.conf");
    let rights = rights.lines().find(|line| line.starts_with("user stanchion")).expect("one");
    let mut rights: Vec<_> = rights.split(' ').collect();
    let password = format!(">{PASSWORD}");
    rights.splice(..1, ["ACL", "SETUSER"]);
    let digits = rights.iter().position(|right| right.starts_with('#')).expect("a password");
    rights[digits] = &password;
    redis.must(&rights);
    let (mounted, data) = (Mounted::new(), [(); 2].map(|()| tempfile::tempdir().expect("one")));
    // For their logs alone.
    let sites = [(); 2].map(|()| Site::new(&Plan { cap: 1, policy: LONG, opens_at: None }));
    let start = |at: usize| sites[at].start_as(&mut mounted.command(&redis, data[at].path()));
    let mut first = start(0);
    until_ready(&first);
    let second = start(1);
    let content = |server: &Server| PROBES.map(|name| probe(server, name));
    assert_eq!(content(&first), [true, true, true]);
    assert_eq!(content(&second), [true, true, false], "it stands by");
    first.signal("TERM");
    until_ready(&second);
    assert_eq!(content(&second), [true, true, true]);
    assert_eq!(first.ended().code(), Some(0));
    // Kubernetes starts it again.
    let again = start(0);
    assert_eq!(content(&again), [true, true, false]);
    // Without Redis, the Service leads to the writer all the same: queue and board go on.
    redis.kill();
    let begun = Instant::now();
    while !ask(second.ops, "/readyz", None).starts_with("HTTP/1.1 503 ") {
        assert!(begun.elapsed() < BOUND, "{}", sites[1].log());
        thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(content(&second), [true, true, true]);
    assert_eq!(content(&again), [true, true, false]);
}

//! The manifests for Kubernetes: judged by its schemas, and looked up whether what they name of one
//! another is there. Nothing is applied; `pods` runs what they say.

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::LazyLock;

use serde_json::Value;

use super::{content, deployed, judge, text, yaml};

/// The oldest and the newest version that is tried.
const VERSIONS: [&str; 2] = ["v1.29.0", "v1.37.0"];
/// Everything but what says which they are.
const FILES: [&str; 6] =
    ["namespace", "configuration", "redis", "stanchion", "network", "secret.example"];

static MANIFESTS: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let files = FILES.iter().map(|name| yaml(&format!("kubernetes/{name}.yaml")));
    files.flatten().collect()
});

/// The manifest of a kind and name.
pub(super) fn manifest(kind: &str, name: &str) -> &'static Value {
    let mut all = MANIFESTS.iter();
    let found = all.find(|one| one["kind"] == kind && one["metadata"]["name"] == name);
    found.unwrap_or_else(|| panic!("there is no {kind} {name}"))
}

/// What a name leads to in a manifest.
pub(super) fn at<'m>(manifest: &'m Value, path: &str) -> &'m Value {
    manifest.pointer(path).unwrap_or_else(|| panic!("no {path} in {manifest}"))
}

fn sets() -> Vec<&'static Value> {
    MANIFESTS.iter().filter(|manifest| manifest["kind"] == "StatefulSet").collect()
}

fn list<'m>(manifest: &'m Value, path: &str) -> &'m [Value] {
    at(manifest, path).as_array().unwrap_or_else(|| panic!("{path} is no list"))
}

fn names<'m>(manifest: &'m Value, path: &str) -> BTreeSet<&'m str> {
    list(manifest, path).iter().map(|one| one["name"].as_str().expect("a name")).collect()
}

#[test]
fn they_are_what_the_schemas_of_kubernetes_want() {
    for version in VERSIONS {
        let schemas = format!("kubernetes_validate/kubernetes-json-schema/{version}-local-strict");
        let mut python = Command::new("/usr/bin/python3");
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/deploy/manifests.py");
        let files = FILES.map(|name| deployed(&format!("kubernetes/{name}.yaml")));
        let said = content(python.arg(script).arg(judge(&schemas)).args(files));
        assert_eq!(said.trim(), format!("{} judged", MANIFESTS.len()), "{version}");
    }
}

#[test]
fn all_of_them_are_applied_but_the_example_of_secrets() {
    let listed = &yaml("kubernetes/kustomization.yaml")[0]["resources"];
    let ours: Vec<_> = FILES[..5].iter().map(|name| format!("{name}.yaml")).collect();
    assert_eq!(*listed, Value::from(ours));
    for manifest in MANIFESTS.iter().filter(|manifest| manifest["kind"] != "Namespace") {
        assert_eq!(manifest["metadata"]["namespace"], "stanchion", "{manifest}");
    }
}

#[test]
fn every_pod_is_confined() {
    for set in sets() {
        let pod = at(set, "/spec/template/spec");
        assert_eq!(at(pod, "/securityContext/runAsNonRoot"), true);
        assert_eq!(at(pod, "/securityContext/seccompProfile/type"), "RuntimeDefault");
        assert_eq!(at(pod, "/automountServiceAccountToken"), false);
        for container in list(pod, "/containers") {
            assert_eq!(at(container, "/securityContext/readOnlyRootFilesystem"), true);
            assert_eq!(at(container, "/securityContext/allowPrivilegeEscalation"), false);
            assert_eq!(at(container, "/securityContext/capabilities/drop/0"), "ALL");
            assert!(at(container, "/resources/limits/memory").is_string());
        }
    }
}

#[test]
fn what_a_pod_mounts_is_there() {
    for set in sets() {
        let pod = at(set, "/spec/template/spec");
        let claims = list(set, "/spec/volumeClaimTemplates").iter();
        let claims = claims.map(|claim| at(claim, "/metadata/name").as_str().expect("a name"));
        let there: BTreeSet<_> = claims.chain(names(pod, "/volumes")).collect();
        assert_eq!(names(pod, "/containers/0/volumeMounts"), there);
        for volume in list(pod, "/volumes") {
            match (volume["configMap"]["name"].as_str(), volume["secret"]["secretName"].as_str()) {
                (Some(map), None) => manifest("ConfigMap", map),
                (None, Some(secret)) => manifest("Secret", secret),
                _ => panic!("{volume}"),
            };
        }
    }
}

#[test]
fn ports_and_pods_are_called_by_names_that_they_have() {
    for set in sets() {
        let (labels, pod) =
            (at(set, "/spec/template/metadata/labels"), at(set, "/spec/template/spec"));
        let ports = names(pod, "/containers/0/ports");
        assert_eq!(at(set, "/spec/selector/matchLabels"), labels);
        manifest("Service", at(set, "/spec/serviceName").as_str().expect("a name"));
        for service in MANIFESTS.iter().filter(|one| one["kind"] == "Service") {
            if at(service, "/spec/selector") == labels {
                let target = at(service, "/spec/ports/0/targetPort").as_str().expect("a name");
                assert!(ports.contains(target), "{service}");
            }
        }
        for probe in ["startupProbe", "livenessProbe"] {
            let probe = &pod["containers"][0][probe];
            let how = if probe["httpGet"].is_object() { "httpGet" } else { "tcpSocket" };
            assert!(ports.contains(probe[how]["port"].as_str().expect("a name")), "{probe}");
        }
        let name = set["metadata"]["name"].as_str().expect("a name");
        let policy = manifest("NetworkPolicy", name);
        assert_eq!(at(policy, "/spec/podSelector/matchLabels"), labels);
        for rule in list(policy, "/spec/ingress") {
            let port = at(rule, "/ports/0/port").as_str().expect("a name");
            assert!(ports.contains(port), "{rule}");
        }
    }
    let budget = manifest("PodDisruptionBudget", "stanchion");
    let pods = manifest("StatefulSet", "stanchion");
    assert_eq!(at(budget, "/spec/selector"), at(pods, "/spec/selector"));
    assert_eq!(
        (at(budget, "/spec/minAvailable"), at(pods, "/spec/replicas")),
        (&1.into(), &2.into())
    );
}

#[test]
fn there_is_time_to_hand_over_and_to_drain() {
    let settings: toml::Table = stanchion::config::DEFAULT.parse().expect("TOML");
    let drain_ms = settings["limits"]["drain_ms"].as_integer().expect("a number");
    let pods = manifest("StatefulSet", "stanchion");
    let span_s = at(pods, "/spec/template/spec/terminationGracePeriodSeconds").as_i64();
    // Whoever handed over answers for up to 5 s more.
    assert!(span_s.expect("a number") * 1_000 >= drain_ms + 5_000 + 10_000);
}

#[test]
fn its_redis_is_set_up_as_ours_is() {
    let map = manifest("ConfigMap", "redis");
    assert_eq!(map["data"]["always.conf"].as_str().expect("a text"), text("redis/always.conf"));
    let lines = |text: &str| -> Vec<String> {
        text.lines().filter(|line| line.starts_with("user ")).map(str::to_owned).collect()
    };
    let account = manifest("Secret", "redis")["stringData"]["account.conf"].as_str();
    assert_eq!(lines(account.expect("a text")), lines(&text("redis/account.conf")));
}

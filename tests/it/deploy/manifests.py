"""Judges manifests of Kubernetes by its schemas: manifests.py SCHEMAS FILE... says what is wrong."""

import json
import pathlib
import sys

import jsonschema
import yaml

DEFINITIONS = "_definitions.json"


def schema_of(manifest, schemas):
    """The schema of its kind with all definitions inside, so that nothing is fetched."""
    group, _, version = manifest["apiVersion"].rpartition("/")
    parts = [manifest["kind"].lower(), group.split(".")[0], version]
    text = (schemas / ("-".join(filter(None, parts)) + ".json")).read_text()
    schema = json.loads(text.replace(f'"/api/{DEFINITIONS}#', '"#'))
    del schema["$id"]
    return schema | {"$defs": json.loads((schemas / DEFINITIONS).read_text())["$defs"]}


def judge(manifest, schemas):
    for error in jsonschema.Draft202012Validator(schema_of(manifest, schemas)).iter_errors(manifest):
        yield "/".join(map(str, error.absolute_path)) + ": " + error.message


def main():
    schemas, wrong, judged = pathlib.Path(sys.argv[1]), [], 0
    for name in sys.argv[2:]:
        for manifest in yaml.safe_load_all(open(name)):
            judged += 1
            wrong += [f"{name}: {manifest['kind']}: {said}" for said in judge(manifest, schemas)]
    print("\n".join(wrong) or f"{judged} judged")
    sys.exit(bool(wrong))


main()

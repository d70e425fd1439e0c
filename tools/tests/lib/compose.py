"""What a compose file refers to must exist: compose.py FILE VERSION SETTINGS

FILE: the compose file. VERSION: of Kafka, as tools/kafka has it. SETTINGS: tools/kafka's server.properties, whose settings
about topics and transactions the container must have too. One line on stdout for each thing that is wrong.
"""
import os
import re
import sys

import yaml


def env_references(text):
    """Variables without a default: ${NAME}, $NAME."""
    return re.findall(r"\$\{(\w+)\}|(?<!\$)\$(\w+)", text)


def listeners(text):
    """"NAME://host:port,…" as {name: port}"""
    return {name: port for name, port in re.findall(r"(\w+)://[^,]*:(\d+)", text or "")}


def check_kafka(service, version, settings, wrong):
    env = {key: str(value) for key, value in service.get("environment", {}).items()}
    if service.get("image") != f"apache/kafka:{version}":
        wrong(f"image {service.get('image')}, but tools/kafka runs {version}")
    opened = listeners(env.get("KAFKA_LISTENERS"))
    protocols = dict(re.findall(r"(\w+):(\w+)", env.get("KAFKA_LISTENER_SECURITY_PROTOCOL_MAP", "")))
    for name in opened:
        if name not in protocols:
            wrong(f"listener {name} has no protocol")
    for name, port in listeners(env.get("KAFKA_ADVERTISED_LISTENERS")).items():
        if name not in opened:
            wrong(f"advertised listener {name} is not opened")
        elif name == "HOST" and not any(str(p).split(":")[-2:] == [port, opened[name]] for p in service["ports"]):
            wrong(f"advertised port {port} is not mapped to listener {name}")
    for mapped in service.get("ports", []):
        if str(mapped).split(":")[-1] not in opened.values():
            wrong(f"port {mapped} leads to no listener")
    for key in ("KAFKA_INTER_BROKER_LISTENER_NAME", "KAFKA_CONTROLLER_LISTENER_NAMES"):
        if env.get(key) not in opened:
            wrong(f"{key} names {env.get(key)}, which is no listener")
    voter = env.get("KAFKA_CONTROLLER_QUORUM_VOTERS", "").split(":")[-1]
    if voter != opened.get(env.get("KAFKA_CONTROLLER_LISTENER_NAMES")):
        wrong(f"the voter's port {voter} is not the controller's")
    asked = re.findall(r":(\d+)", " ".join(map(str, service.get("healthcheck", {}).get("test", []))))
    if not asked or any(port not in opened.values() for port in asked):
        wrong(f"the health check asks port {asked}, which no listener has")
    for key, value in settings.items():
        name = "KAFKA_" + key.upper().replace(".", "_")
        if re.match(r"(offsets|transaction|group|num|log\.retention)\.", key) and env.get(name) != value:
            wrong(f"{name} is {env.get(name)}, but tools/kafka has {key}={value}")


def check_service(folder, name, service, document, wrong):
    if "healthcheck" not in service:
        wrong("no health check")
    if ":" not in service.get("image", "") or service["image"].endswith(":latest"):
        wrong(f"image {service.get('image')} has no pinned version")
    for needed in service.get("depends_on", []):
        if needed not in document["services"]:
            wrong(f"depends on {needed}, which is no service")
    for volume in service.get("volumes", []):
        source = volume.split(":")[0]
        if source.startswith((".", "/")):
            if not os.path.exists(os.path.join(folder, source)):
                wrong(f"{source} does not exist")
        elif source not in (document.get("volumes") or {}):
            wrong(f"volume {source} is not declared")


def main(path, version, properties):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    document = yaml.safe_load(text)
    with open(properties, encoding="utf-8") as file:
        settings = dict(line.strip().split("=", 1) for line in file if "=" in line)
    found = []
    for braced, bare in env_references(re.sub(r"(?m)^\s*#.*$", "", text)):
        found.append(f"variable {braced or bare} has no default")
    for name, service in document["services"].items():
        def wrong(what, name=name):
            found.append(f"{name}: {what}")

        check_service(os.path.dirname(path), name, service, document, wrong)
        if service.get("image", "").startswith("apache/kafka"):
            check_kafka(service, version, settings, wrong)
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))

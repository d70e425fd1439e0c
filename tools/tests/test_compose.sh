#!/bin/sh
# docker/compose.yaml: what it refers to exists, and it is the Kafka of tools/kafka. Needs a YAML parser, and no Docker.
. tools/tests/lib/tap.sh

if ! python3 -c 'import yaml' 2>/dev/null; then
    skip "docker/compose.yaml refers to what exists" "python3 with PyYAML is not installed (tools/setup --dev)"
    finish
    exit
fi
version=$(tools/kafka version)
tools/kafka properties --data "$scratch/kafka" >"$scratch/properties"
# wrong FROM TO: the findings when FROM is replaced by TO in the file
compose() { python3 tools/tests/lib/compose.py "$@" "$version" "$scratch/properties"; }
changed() {
    mkdir -p "$scratch/docker"
    sed "s#$1#$2#" docker/compose.yaml >"$scratch/docker/compose.yaml"
    compose "$scratch/docker/compose.yaml"
}

check "docker/compose.yaml refers to what exists" compose docker/compose.yaml
check_says "but tools/kafka runs $version" "another version of Kafka is noticed" changed "kafka:$version" kafka:9.9.9
check_says "volume kafka-data is not declared" "a volume that is not declared" changed '^  kafka-data:' '  other:'
check_says "leads to no listener" "a port that leads nowhere" changed ':9092:9092' :9092:9999
check_says "health check asks port" "a health check that asks nobody" changed '127.0.0.1:9092"\]' '127.0.0.1:1"]'
check_says "no health check" "no health check" changed healthcheck: x-nothing:
check_says "is no listener" "an inter-broker listener that is none" changed 'LISTENER_NAME: INTERNAL' 'LISTENER_NAME: OTHER'
check_says "variable TAG has no default" "a variable that nobody sets" changed "kafka:$version" 'kafka:${TAG}'
check_says "but tools/kafka has num.partitions" "a setting that differs from tools/kafka's" changed 'NUM_PARTITIONS: 3' 'NUM_PARTITIONS: 4'
finish

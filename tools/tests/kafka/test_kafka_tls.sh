#!/bin/sh
# TLS, mutual TLS and passwords on a real Kafka: properties reach the client by -X and by -F, in the producer and in a lesson's program
# (source and sink), and a broker that refuses is told with what to do.
. tools/tests/lib/tap.sh
weir=build/bin/weir

if [ -z "${WEIR_TEST_KAFKA:-}" ]; then
    skip "clients speak TLS to a real Kafka" "needs a real Kafka: make test-kafka"
    finish
    exit
fi
if ! command -v openssl >/dev/null 2>&1; then
    skip "clients speak TLS to a real Kafka" "openssl, which makes the certificates, is not installed (tools/setup --dev)"
    finish
    exit
fi
keys=$scratch/keys
data=$scratch/broker
# shellcheck disable=SC2016  # expanded at the end
at_end 'tools/kafka down --data "$data"'
tools/kafka certificates "$keys"
tools/kafka certificates "$scratch/others"
plain=$(tools/kafka up --port 0 --data "$data" --tls "$keys")
port=${plain#*:}
mutual=127.0.0.1:$((port + 2))
password=127.0.0.1:$((port + 3))

# properties FILE LINE…
properties() {
    file=$1
    shift
    printf '%s\n' '# for a test' "$@" >"$file"
}
properties "$scratch/mutual" security.protocol=SSL "ssl.ca.location=$keys/ca.pem" "ssl.certificate.location=$keys/client.pem" \
    "ssl.key.location=$keys/client.key"
properties "$scratch/scram" security.protocol=SASL_SSL "ssl.ca.location=$keys/ca.pem" sasl.mechanism=SCRAM-SHA-256 \
    sasl.username=learner sasl.password=learner-secret
events() { $weir produce --model cart -t "$1" --rate 0 --count 500 --seed 1 "$2" "$3" "$4" "$5" 2>&1; }
run() {
    build/bin/enrichment "$@" --stop-idle 2s --out "$scratch/parts" --checkpoint-dir "$scratch/chk" 2>"$scratch/says" >"$scratch/out" || :
    cat "$scratch/says" "$scratch/out"
}

check "with a certificate events are written" events mutual -b "$mutual" -F "$scratch/mutual"
check_says "events in                    500" "and read, with dead letters written" run -b "$mutual" --topic mutual -F "$scratch/mutual" \
    --dlq kafka:mutual-dlq
check "with a password events are written" events scram -b "$password" -F "$scratch/scram"
check_says "events in                    500" "and read" run -b "$password" --topic scram -F "$scratch/scram"
check_says "events in                    500" "-X is stronger than -F" run -b "$password" --topic scram -F "$scratch/scram" \
    -X sasl.mechanism=PLAIN -X group.id=another
check_says "$mutual: 1 broker" "weir doctor finds a broker that wants a certificate" $weir doctor -b "$mutual" -F "$scratch/mutual"
check_says "$password: 1 broker" "and one that wants a password" $weir doctor -b "$password" -F "$scratch/scram"

# ---- refused

few() { $weir produce -t refused --rate 0 --count 1 "$@"; }
check_says "it wants a certificate of yours: ssl.certificate.location" "without a certificate: which property is missing" \
    few -b "$mutual" -X security.protocol=ssl -X "ssl.ca.location=$keys/ca.pem"
check_says "it does not know the authority that signed yours" "a stranger's certificate" few -b "$mutual" -F "$scratch/mutual" \
    -X "ssl.certificate.location=$scratch/others/client.pem" -X "ssl.key.location=$scratch/others/client.key"
check_says "ssl.ca.location must be a PEM file of the authority" "an authority that is not the broker's" \
    few -b "$mutual" -F "$scratch/mutual" -X "ssl.ca.location=$scratch/others/ca.pem"
check_says "security.protocol=ssl" "a client without TLS" few -b "$mutual"
check_says "sasl.username or sasl.password is wrong" "a wrong password" few -b "$password" -F "$scratch/scram" -X sasl.password=wrong
check_status 1 "and it fails" few -b "$password" -F "$scratch/scram" -X sasl.password=wrong
check_says "sasl.mechanism must be one that it supports" "a mechanism that it has not" few -b "$password" -F "$scratch/scram" \
    -X sasl.mechanism=SCRAM-SHA-512
check_says "sasl.username or sasl.password is wrong" "a lesson's program says the same" run -b "$password" --topic scram \
    -F "$scratch/scram" -X sasl.password=wrong --restart none
check_says "sasl.username or sasl.password is wrong" "and so does weir doctor" $weir doctor -b "$password" -F "$scratch/scram" \
    -X sasl.password=wrong
check "no password is said" sh -c "! grep -q learner-secret $scratch/says $scratch/out"
check_says "cannot open $scratch/nothing" "a file that is not there is named" few -F "$scratch/nothing"
finish

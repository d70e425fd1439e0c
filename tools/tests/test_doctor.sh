#!/bin/sh
# weir doctor: the table, the JSON, no colour in a pipe, and a broker that is not there.
. tools/tests/lib/tap.sh
weir=build/bin/weir
# Nothing listens on port 1 of the loopback.
doctor="$weir doctor -b 127.0.0.1:1"

check "everything required is here, since this was built here" sh -c "$doctor >'$scratch/says' 2>&1"
check_says "rdkafka " "libraries are listed" cat "$scratch/says"
check_says "none answers at 127.0.0.1:1" "an absent broker is named with its address" cat "$scratch/says"
check_says "weir broker" "and how to start one" cat "$scratch/says"
check_status 1 "no escape sequence reaches what is no terminal" grep -q "$(printf '\033')" "$scratch/says"
check "--json is one JSON document" sh -c "$doctor --json | jq -e '.findings | length > 8' 2>/dev/null || $doctor --json | grep -q '\"ok\": true'"
check_says "KAFKA_BROKERS" "the setting from the environment is in the help" $weir doctor --help
check_says "none answers at 127.0.0.1:2" "KAFKA_BROKERS says where to look" env KAFKA_BROKERS=127.0.0.1:2 $weir doctor
check_status 2 "a stray argument is misuse" $weir doctor please

# The embedded broker, on a free port.
$weir broker -b 127.0.0.1:0 --ready-file "$scratch/ready" --topic clicks >"$scratch/broker" 2>&1 &
# shellcheck disable=SC2034  # expanded at the end
broker=$!
at_end "kill $broker"
wait_until test -s "$scratch/ready"
address=$(cat "$scratch/ready")
check_says "$address: 1 broker, 1 topic; the embedded broker" "a broker that answers is described" $weir doctor -b "$address"
check_says "$address: 1 broker" "among several addresses one that answers is enough" $weir doctor -b "127.0.0.1:1,$address"

# Properties of the client, as the other commands take them.
printf '%s\n' '# for a test' "bootstrap.servers = $address" >"$scratch/properties"
check_says "$address: 1 broker, 1 topic" "-F has properties of the client" $weir doctor -b 127.0.0.1:1 -F "$scratch/properties"
check_says "none answers at 127.0.0.1:2" "-X has one, and the last counts" $weir doctor -F "$scratch/properties" -X bootstrap.servers=127.0.0.1:2
check_says "sasl.username or sasl.password is wrong (-F FILE" "a broker that refuses the client is told with what to do" \
    $weir doctor -b "$address" -X security.protocol=sasl_plaintext -X sasl.mechanism=PLAIN -X sasl.username=me -X sasl.password=secret
check_status 2 "-X without a value is misuse" $weir doctor -X security.protocol
check_says '-X: expected key=value, got "security.protocol"' "and told" echo "$output"
check_status 2 "a property that there is not is misuse" $weir doctor -X no.such=1
check_says "No such configuration property" "and told" echo "$output"
check_status 2 "a file of properties that is not there is misuse" $weir doctor -F "$scratch/nothing"
check_says "-F: $scratch/nothing: cannot open" "and named" echo "$output"
printf 'just words\n' >"$scratch/words"
check_says "-F: $scratch/words:1: expected key=value" "a line that is none is named" $weir doctor -F "$scratch/words"

# A machine where nothing is in PATH: every tool is missing, and the exit status says so.
weir_path=$PWD/$weir
check_status 1 "a missing compiler is a failure" env PATH="$scratch" "$weir_path" doctor -b 127.0.0.1:1
check_says "missing" "and is called missing" echo "$output"
finish

#!/bin/sh
# --log-format and --log-level of every job program: what is on stderr.
. tools/tests/lib/tap.sh
purchases=build/bin/purchases
: >"$scratch/empty"

# said ARGUMENT…: what purchases says on stderr about a file that is not there.
said() {
    $purchases --input "$scratch/none/such.jsonl" "$@" 2>&1 >/dev/null </dev/null || :
}
output=$(said)
check "a line is text by default" sh -c "printf '%s\n' '$output' | grep -q '^weir: error: '"
said --log-format json >"$scratch/json"
check "in JSON every line is an object" sh -c "! grep -qv '^{\"time\":\"20[0-9T:.-]*Z\",\"level\":\"[a-z]*\",\"message\":\".*\"}\$' '$scratch/json'"
check "and there is one" test -s "$scratch/json"
WEIR_LOG_FORMAT=json said >"$scratch/json"
check "the environment says so too" grep -q '^{"time":' "$scratch/json"

said --log-level error >"$scratch/errors"
check "an error is said at every level" grep -q '^weir: error: ' "$scratch/errors"
# The port is said as information, where there is one.
if pkg-config --exists libmicrohttpd 2>/dev/null; then
    check_says "weir: info: REST" "information is said by default" $purchases --input "$scratch/empty" --rest-port 0
    $purchases --input "$scratch/empty" --rest-port 0 --log-level warning >/dev/null 2>"$scratch/says"
    check "above its level it is not" test ! -s "$scratch/says"
fi
check_status 2 "a level that is none is misuse" $purchases --input "$scratch/empty" --log-level loud

finish

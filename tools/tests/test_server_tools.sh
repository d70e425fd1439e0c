#!/bin/sh
# tools/kafka, tools/s3, tools/opensearch and tools/flink: what they say before there is a JVM. That they do their work is seen by make
# test-kafka, test-s3, test-search and test-flink.
. tools/tests/lib/tap.sh

# The few commands that they themselves use, without java and mvn.
mkdir "$scratch/bin"
for command in bash sh cat dirname grep head mkdir mktemp ps rm sed tail; do
    ln -s "$(command -v $command)" "$scratch/bin/$command"
done
fake() {
    printf '#!/bin/sh\n%s\n' "$2" >"$scratch/bin/$1"
    chmod +x "$scratch/bin/$1"
}

# knows_what_is_missing TOOL CACHE
knows_what_is_missing() {
    tool=$1
    bare() { env -i PATH="$scratch/bin" HOME="$scratch" "$tool" "$@" --data "$scratch/data"; }
    check_says "$tool up [--port N]" "$tool: --help shows the commands" "$tool" --help
    check_status 2 "$tool: no command is misuse" "$tool"
    check_status 2 "$tool: an unknown option is misuse" "$tool" up --nonsense
    check_status 2 "$tool: a port that is no number is misuse" "$tool" up --port http
    check_status 1 "$tool: status of a server that does not run exits 1" bare status
    check_says "down (data: $scratch/data)" "$tool: and says so" bare status
    check "$tool: down without a server has nothing to do" bare down
    check_status 1 "$tool: without Java it does not start" bare up
    check_says "java is not installed. It is needed only here; to install it, type: tools/setup --dev" "$tool: and says what to type" bare up
    fake java 'exit 0'
    check_says "mvn is not installed." "$tool: without Maven too" bare up
    fake mvn 'echo "[ERROR] Unknown host"; exit 1'
    check_status 1 "$tool: a download that fails is a failure" bare up
    check_says "is this machine online?" "$tool: which asks for the network" bare up
    check_says "Unknown host" "$tool: and shows what Maven said" bare up
    check "$tool: and leaves nothing that looks like a whole download" test ! -e "$scratch/.cache/weir/$2-$("$tool" version)"
    rm "$scratch/bin/java" "$scratch/bin/mvn"
}
knows_what_is_missing tools/kafka kafka
knows_what_is_missing tools/s3 s3proxy
knows_what_is_missing tools/opensearch opensearch
check_says "lower-case letters" "tools/s3: a bucket that cannot be is refused" tools/s3 bucket No_Bucket --data "$scratch/data"
bare_flink() { env -i PATH="$scratch/bin" HOME="$scratch" tools/flink "$@"; }
check_says "tools/flink lab FLAGS" "tools/flink: --help shows the commands" tools/flink --help
check_status 2 "tools/flink: no command is misuse" tools/flink
check_status 2 "tools/flink: a number of cases that is none is misuse" tools/flink compare --cases many
check_status 2 "tools/flink: a seed that is missing is misuse" tools/flink compare --seed
check_status 1 "tools/flink: without Java it does nothing" bare_flink lab --window global
check_says "java is not installed. It is needed only here; to install it, type: tools/setup --dev" "tools/flink: and says what to type" bare_flink fetch
check_says "it does not run; start it: tools/s3 up" "tools/s3: there is no environment without a server" tools/s3 environment --data "$scratch/data"
finish

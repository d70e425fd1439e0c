#!/bin/sh
# tools/opensearch: what it says before there is a JVM. That it runs an engine is seen by make test-search.
. tools/tests/lib/tap.sh

# The few commands that tools/opensearch itself uses, without java and mvn.
mkdir "$scratch/bin"
for command in bash sh cat dirname head mkdir mktemp ps rm sed tail; do
    ln -s "$(command -v $command)" "$scratch/bin/$command"
done
bare() { env -i PATH="$scratch/bin" HOME="$scratch" tools/opensearch "$@" --data "$scratch/opensearch"; }
fake() {
    printf '#!/bin/sh\n%s\n' "$2" >"$scratch/bin/$1"
    chmod +x "$scratch/bin/$1"
}

check_says "tools/opensearch up [--port N]" "--help shows the commands" tools/opensearch --help
check_status 2 "no command is misuse" tools/opensearch
check_status 2 "an unknown option is misuse" tools/opensearch up --nonsense
check_status 2 "a port that is no number is misuse" tools/opensearch up --port http
check_status 1 "status of an engine that does not run exits 1" bare status
check_says "down (data: $scratch/opensearch)" "and says so" bare status
check "down without an engine has nothing to do" bare down
check_status 1 "without Java it does not start" bare up
check_says "java is not installed. It is needed only here; to install it, type: tools/setup --dev" "and says what to type" bare up
fake java 'exit 0'
check_says "mvn is not installed." "without Maven too" bare up
fake mvn 'echo "[ERROR] Unknown host"; exit 1'
check_status 1 "a download that fails is a failure" bare up
check_says "is this machine online?" "which asks for the network" bare up
check_says "Unknown host" "and shows what Maven said" bare up
check "and leaves nothing that looks like a whole download" test ! -e "$scratch/.cache/weir/opensearch-$(tools/opensearch version)"
finish

# shellcheck shell=sh
# TAP for test scripts: source it from the repository's root, call the checks, end with `finish`.
#
#     . tools/tests/lib/tap.sh
#     check           "a file is there"  test -e build/bin/weir
#     check_status 2  "misuse exits 2"   build/bin/weir nonsense
#     check_says "Did you mean"  "a near miss is suggested"  build/bin/weir brokr
#     check           "it comes to be there"  wait_until test -e "$scratch/ready"
#     skip "reads from Kafka" "no broker answers"
#     finish
#
# `$scratch` is a fresh directory that is removed at the end; `at_end COMMAND` adds to that, e.g. at_end 'kill "$broker"'.
# The last output of a check is in `$output`.

set -eu

checks=0
failures=0
output=''
scratch=$(mktemp -d)
last_things=''
# A failing command in a trap would change the script's exit status.
trap 'eval "$last_things" || :; rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM

# at_end COMMAND: evaluated when the script ends, however it ends; its success does not matter.
at_end() {
    last_things="$last_things { $1; } 2>/dev/null || :;"
}

# verdict PASSED DESCRIPTION [NOTE]
verdict() {
    checks=$((checks + 1))
    if [ "$1" = 0 ]; then
        printf 'ok %d - %s\n' "$checks" "$2"
        return
    fi
    failures=$((failures + 1))
    printf 'not ok %d - %s\n' "$checks" "$2"
    printf '%s\n%s\n' "${3-}" "$output" | sed 's/^/#   /'
}

# check DESCRIPTION COMMAND…: it succeeds.
check() {
    check_status 0 "$@"
}

# check_status STATUS DESCRIPTION COMMAND…
check_status() {
    wanted=$1 description=$2 status=0
    shift 2
    output=$("$@" 2>&1 </dev/null) || status=$?
    verdict "$([ "$status" = "$wanted" ] && echo 0 || echo 1)" "$description" "exit status $status, expected $wanted, of: $*"
}

# check_says TEXT DESCRIPTION COMMAND…: the output of both streams has TEXT in it, whatever the exit status.
check_says() {
    text=$1 description=$2
    shift 2
    output=$("$@" 2>&1 </dev/null) || :
    case $output in
    *"$text"*) verdict 0 "$description" ;;
    *) verdict 1 "$description" "expected \"$text\" in the output of: $*" ;;
    esac
}

# wait_until COMMAND…: again and again until it succeeds, silently. Fails after a minute, which a test that works never needs.
wait_until() {
    tries=0
    until "$@" >/dev/null 2>&1; do
        tries=$((tries + 1))
        [ $tries -lt 600 ] || return 1
        sleep 0.1
    done
}

# skip DESCRIPTION REASON
skip() {
    checks=$((checks + 1))
    printf 'ok %d - %s # SKIP %s\n' "$checks" "$1" "$2"
}

finish() {
    printf '1..%d\n' "$checks"
    [ "$failures" = 0 ]
}

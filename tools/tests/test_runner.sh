#!/bin/sh
# The test runner counts, and is not fooled.
. tools/tests/lib/tap.sh

# program NAME TEXT…: a script in $scratch that runs TEXT.
program() {
    printf '#!/bin/sh\n%s\n' "$2" >"$scratch/$1"
    chmod +x "$scratch/$1"
}
run() { env CI= tools/checks/run-tests "$@"; }
last_line() { run "$@" 2>&1 | tail -n 1; }

program check_good 'echo "100%: Checks: 3, Failures: 0, Errors: 0"'
program check_bad 'echo "50%: Checks: 4, Failures: 1, Errors: 1"; exit 1'
program check_skips 'echo "# SKIP no broker"; echo "100%: Checks: 2, Failures: 0, Errors: 0"'
program tap_good 'echo "ok 1 - a"; echo "ok 2 - b # SKIP no terminal"'
program tap_bad 'echo "ok 1 - a"; echo "not ok 2 - b"'
program silent 'exit 0'
program dies 'echo "ok 1 - a"; exit 3'
program hangs 'sleep 1000'

check_says "3 passed, 0 failed, 0 skipped" "Check suites are counted" last_line "$scratch/check_good"
check_says "2 passed, 2 failed, 0 skipped" "failures and errors are failures" last_line "$scratch/check_bad"
check_says "1 passed, 0 failed, 1 skipped" "a Check test may say that it skips" last_line "$scratch/check_skips"
check_says "1 passed, 0 failed, 1 skipped" "TAP lines are counted" last_line "$scratch/tap_good"
check_says "1 passed, 1 failed, 0 skipped" "not ok is a failure" last_line "$scratch/tap_bad"
check_says "7 passed, 3 failed, 1 skipped" "several programs are summed" \
    last_line "$scratch/check_good" "$scratch/check_bad" "$scratch/tap_good" "$scratch/tap_bad"
check_says "0 passed, 1 failed" "a program without counts has failed" last_line "$scratch/silent"
check_says "1 passed, 1 failed" "so has one that exits otherwise" last_line "$scratch/dies"
check_says "exit status 3" "which is said" run "$scratch/dies"
check_says "stopped after 1 s" "one that hangs is stopped" env WEIR_TEST_TIMEOUT=1 tools/checks/run-tests "$scratch/hangs"
check_status 0 "success exits 0" run "$scratch/check_good"
check_status 1 "a failure exits 1" run "$scratch/check_bad" "$scratch/check_good"
check_status 1 "in CI a skip exits 1" env CI=true tools/checks/run-tests "$scratch/tap_good"
check_status 1 "nothing at all exits 1" run
finish

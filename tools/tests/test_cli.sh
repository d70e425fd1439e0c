#!/bin/sh
# The weir command itself: help, version, unknown commands.
. tools/tests/lib/tap.sh
weir=build/bin/weir

check "--help succeeds" $weir --help
check_says "doctor " "--help lists the commands" $weir --help
check_says "weir 0." "--version prints the version" $weir --version
check_status 2 "no command is misuse" $weir
check_status 2 "an unknown command is misuse" $weir nonsense
check_says "Did you mean 'doctor'?" "a near miss gets a suggestion" $weir docter
check_says "\`weir --help\` lists them" "an unknown command points to the list" $weir nonsense
check_status 2 "help of an unknown command is misuse" $weir help nonsense

for command in $(sed -n 's/^WEIR_COMMAND(\([a-z]*\),.*/\1/p' tools/commands.def); do
    check "weir $command --help succeeds" $weir "$command" --help
    check_says "sage: weir $command" "weir help $command shows its usage" $weir help "$command"
    check_says "weir 0." "weir $command --version prints the version" $weir "$command" --version
    check_status 2 "weir $command refuses an unknown option" $weir "$command" --no-such-option
done
finish

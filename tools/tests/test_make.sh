#!/bin/sh
# The makefile: its help, its modes, and that a lesson sees only public headers.
. tools/tests/lib/tap.sh

# Make as typed by hand, not as a part of the make that runs this test.
typed() { env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u MAKEOVERRIDES make --no-print-directory "$@"; }

for target in all lib test test-kafka demo check hint verify-course bench layers headers format lint clean; do
    check_says "make $target " "make help lists $target" typed help
done
check_says "is not one of release, debug, asan, tsan" "an unknown MODE is refused" typed MODE=fast help
check_says "CC=no-such-compiler: not installed" "a compiler that is not there is named" typed CC=no-such-compiler BUILD="$scratch/build" lib

# One object in a folder of its own: what is built is not built again, other flags build again.
# shellcheck disable=SC2120  # arguments come through the checks
one_object() { typed BUILD="$scratch/build" "$scratch/build/obj/tools/weir.o" "$@" && echo built; }
check_says "CC    tools/weir.c" "an object is built" one_object
one_object >"$scratch/again"
check "and not built again" test "$(cat "$scratch/again")" = built
check_says "CC    tools/weir.c" "other CFLAGS build it again" one_object CFLAGS=-DOTHER

compile_lesson() {
    printf '#include %s\nint main(void) { return 0; }\n' "$1" | gcc -std=c17 -D_POSIX_C_SOURCE=200809L -Ilib/include -x c - -o /dev/null
}
check "a lesson may include <weir/weir.h>" compile_lesson '<weir/weir.h>'
check_status 1 "but nothing of the library's inside" compile_lesson '"base/mem.h"'
finish

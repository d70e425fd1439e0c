#!/bin/sh
# make layers and make headers catch what they exist for; a lesson's program can be read in one sitting; and documents share no file.
. tools/tests/lib/tap.sh

# A small tree with the real LAYERS; put FILE TEXT writes a file into it.
put() {
    mkdir -p "$scratch/$(dirname "$1")"
    printf '%s\n' "$2" >"$scratch/$1"
}
reset() {
    rm -rf "$scratch"
    put lib/LAYERS "$(cat lib/LAYERS)"
}
layers() { tools/checks/layers "$scratch"; }
headers() { WEIR_ROOT=$scratch tools/checks/headers; }

check "this tree obeys lib/LAYERS" tools/checks/layers
check "no program of a lesson has more than 150 lines" sh -c 'for program in lessons/0*/*.c; do [ "$(wc -l <"$program")" -le 150 ] || exit 1; done'

# Lesson 6's commands run beside those of the other documents (test_docs.sh), in the same build folder.
files_of() { grep -oh 'build/[A-Za-z0-9_.-]*' "$@" | grep -v -e '^build/bin$' -e '^build/$' | sort -u; }
files_of lessons/06-*/README.md >"$scratch/six"
for document in README.md lessons/*/README.md exercises/README.md; do
    case $document in
    lessons/06-*) ;;
    *) files_of "$document" ;;
    esac
done | sort -u >"$scratch/others"
output=$(comm -12 "$scratch/six" "$scratch/others")
verdict "$([ -z "$output" ] && echo 0 || echo 1)" "documents whose commands run at the same time share no file" "both use:"

reset
put lib/state/heap.c '#include "base/mem.h"
#include "state/heap.h"
#include <weir/state.h>
#include <string.h>'
check "allowed includes pass" layers

reset
put lib/base/mem.c '#include "types/type.h"'
check_says "lib/base/mem.c:1: types/type.h: base may not include types" "a module below includes one above" layers
check_status 1 "and that fails" layers

reset
put lib/operator/map.c '  #  include "runtime/task.h"'
check_status 1 "operator may not include runtime, however the include is spaced" layers

reset
put lib/window/tumbling.c '#include <jansson.h>'
check_says "only format may include it" "a third-party header stays in its module" layers

reset
put lib/format/json.c '#include <jansson.h>'
check "which may include it" layers

reset
put lib/format/yaml.c '#include <yaml.h>'
check_says "without a line in lib/LAYERS" "a new third-party header needs a line" layers

reset
put lib/gadgets/gadget.c '#include <stdio.h>'
check_says "module gadgets has no line" "a new module needs a line" layers

reset
put lessons/03-windows/page-views.c '#include "base/mem.h"'
check_status 1 "a lesson may not look inside the library" layers

reset
put lib/include/weir/secret.h '#include "base/mem.h"'
check_status 1 "a public header may not either" layers

reset
put lib/include/weir/good.h '#pragma once
#include <stdint.h>
static inline int64_t good(void) { return 1; }'
check "a header that includes what it uses compiles alone" headers

put lib/base/bad.h 'struct bad { int64_t field; };'
check_status 1 "one that does not is caught" headers
check_says "base/bad.h does not compile alone" "by name" headers

finish

#!/bin/sh
# --plan of every lesson program: text, JSON and DOT are well-formed and say the same, with one subtask and with three.
. tools/tests/lib/tap.sh

if ! command -v python3 >/dev/null; then
    skip "plans are well-formed" "python3 is not installed (tools/setup --dev)"
    finish
    exit
fi
programs=$(for source in lessons/*/*.c; do basename "$source" .c; done)

# render PROGRAM PARALLELISM: into files of $scratch.
render() {
    for form in text json dot; do
        "build/bin/$1" "--plan=$form" --parallelism "$2" >"$scratch/$1-$2.$form" 2>&1 </dev/null || echo "$scratch/$1-$2: --plan=$form fails"
    done
}

for program in $programs; do
    render "$program" 1
    render "$program" 3
done >"$scratch/wrong"
# shellcheck disable=SC2046  # words
python3 tools/tests/lib/plan.py $(for program in $programs; do echo "$scratch/$program-1" "$scratch/$program-3"; done) >>"$scratch/wrong"

for program in $programs; do
    output=$(grep "^$scratch/$program-[13]: " "$scratch/wrong" || :)
    verdict "$([ -z "$output" ] && echo 0 || echo 1)" "$program: three renderings of one plan"
done

# What the check is for: another parallelism in JSON, an arrow from nowhere, a quote that is not closed.
render two-shops 3
sed -i 's/"parallelism":3/"parallelism":2/' "$scratch/two-shops-3.json"
sed -i 's/op2 -> op3/op9 -> op3/; s/label="Print"/label="Print/' "$scratch/two-shops-3.dot"
output=$(python3 tools/tests/lib/plan.py "$scratch/two-shops-3" | sed "s,^$scratch/two-shops-3: ,," | cut -c 1-5 | sort -u | tr '\n' ' ')
verdict "$([ "$output" = "head  links not D tasks " ] && echo 0 || echo 1)" "what is wrong is noticed"
finish

#!/bin/sh
# weir grade: reports, points, seeds, hints, progress, reset, submissions, and a course that notices when it is out of order.
. tools/tests/lib/tap.sh
chmod 755 "$scratch" # the learner's code may run as nobody
export TMPDIR="$scratch"
weir=$PWD/build/bin/weir
course=$scratch/course

# A course of our own, so that nobody's work and progress are touched.
mkdir "$course"
cp -R exercises solutions lessons "$course"
rm -f "$course/exercises/progress.txt"
cp "solutions/3.2-page-stats/starter/page_stats.c" "$course/exercises/3.2-page-stats/page_stats.c"
ln -s "$PWD/build" "$course/build"
cd "$course"
file=exercises/3.2-page-stats/page_stats.c
solution=solutions/3.2-page-stats/page_stats.c
grade="$weir grade --no-build"

# ---- the starter

check_status 1 "an untouched starter is a failure" $grade 3.2
check_says "0/20  not started" "and is called not started" $grade 3.2
check_says "<- first difference" "the first difference is marked" $grade 3.2
check_says "event time" "the events are a timeline" $grade 3.2
check_says "make hint EX=3.2" "the way to a hint is shown" $grade 3.2
check_says "lessons/03-windows/README.md" "and the lesson that explains it" $grade 3.2
check_says "SEED=77" "and the seed" $grade 3.2 --seed 77
check_says "after counts_every_event" "a test that needs another waits for it" $grade 3.2
check_says '"status":"skipped"' "--json says so too" $grade 3.2 --json
check_says '"max_points":20' "and how many points there are" $grade 3.2 --json
check_says "Next: 3.2" "--next names the exercise" $weir grade --next
check_says "not started" "--list shows where one is" $weir grade --list

# ---- a mistake that only random streams find

sed 's/stats->last_event = WEIR_TIME_MIN/stats->last_event = 0/' $solution >$file
check_says "shrunk to 1; in order of arrival" "a random failure is shrunk to the smallest stream" $grade 3.2 --seed 5
check_says "Seed 5, random stream" "and says its seed" $grade 3.2 --seed 5
check_says "on 1969-12-31 (UTC)" "and the day, when it is not the first" $grade 3.2 --seed 5
$grade 3.2 --seed 5 >"$scratch/once" || :
check "the same seed gives the same report" sh -c "$grade 3.2 --seed 5 | cmp - '$scratch/once'"
check_says "11/20  in progress" "tests that pass keep their points" $grade 3.2 --seed 5
check_says "points 11/20" "progress is kept" cat exercises/progress.txt

# ---- what learners try

sed 's/    stats->events++;/    static int64_t events; stats->events = ++events;/' $solution >$file
check_says "is something kept in a static variable?" "state in a static variable is suspected" $grade 3.2
sed 's/    stats->events++;/    printf("saw %.*s\\n", WEIR_STR_ARG(event->user_id));/; 1i #include <stdio.h>' $solution >$file
check_says "| saw ann" "what was printed is shown beside a failure" $grade 3.2

# ---- what cannot be built

sed 's/stats->events++;/stats->events++/' $solution >$file
check_status 1 "a compile error is a failure" $grade 3.2
check_says "exercises/3.2-page-stats/page_stats.c:" "and shows the file" $grade 3.2
check_says "expected" "and the compiler's first error" $grade 3.2
check_says "0/10      0/20  does not build" "and costs the exercise" $grade 3.2
sed 's/^const struct weir_aggregate/static const struct weir_aggregate/' $solution >$file
check_says "page_stats_aggregate" "a missing export is named" $grade 3.2
rm $file
check_says "page_stats.c is not there" "a missing file is named" $grade 3.2

# ---- the solution

sed 's/(void)user;/int unused; (void)user;/' $solution >$file
check "a warning costs nothing" $grade 3.2
cp $solution $file
check "the solution passes" $grade
check_says "10/10     20/20  passed" "with all points" $grade page-stats
check_says "passed" "--list remembers" $weir grade --list
check_says "All exercises are done" "--next has nothing left" $weir grade --next
check "it works in a folder of the course too" sh -c "cd exercises/3.2-page-stats && $grade 3.2-page-stats"
check_says '"sandbox":"none"' "--json says when there was no sandbox" $grade --json --no-sandbox
check_says "self-check" "and so does the report" $grade --no-sandbox

# ---- submissions

mkdir -p "$scratch/in/exercises/3.2-page-stats"
cp $solution "$scratch/in/exercises/3.2-page-stats"
echo '#error "not this one"' >"$scratch/in/exercises/3.2-page-stats/page_stats.h"
cp solutions/3.2-page-stats/starter/page_stats.c $file
before=$(cat exercises/progress.txt)
check "of a submission only the learner's files are taken" $grade --submission "$scratch/in"
check "a submission is not our progress" test "$before" = "$(cat exercises/progress.txt)"

# ---- hints and reset

check_says "hint 1 A nudge" "the first hint is a nudge" $weir grade --hint 3.2
check_says "hint 2 The idea" "the next is the idea" $weir grade --hint 3.2
check_says "weir_string_set_merge" "--level picks one" $weir grade --hint 3.2 --level 3
check_says "3.2 hint 3" "hints are recorded" cat exercises/progress.txt
check_status 2 "there is no fourth level" $weir grade --hint 3.2 --level 4
echo "/* mine */" >>$file
check_status 2 "reset asks, so it needs a terminal" $weir grade --reset 3.2
check "or --yes" $weir grade --reset 3.2 --yes
check "the starter is back" cmp $file solutions/3.2-page-stats/starter/page_stats.c
check_says "/* mine */" "and the work is kept" cat $file.backup-1

# ---- misuse

check_status 2 "an unknown exercise is misuse" $grade 9.9
check_says "there is no exercise '9.9'" "and is named" $grade 9.9
check_status 2 "a seed is a number" $grade --seed many
check_status 2 "a hint is for one exercise" $weir grade --hint
check_status 1 "outside of a course there is nothing to grade" sh -c "cd / && $weir grade --list"

# ---- the course checks itself

check "the course is in order" $grade --verify --cc gcc
sed -i 's/^with text: .*/with text: what it never says/' solutions/3.2-page-stats/mutants/tie-to-last-seen.mutant
check_status 1 "a mutant that fails with another text is noticed" $grade --verify --cc gcc
check_says "FAIL  mutant tie-to-last-seen" "and named" $grade --verify --cc gcc
cp $solution solutions/3.2-page-stats/starter/page_stats.c
check_says "it passes counts_every_event" "a starter that passes a test is noticed" $grade --verify --cc gcc
sed -i '0,/"counts_every_event"/s//"counts_no_event"/' exercises/manifest.json
check_says "FAIL  the manifest and the judge name the same tests" "so is a manifest that names others" $grade --verify --cc gcc
finish

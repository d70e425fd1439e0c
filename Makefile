# Weir's one makefile. `make help` lists the targets; CONTRIBUTING.md says how they fit together.
#
#   MODE=release | debug | asan | tsan     release lands in build/, the others in build/$(MODE)/
#   CC=gcc | clang     WERROR=1 (default when CI=true)     CFLAGS=…, LDFLAGS=… are appended
#
# What the machine lacks is found and installed by tools/setup, which writes build/config.mk. Make reads
# that file, remakes it when it is missing and starts again: so one `make` is enough on a bare machine.

MODE   ?= release
WERROR ?= $(if $(filter true,$(CI)),1,0)
ifeq ($(origin CC),default)
CC := gcc
endif
.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:

# One job a core, unless make was told how many.
CORES := $(shell nproc 2>/dev/null || echo 2)
ifeq ($(MAKELEVEL)$(findstring j,$(firstword -$(MAKEFLAGS))),0)
MAKEFLAGS += -j$(CORES)
endif

# ---- flags

MODE_FLAGS_release := -O2 -g -fno-omit-frame-pointer
MODE_FLAGS_debug   := -O0 -g3
MODE_FLAGS_asan    := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
MODE_FLAGS_tsan    := -O1 -g -fno-omit-frame-pointer -fsanitize=thread
MODE_FLAGS         := $(MODE_FLAGS_$(MODE))
ifeq ($(MODE_FLAGS),)
$(error MODE=$(MODE) is not one of release, debug, asan, tsan)
endif

STD      := -std=c17 -D_POSIX_C_SOURCE=200809L -pthread
WARNINGS := -Wall -Wextra -Wvla -Wstrict-prototypes $(if $(filter 1,$(WERROR)),-Werror)
MODE_NOTE := $(if $(filter-out release,$(MODE)),  ($(MODE)))
# Ours, and not a learner's, is also free of these.
STRICT   := -Wshadow -Wmissing-prototypes -Wpointer-arith -Wundef
COMPILE   = $(CC) $(STD) $(WARNINGS) $(STRICT) $(MODE_FLAGS) $(CFLAGS) -MMD -MP
LINK      = $(CC) -pthread $(MODE_FLAGS) $(LDFLAGS) -Wl,--as-needed

# Who sees which headers: a lesson sees the public ones and nothing else.
LIB_INCLUDES    := -Ilib/include -Ilib
TOOL_INCLUDES   := -Ilib/include -Ilib -Itools -Iexercises
LESSON_INCLUDES := -Ilib/include

# ---- what there is to build

# build/ for release, build/asan, build/asan-clang, … for the others: $(call folder,MODE,COMPILER)
folder = $(if $(filter release,$1),build,build/$1$(if $(filter-out gcc,$(notdir $2)),-$(notdir $2)))
BUILD := $(call folder,$(MODE),$(CC))
OBJ   := $(BUILD)/obj
BIN   := $(BUILD)/bin
LIB   := $(BUILD)/lib/libweir.a

MODULES    := $(shell sed -n 's/^\([a-z]*\):.*/\1/p' lib/LAYERS)
LIB_SRC    := $(wildcard $(MODULES:%=lib/%/*.c))
TOOL_SRC   := $(filter-out tools/tests/% tools/bench/% tools/oracle/%,$(wildcard tools/*/*.c))
BENCH_SRC  := $(wildcard tools/bench/*.c)
ORACLE_SRC := $(wildcard tools/oracle/*.c)
LESSON_SRC := $(wildcard lessons/*/*.c)
UNIT_SRC   := $(filter-out lib/tests/test_kafka_%,$(wildcard lib/tests/test_*.c))
CTOOL_SRC  := $(wildcard tools/tests/test_*.c)
SCRIPTS    := $(wildcard tools/tests/*.sh)
# These need a real Kafka: make test-kafka, and not make test.
KAFKA_SRC     := $(wildcard lib/tests/test_kafka_*.c)
KAFKA_SCRIPTS := $(wildcard tools/tests/kafka/*.sh)
# These need an object store: make test-s3.
S3_SCRIPTS    := $(wildcard tools/tests/s3/*.sh)
GRADING_SRC := $(filter-out exercises/grading/runner%,$(wildcard exercises/grading/*.c))
RUNNER_SRC  := $(wildcard exercises/grading/runner*.c) exercises/grading/stream.c
JUDGE_SRC   := $(wildcard exercises/*/test_*.c)
SUBJECT_SRC := $(wildcard exercises/*/run_*.c)
SOURCES    := $(LIB_SRC) $(TOOL_SRC) tools/weir.c $(BENCH_SRC) $(ORACLE_SRC) $(LESSON_SRC) $(UNIT_SRC) $(KAFKA_SRC) $(CTOOL_SRC) \
              $(GRADING_SRC) $(RUNNER_SRC) $(JUDGE_SRC) $(SUBJECT_SRC)

# Not under TSan: librdkafka starts C11 threads, which it does not see; and it loses signals: of 20 000 that were sent to a program
# of twenty lines that starts threads, its handler saw all but two. So processes that wait for each other's signals wait for ever.
NOT_UNDER_TSAN := lib/tests/test_connector_kafka% lib/tests/test_runtime_cluster.c
ifeq ($(MODE),tsan)
UNIT_SRC := $(filter-out $(NOT_UNDER_TSAN),$(UNIT_SRC))
endif
# make test T=window: only what has "window" in its name.
ifneq ($(T),)
UNIT_SRC  := $(foreach s,$(UNIT_SRC),$(if $(findstring $(T),$(notdir $s)),$s))
CTOOL_SRC := $(foreach s,$(CTOOL_SRC),$(if $(findstring $(T),$(notdir $s)),$s))
SCRIPTS   := $(foreach s,$(SCRIPTS),$(if $(findstring $(T),$(notdir $s)),$s))
KAFKA_SRC := $(foreach s,$(KAFKA_SRC),$(if $(findstring $(T),$(notdir $s)),$s))
KAFKA_SCRIPTS := $(foreach s,$(KAFKA_SCRIPTS),$(if $(findstring $(T),$(notdir $s)),$s))
S3_SCRIPTS := $(foreach s,$(S3_SCRIPTS),$(if $(findstring $(T),$(notdir $s)),$s))
endif

LIB_OBJ    := $(LIB_SRC:%.c=$(OBJ)/%.o)
TOOL_OBJ   := $(TOOL_SRC:%.c=$(OBJ)/%.o)
LESSONS    := $(foreach s,$(LESSON_SRC),$(BIN)/$(basename $(notdir $s)))
UNIT_TESTS := $(UNIT_SRC:lib/tests/%.c=$(BUILD)/tests/%)
KAFKA_TESTS := $(KAFKA_SRC:lib/tests/%.c=$(BUILD)/tests/%)
TOOL_TESTS := $(CTOOL_SRC:tools/tests/%.c=$(BUILD)/tests/%)
BENCH      := $(if $(BENCH_SRC),$(BIN)/weir-bench)
ORACLE     := $(if $(ORACLE_SRC),$(BIN)/weir-oracle)
GRADING    := $(BUILD)/lib/libgrading.a
RUNNER     := $(BUILD)/lib/librunner.a
JUDGES     := $(foreach s,$(JUDGE_SRC),$(BUILD)$(patsubst %/,/%,$(dir $s))/judge)
SUBJECTS   := $(SUBJECT_SRC:%.c=$(OBJ)/%.o)

.PHONY: all
all: $(LIB) $(BIN)/weir $(LESSONS) $(BENCH) $(ORACLE)  ## the library, the weir command, the lesson programs (default)

.PHONY: lib
lib: $(LIB)  ## only the library

# ---- setup: packages and their flags

NO_SETUP := help clean setup layers format format-check
TESTING  := $(filter test test-kafka test-s3 test-registry test-search soak,$(MAKECMDGOALS))
ifneq ($(filter-out $(NO_SETUP),$(or $(MAKECMDGOALS),all)),)
include build/config.mk
endif
ifneq ($(TESTING),)
include build/test-tools.mk
endif

build/config.mk: tools/setup tools/packages.def
	@CC='$(CC)' tools/setup $(if $(TESTING),--test) --config $@

# After config.mk, never beside it: two package managers at once lock each other out.
build/test-tools.mk: tools/setup build/config.mk
	@CC='$(CC)' tools/setup --test && touch $@

.PHONY: setup
setup:  ## find and install what is missing (tools/setup --check only looks)
	@CC='$(CC)' tools/setup --test

# ---- compiling and linking

# Changed flags or a source that came or went must rebuild what depends on them.
FLAGS = $(COMPILE) $(LINK) $(LIB_CFLAGS) $(NCURSES_CFLAGS) $(LIBS) $(NCURSES_LIBS) $(CHECK_LIBS)
define stamp
@mkdir -p $(@D)
@printf '%s\n' '$1' | cmp -s - $@ || printf '%s\n' '$1' > $@
endef
$(BUILD)/flags: FORCE
	@command -v $(firstword $(CC)) >/dev/null || { echo "CC=$(CC): not installed; see tools/setup --check"; exit 1; }
	$(call stamp,$(FLAGS))
$(BUILD)/sources: FORCE
	$(call stamp,$(LIB_SRC) $(TOOL_SRC) $(BENCH_SRC) $(ORACLE_SRC) $(GRADING_SRC) $(RUNNER_SRC))
.PHONY: FORCE
FORCE:

$(OBJ)/lib/%.o:     INCLUDES = $(LIB_INCLUDES) $(LIB_CFLAGS)
$(OBJ)/lib/tests/%.o: INCLUDES = $(LIB_INCLUDES) $(LIB_CFLAGS) $(CHECK_CFLAGS)
$(OBJ)/tools/%.o:   INCLUDES = $(TOOL_INCLUDES) $(LIB_CFLAGS) $(NCURSES_CFLAGS)
$(OBJ)/tools/bench/%.o: INCLUDES = $(LIB_INCLUDES) $(LIB_CFLAGS)
$(OBJ)/tools/oracle/%.o: INCLUDES = $(LESSON_INCLUDES) -Itools
$(OBJ)/tools/tests/%.o: INCLUDES = $(TOOL_INCLUDES) $(LIB_CFLAGS) $(NCURSES_CFLAGS) $(CHECK_CFLAGS)
$(OBJ)/lessons/%.o: INCLUDES = $(LESSON_INCLUDES)
$(OBJ)/exercises/%.o: INCLUDES = $(LIB_INCLUDES) -Iexercises/grading $(CHECK_CFLAGS)

$(OBJ)/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	@echo "  CC    $<$(MODE_NOTE)"
	@$(COMPILE) $(INCLUDES) -c $< -o $@

$(LIB): $(LIB_OBJ) $(BUILD)/sources
	$(archive)

define archive
@mkdir -p $(@D)
@echo "  AR    $@"
@rm -f $@ && ar rcs $@ $(filter %.o,$^)
endef

define link
@mkdir -p $(@D)
@echo "  LINK  $@"
@$(LINK) $(filter %.o,$^) $(filter-out $(LIB),$(filter %.a,$^)) $(LIB) $1 -o $@
endef

$(GRADING): $(GRADING_SRC:%.c=$(OBJ)/%.o) $(BUILD)/sources
	$(archive)

$(BIN)/weir: $(OBJ)/tools/weir.o $(TOOL_OBJ) $(GRADING) $(LIB) $(BUILD)/sources
	$(call link,$(LIBS) $(NCURSES_LIBS))

$(BIN)/weir-bench: $(BENCH_SRC:%.c=$(OBJ)/%.o) $(LIB) $(BUILD)/sources
	$(call link,$(LIBS))

$(BIN)/weir-oracle: $(ORACLE_SRC:%.c=$(OBJ)/%.o) $(LIB) $(BUILD)/sources
	$(call link,$(LIBS))

define lesson_rule
$(BIN)/$(basename $(notdir $1)): $(OBJ)/$(1:.c=.o) $(LIB)
	$$(call link,$$(LIBS))
endef
$(foreach s,$(LESSON_SRC),$(eval $(call lesson_rule,$s)))

$(UNIT_TESTS) $(KAFKA_TESTS): $(BUILD)/tests/%: $(OBJ)/lib/tests/%.o $(LIB)
	$(call link,$(CHECK_LIBS) $(LIBS))

$(TOOL_TESTS): $(BUILD)/tests/%: $(OBJ)/tools/tests/%.o $(TOOL_OBJ) $(GRADING) $(LIB)
	$(call link,$(CHECK_LIBS) $(LIBS) $(NCURSES_LIBS))

-include $(patsubst %.c,$(OBJ)/%.d,$(SOURCES))

# ---- exercises: a judge for each, and what a learner's file is compiled and linked with (exercises/grading/README.md)

$(RUNNER): $(RUNNER_SRC:%.c=$(OBJ)/%.o) $(BUILD)/sources
	$(archive)

define judge_rule
$(BUILD)$(patsubst %/,/%,$(dir $1))/judge: $(OBJ)/$(1:.c=.o) $(GRADING) $(LIB)
	$$(call link,$$(CHECK_LIBS) $$(LIBS))
endef
$(foreach s,$(JUDGE_SRC),$(eval $(call judge_rule,$s)))

.PHONY: judges
judges: $(JUDGES)

# Read by `weir grade`: how to compile a learner's file (a warning costs no points), and what to link it with. Where UBSan's object
# sizes and ASan both see a mistake, ASan says more about it.
KIT_COMPILE = $(CC) $(STD) $(filter-out -Werror,$(WARNINGS)) $(MODE_FLAGS) $(CFLAGS) -fno-sanitize=object-size -I$(CURDIR)/lib/include
KIT_LINK = $(LINK)
KIT_ARCHIVES = $(CURDIR)/$(RUNNER) $(CURDIR)/$(LIB) $(LIBS)
.PHONY: kit
kit: $(LIB) $(RUNNER) $(SUBJECTS) build/config.mk
	@printf 'compile=%s\nlink=%s\narchives=%s\n' '$(KIT_COMPILE)' '$(KIT_LINK)' '$(KIT_ARCHIVES)' > $(BUILD)/kit

# Sanitized, a folder for each compiler.
kit-%: build/config.mk
	@$(MAKE) --no-print-directory MODE=asan CC=$* BUILD=$(call folder,asan,$*) kit

# ---- using it

.PHONY: demo
demo: all  ## broker, producer, lesson 3 and the visualizer; without a terminal, plain lines
	@tools/demo/demo.sh

.PHONY: bench
bench: all  ## events a second a core, as ratios measured in one run
	@$(BIN)/weir-bench

# ---- the learner's loop

EX    ?=
GRADE  = $(BIN)/weir grade
.PHONY: check verify-course hint list next reset
check: all judges kit-$(CC)  ## grades your exercises; EX=3.2 only that one, SEED=n replays its random streams
	@$(GRADE) --no-build --cc $(CC) $(EX) $(if $(SEED),--seed $(SEED))
hint: all  ## a hint for EX=3.2; LEVEL=1, 2, 3 (default: the next one)
	@$(GRADE) --hint $(or $(EX),$(error which exercise? make hint EX=3.2)) $(if $(LEVEL),--level $(LEVEL))
list: all  ## the exercises and how far you are
	@$(GRADE) --list
next: all  ## the exercise to do next
	@$(GRADE) --next
reset: all  ## puts the starter of EX=3.2 back; asks, and keeps a copy of yours
	@$(GRADE) --reset $(or $(EX),$(error which exercise? make reset EX=3.2))
verify-course: all judges kit-gcc $(if $(shell command -v clang),kit-clang)  ## starters fail, solutions pass, mutants are caught
	@$(GRADE) --no-build --verify $(EX)

# ---- tests

.PHONY: unit-tests tool-tests
unit-tests: $(UNIT_TESTS)
	@:
tool-tests: $(TOOL_TESTS)
	@:

# The kit is built in the same run as the tests of its folder: two makes in one folder would write the same files.
.PHONY: asan-tests tsan-tests
asan-tests: build/config.mk
	@$(MAKE) --no-print-directory MODE=asan BUILD=$(call folder,asan,$(CC)) unit-tests tool-tests kit
tsan-tests: build/config.mk
	@$(MAKE) --no-print-directory MODE=tsan BUILD=$(call folder,tsan,$(CC)) unit-tests

# Everything is built first, with all cores; then one runner counts unit tests, sanitized tests and scripts together.
.PHONY: test
test: all $(UNIT_TESTS) $(TOOL_TESTS) asan-tests tsan-tests judges  ## all tests; T=window runs only those with "window" in the name
	@tools/checks/run-tests $(UNIT_TESTS) $(TOOL_TESTS) $(SCRIPTS) \
	    $(UNIT_SRC:lib/tests/%.c=$(call folder,asan,$(CC))/tests/%) \
	    $(CTOOL_SRC:tools/tests/%.c=$(call folder,asan,$(CC))/tests/%) \
	    $(patsubst lib/tests/%.c,$(call folder,tsan,$(CC))/tests/%,$(filter-out $(NOT_UNDER_TSAN),$(UNIT_SRC)))

# One broker for all of them, on a port that nobody has; a JVM and Maven are needed only here.
.PHONY: test-kafka
test-kafka: all $(KAFKA_TESTS)  ## the tests that need a real Apache Kafka, which tools/kafka starts for them
	@tools/checks/run-kafka-tests $(KAFKA_TESTS) $(KAFKA_SCRIPTS)

.PHONY: test-s3
test-s3: all  ## the tests that need an object store, which tools/s3 starts for them
	@tools/checks/run-s3-tests $(S3_SCRIPTS)

.PHONY: test-registry
test-registry: $(BUILD)/tests/test_registry_client  ## the schema registry's client against a real registry, which is fetched and started for it
	@tools/checks/run-registry-test $<

.PHONY: test-search
test-search: all $(BUILD)/tests/test_lesson_search  ## lesson 3 with a real OpenSearch, which tools/opensearch fetches and starts for it
	@tools/checks/run-search-test $(BUILD)/tests/test_lesson_search

.PHONY: test-flink
test-flink: $(BIN)/weir $(ORACLE)  ## random cases through Weir's operators and Flink's own, which tools/flink fetches; CASES=300 SEED=n
	@tools/flink compare $(if $(CASES),--cases $(CASES)) $(if $(SEED),--seed $(SEED))
	@tools/flink operators $(if $(CASES),--cases $(CASES)) $(if $(SEED),--seed $(SEED))

# The random tests alone, at length: what a run found is repeated by the SEED that it printed (lib/tests/random_cases.h).
SOAK_SRC := $(shell grep -l 'random_cases\.h' $(UNIT_SRC) /dev/null) $(filter %_random.sh,$(SCRIPTS))
soak: export CASES := $(or $(CASES),20000)
soak: export SEEDS := $(or $(SEEDS),200)
.PHONY: soak
soak: $(BIN)/weir $(SOAK_SRC:lib/tests/%.c=$(BUILD)/tests/%)  ## random tests at length; CASES=20000 SEEDS=200, SEED=n repeats one, T=… MODE=…
	@WEIR=$(BIN)/weir CK_TIMEOUT_MULTIPLIER=100 WEIR_TEST_TIMEOUT=10000 tools/checks/run-tests $(filter-out $(BIN)/weir,$^)

.PHONY: test-list
test-list:
	@printf '%s\n' $(UNIT_SRC) $(CTOOL_SRC) $(SCRIPTS) $(KAFKA_SRC) $(KAFKA_SCRIPTS) $(S3_SCRIPTS)

# ---- house rules

.PHONY: layers
layers:  ## fails on an include that lib/LAYERS does not allow
	@tools/checks/layers

.PHONY: headers
headers: build/config.mk  ## every header compiles alone
	@tools/checks/headers $(LIB_CFLAGS)

.PHONY: format format-check
format:  ## formats every C file as .clang-format says
	@tools/checks/format
format-check:  ## fails on a file that is not so
	@tools/checks/format --check

.PHONY: docs-check
docs-check: all  ## runs every command that README and lessons show, and compares what is shown with what comes
	@tools/checks/docs-check

.PHONY: lint
lint: build/config.mk  ## clang-tidy, cppcheck, shellcheck
	@tools/checks/lint $(LIB_CFLAGS) $(NCURSES_CFLAGS)

.PHONY: clean
clean:  ## removes build/
	rm -rf build

.PHONY: help
help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile
	@echo "  MODE=release|debug|asan|tsan  CC=gcc|clang  WERROR=1"

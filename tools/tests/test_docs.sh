#!/bin/sh
# Every command that README.md and the lessons show, with the output that they show. Lesson 6 waits a lot, and has a test
# of its own, test_docs_production.sh.
documents=README.md
for document in lessons/*/README.md exercises/README.md; do
    case $document in
    lessons/06-*) ;;
    *) documents="$documents $document" ;;
    esac
done
# shellcheck disable=SC2086  # a word a document
exec tools/checks/docs-check $documents

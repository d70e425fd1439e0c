#!/bin/sh
# Every command that README.md and the lessons show, with the output that they show.
exec tools/checks/docs-check

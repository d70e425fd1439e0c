#!/bin/sh
# Every command that lesson 6 shows, with the output that it shows. What differs from run to run are numbers.
exec tools/checks/docs-check lessons/06-production-metrics/README.md

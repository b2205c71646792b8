#!/bin/sh
# Lists the agents at work: [--all]
exec "${AMPHI:-amphi}" agent list "$@"

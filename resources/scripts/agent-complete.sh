#!/bin/sh
# Says that an agent is done: --id ID [--commit] [-m TEXT]
exec "${AMPHI:-amphi}" agent complete "$@"

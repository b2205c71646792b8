#!/bin/sh
# Takes the locks of an agent, and so ends it: --id ID
exec "${AMPHI:-amphi}" release-locks "$@"

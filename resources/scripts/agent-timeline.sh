#!/bin/sh
# Shows what happened to the agents: [--id ID] [--limit N]
exec "${AMPHI:-amphi}" agent timeline "$@"

#!/bin/sh
# Shows all agents and open conflicts, or one agent: [--id ID]
exec "${AMPHI:-amphi}" agent status "$@"

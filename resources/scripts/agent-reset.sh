#!/bin/sh
# Ends all agents that were started by hand: [--yes] [--all]
exec "${AMPHI:-amphi}" reset "$@"

#!/bin/sh
# Prints the output of an agent: --id ID [--follow]
exec "${AMPHI:-amphi}" agent logs "$@"

#!/bin/sh
# Registers an agent and waits for its files: --name NAME --files GLOB... --priority 1-5 [--after ID] [--no-wait]
exec "${AMPHI:-amphi}" agent register "$@"

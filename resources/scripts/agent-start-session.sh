#!/bin/sh
# Registers and starts the agents of a session: --phase NAME
exec "${AMPHI:-amphi}" session start "$@"

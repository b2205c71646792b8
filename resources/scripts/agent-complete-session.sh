#!/bin/sh
# Completes the agents of a session: --phase NAME
exec "${AMPHI:-amphi}" session complete "$@"

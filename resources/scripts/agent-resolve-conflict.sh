#!/bin/sh
# Settles a conflict: --keep ID --terminate ID
exec "${AMPHI:-amphi}" resolve "$@"

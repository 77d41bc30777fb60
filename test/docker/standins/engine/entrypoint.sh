#!/bin/sh
# Some images are given a whole command, others only flags after their entry point.
case $1 in -* | '') exec /engine.sh "$@" ;; *) exec "$@" ;; esac

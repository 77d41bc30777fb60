#!/bin/sh
# A Gluetun that has no tunnel: a control server, and files in /state that say how it does. They survive a restart.
trap 'exit 0' TERM INT
export STATE=/state
if mkdir /state 2> /dev/null; then
  echo running > /state/vpn
  echo "${STANDIN_PORT-54321}" > /state/port
  echo "${STANDIN_IP-203.0.113.7}" > /state/ip
  echo "${STANDIN_AUTH-none}" > /state/auth
fi
mkdir -p /tmp

nc -ll -p "${HTTP_CONTROL_SERVER_PORT-8000}" -e /control.sh &
nc -ll -p 9999 -e /bin/true &
echo 'INFO [http server] http server listening on [::]:8000'

sleep "${STANDIN_HEALTHY_AFTER-0}" &
wait $!
[ -n "$STANDIN_START_UNHEALTHY" ] || [ -f /state/failed ] || : > /state/healthy
while :; do sleep 3600 & wait $!; done

#!/bin/sh
# An AceStream engine without the engine: binds its four ports, or says which is busy and exits with 1.
http=6878 https=6879 p2p=8621 api=62062
trap 'exit 0' TERM INT

# Flags come as words, or in the variables by which some images take them; "--flag=value" is two words as well.
set -- $(echo "$* $ACESTREAM_ARGS $EXTRA_FLAGS" | tr '=' ' ')
while [ $# -gt 0 ]; do
  case $1 in
    --http-port) http=$2 ;;
    --https-port) https=$2 ;;
    --port) p2p=$2 ;;
    --api-port) api=$2 ;;
  esac
  shift
done

[ "$STANDIN_CRASH" != boot ] || exit 1
sleep "${STANDIN_START_DELAY-0}" &
wait $!

for port in "$p2p" "$api" "$https" "$http"; do
  if grep -qi ":$(printf %04X "$port") [0-9A-F:]* 0A" /proc/net/tcp /proc/net/tcp6 2> /dev/null; then
    echo "failed to bind port $port: address already in use"
    exit 1
  fi
done

export STATE=/state/$http
rm -rf "$STATE"
mkdir -p "$STATE"
# PID 1 has to end itself: a handler that died of these would leave the container running.
trap 'exit "$(cat "$STATE/crash")"' USR1
trap 'x=oom; while :; do x=$x$x; done' USR2
for port in "$p2p" "$api" "$https"; do nc -ll -p "$port" -e /bin/true & done
nc -ll -p "$http" -e /handler.sh &
echo "VideoServer|start: addr=0.0.0.0 port=$http"
wait $!
exit 1

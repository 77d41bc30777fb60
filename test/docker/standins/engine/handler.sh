#!/bin/sh
# One request to the engine's HTTP API.
. /http.sh
after_change() {
  case $1 in crash) kill -USR1 1 ;; oom) kill -USR2 1 ;; *) : ;; esac
}
read_request
serve_test_files
[ ! -f "$STATE/hang" ] || exec sleep 100000
[ ! -f "$STATE/slow" ] || sleep "$(cat "$STATE/slow")"
[ ! -f "$STATE/http500" ] || reply '500 Internal Server Error' text/plain 'Internal Server Error
'
[ "$method" = GET ] || reply '501 Not Implemented' text/plain ''

say() { reply '200 OK' application/json "$1"; }
argument() { echo "$target" | sed -n "s/.*[?&]$1=\([^&]*\).*/\1/p"; }
version='"code": 3021100, "platform": "linux", "version": "3.2.11"'
session=$(basename "$path" .m3u8)
gone='{"response": null, "error": "unknown playback session id"}'

case $path in
  /webui/api/service | /server/api | /service/api)
    case $(argument method) in
      get_version) say "{\"result\": {$version}, \"error\": null}" ;;
      get_status) say "{\"result\": {\"playlist_loaded\": true, \"version\": {$version}}}" ;;
      get_network_connection_status)
        [ -f "$STATE/netdown" ] && up=false || up=true
        say "{\"result\": {\"connected\": $up}}" ;;
    esac
    say '{"error": {"message": "unknown method", "code": 0}}' ;;
  /search) say '{"result": {"total": 0, "results": [], "time": 0.01}}' ;;
  /ace/getstream | /ace/manifest.m3u8)
    content=$(argument id)$(argument infohash)
    if [ -z "$content" ] || [ -f "$STATE/noload" ]; then say '{"response": null, "error": "failed to load content"}'; fi
    hash=$(printf %s "$content" | sha1sum | cut -d' ' -f1)
    session=$(head -c 20 /dev/urandom | od -An -tx1 | tr -d ' \n')
    : > "$STATE/session-$session"
    at() { echo "http://$host/ace/$1/$hash/$session"; }
    playback=$(at r)
    [ "$path" = /ace/getstream ] || playback=$(at m).m3u8
    [ "$(argument format)" = json ] || reply '302 Found' text/plain '' "Location: $playback"
    say "{\"response\": {\"playback_url\": \"$playback\", \"stat_url\": \"$(at stat)\", \"command_url\": \"$(at cmd)\", \"infohash\": \"$hash\", \"playback_session_id\": \"$session\", \"is_live\": 1, \"is_encrypted\": 0, \"client_session_id\": -1}, \"error\": null}" ;;
  /ace/stat/*)
    [ -f "$STATE/session-$session" ] || say "$gone"
    say '{"response": {"status": "dl", "peers": 4, "speed_down": 257, "speed_up": 29, "downloaded": 1048576, "uploaded": 65536, "total_progress": 0, "is_live": 1}, "error": null}' ;;
  /ace/cmd/*)
    [ -f "$STATE/session-$session" ] || say "$gone"
    [ "$(argument method)" != stop ] || rm -f "$STATE/session-$session"
    say '{"response": "ok", "error": null}' ;;
  /ace/r/*)
    printf 'HTTP/1.1 200 OK\r\nContent-Type: video/mp2t\r\nConnection: close\r\n\r\n'
    # Null packets of MPEG-TS, until the session is stopped or the reader has gone.
    while [ -f "$STATE/session-$session" ]; do
      [ -f "$STATE/stall" ] || { printf 'G\037\377\020' && head -c 184 /dev/zero | tr '\000' '\377'; } || exit 0
      sleep 0.2
    done ;;
  *) reply '404 Not Found' text/plain 'Not Found
' ;;
esac

#!/bin/sh
# One request to the control server, answered as Gluetun 3.41.2 does.
. /http.sh
after_change() { :; }
read_request
serve_test_files
[ ! -f /state/hang ] || exec sleep 100000
[ ! -f /state/http500 ] || reply '500 Internal Server Error' text/plain 'internal error
'
plain='text/plain; charset=utf-8'
say() { reply "$1" "$plain" "$2
" "$3"; }
[ ! -f /state/nonsense ] || say '200 OK' '<html>It works!</html>'

status=$(cat /state/vpn)
ports= ip=
if [ "$status" = running ] && [ -f /state/healthy ]; then
  ports=$(tr ' ' ',' < /state/port)
  ip=$(cat /state/ip)
fi

case $path in
  /v1/version | /v1/openvpn/portforwarded | /v1/portforward | /v1/publicip/ip | /v1/dns/status | /v1/updater/status)
    [ "$method" = GET ] || say '405 Method Not Allowed' 'Method Not Allowed' ;;
  /v1/vpn/status | /v1/openvpn/status)
    [ "$method" = GET ] || [ "$method" = PUT ] || say '405 Method Not Allowed' 'Method Not Allowed' ;;
  *) say '404 Not Found' 'Not Found' ;;
esac

auth=$(cat /state/auth)
case $auth in
  none) ;;
  apikey:*) [ "$api_key" = "${auth#apikey:}" ] || say '401 Unauthorized' Unauthorized ;;
  basic:*)
    [ "$authorization" = "Basic $(printf %s "${auth#basic:}" | base64)" ] ||
      say '401 Unauthorized' Unauthorized 'WWW-Authenticate: Basic realm="restricted", charset="UTF-8"' ;;
  *) say '401 Unauthorized' Unauthorized ;;
esac

case "$method $path" in
  'GET /v1/version') say '200 OK' '{"version":"v3.41.2","commit":"stand-in","created":"2026-07-29T00:00:00Z"}' ;;
  'GET /v1/vpn/status' | 'GET /v1/openvpn/status') say '200 OK' "{\"status\":\"$status\"}" ;;
  'GET /v1/openvpn/portforwarded') reply '301 Moved Permanently' "$plain" '' 'Location: /v1/portforward' ;;
  'GET /v1/portforward')
    if [ -f /state/pfshape ]; then say '200 OK' "{\"port\":${ports:-0}}"; fi
    first=${ports%%,*}
    say '200 OK' "{\"port\":${first:-0},\"ports\":[$ports]}" ;;
  'GET /v1/publicip/ip')
    [ -n "$ip" ] || say '200 OK' '{"public_ip":""}'
    say '200 OK' "{\"public_ip\":\"$ip\",\"country\":\"Netherlands\",\"organization\":\"Stand-in\"}" ;;
  'GET /v1/dns/status') say '200 OK' '{"status":"running"}' ;;
  'GET /v1/updater/status') say '200 OK' '{"status":"completed"}' ;;
esac

# What is left is PUT status.
wanted=$(echo "$body" | sed -n 's/.*"status" *: *"\([^"]*\)".*/\1/p')
case "$wanted" in
  running | stopped)
    case "$status" in "$wanted" | crashed) say '200 OK' "{\"outcome\":\"already $status\"}" ;; esac
    echo "$wanted" > /state/vpn
    say '200 OK' "{\"outcome\":\"$wanted\"}" ;;
  '') say '400 Bad Request' EOF ;;
  *) say '400 Bad Request' "invalid status: $wanted: possible values are: stopped, running" ;;
esac

# Sourced by both handlers: reads one request from stdin, answers one on stdout. nc forks a handler per connection.

read_request() {
  read -r method target _
  length=0 host=127.0.0.1 api_key= authorization=
  while read -r header value; do
    value=${value%"$(printf '\r')"}
    case "$(echo "$header" | tr 'A-Z' 'a-z')" in
      "$(printf '\r')" | '') break ;;
      content-length:) length=$value ;;
      host:) host=$value ;;
      x-api-key:) api_key=$value ;;
      authorization:) authorization=$value ;;
    esac
  done
  body=
  [ "$length" = 0 ] || body=$(head -c "$length")
  path=${target%%\?*}
}

# reply <status line> <content type> <body> [<extra header>]
reply() {
  printf 'HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %s\r\nConnection: close\r\n' "$1" "$2" "${#3}"
  [ -z "$4" ] || printf '%s\r\n' "$4"
  printf '\r\n%s' "$3"
  exit 0
}

# Tests reach the state files as PUT | DELETE | GET /_test/<file>, even while everything else hangs.
serve_test_files() {
  case $path in /_test/*) file=$STATE/${path#/_test/} ;; *) return ;; esac
  case $method in
    PUT) printf '%s' "$body" > "$file" && after_change "${path#/_test/}" && reply '204 No Content' text/plain '' ;;
    DELETE) rm -f "$file" && reply '204 No Content' text/plain '' ;;
    GET) [ -f "$file" ] && reply '200 OK' text/plain "$(cat "$file")" || reply '404 Not Found' text/plain '' ;;
  esac
}

# A strict reader of JSON (RFC 8259) in bash alone: what qemu-img prints, and what stands in manifests.
# json_read sets JSON, JSON_TYPE and JSON_KEYS; on a fault these are empty, and JSON_FAULT says what is wrong.
#
# Each value goes by its path: "level", "disks.0.target"; the whole of the text goes by ".".
#   JSON[path]        a string decoded; a number as it is written; true or false; nothing for null; for an array and an object
#                     the number of what is in it
#   JSON_TYPE[path]   object, array, string, number, boolean or null; unset: there is no such value
#   JSON_KEYS[path]   the keys of an object, in their order, a space between two
#
# Stricter than the grammar, so that one text cannot mean two things: a key that stands twice in an object, a key of other
# characters than A-Z a-z 0-9 _ -, half of a surrogate pair, U+0000, bytes that are not UTF-8, and nesting below 32 are faults.
# Calls: utf8 (is_utf8 utf8)
# Reads: nothing
# Sets: nothing

source "${BASH_SOURCE[0]%/*}/utf8.bash"

declare -A JSON=() JSON_TYPE=() JSON_KEYS=()
declare JSON_FAULT=""

# json_read TEXT: status 0, or 1 with JSON_FAULT
json_read() {
  local LC_ALL=C
  JSON=() JSON_TYPE=() JSON_KEYS=() JSON_FAULT=""
  if parse_json "$1"; then return 0; fi
  JSON=() JSON_TYPE=() JSON_KEYS=()
  return 1
}

# json_read_file FILE: the same of a file; text that a variable cannot hold (a NUL) is a fault
json_read_file() {
  local text=""
  JSON=() JSON_TYPE=() JSON_KEYS=() JSON_FAULT=""
  if [[ ! -f $1 || ! -r $1 ]]; then
    JSON_FAULT="it is not a file that can be read"
    return 1
  fi
  if IFS= read -r -d '' text <"$1"; then
    JSON_FAULT="it holds a NUL character"
    return 1
  fi
  json_read "$text"
}

json_fault() {
  JSON_FAULT=$1
  return 1
}

# parse_json TEXT: the text is cut at its quotation marks, which takes time in proportion to its length; what is between two is
# a string (more than one piece if it holds an escaped mark), and all else is short.
#   want       what may come next: value, first-value (or the end of its array), key, first-key (or the end of its object),
#              mark (a colon), comma (or the end), end
#   path       of the value that is read; "" at the top
#   inside     the path of the array or object that is open; containers: of those around it
parse_json() {
  local -a pieces=() containers=()
  local want=value path="" inside="" piece text
  local -i index=0
  mapfile -d '"' -t pieces <<<"$1"
  while ((index < ${#pieces[@]})); do
    piece=${pieces[index]}
    # Most pieces are one mark, and most texts are plain: what is done of them here costs no calls.
    case $want${piece//[$' \t\r\n']/} in
      mark:) want=value ;;
      comma,) json_comma ;;
      *) json_marks "$piece" || return 1 ;;
    esac
    index+=1
    ((index < ${#pieces[@]})) || break
    text=${pieces[index]}
    while [[ $text == *\\ && $text =~ (^|[^\\])(\\\\)*\\$ ]] && ((index + 1 < ${#pieces[@]})); do
      index+=1
      text+=\"${pieces[index]}
    done
    index+=1
    # The last piece is what stands behind the last quotation mark (a newline at least).
    ((index < ${#pieces[@]})) || json_fault "a string has no end" || return 1
    # Plain text is what it is.
    if [[ $want == value && $text != *[!\ -\[\]-~]* ]]; then
      JSON_TYPE[${path:-.}]=string JSON[${path:-.}]=$text
      json_after
    elif [[ $want == key && $text && $text != *[!A-Za-z0-9_-]* ]]; then
      json_key "$text" || return 1
    else
      json_string "$text" || return 1
    fi
  done
  [[ $want == end ]] || json_fault "it ends too early"
}

# json_marks PIECE: all that stands between two strings
json_marks() {
  local rest=$1 token
  while rest=${rest#"${rest%%[!$' \t\r\n']*}"} && [[ $rest ]]; do
    case $rest in
      [][{}:,]*) token=${rest:0:1} ;;
      *) token=${rest%%[][\{\}:,$' \t\r\n']*} ;;
    esac
    rest=${rest:${#token}}
    json_token "$token" || return 1
  done
}

json_comma() {
  if [[ ${JSON_TYPE[$inside]} == array ]]; then
    want=value
    json_next
  else
    want=key
  fi
}

# json_token TOKEN: a mark, a number, true, false or null
json_token() {
  case $want$1 in
    value\{ | first-value\{) json_open object first-key ;;
    value\[ | first-value\[) json_open array first-value ;;
    first-value\] | comma\]) json_close array ;;
    first-key\} | comma\}) json_close object ;;
    mark:) want=value ;;
    comma,) json_comma ;;
    valuetrue | first-valuetrue | valuefalse | first-valuefalse) json_value boolean "$1" ;;
    valuenull | first-valuenull) json_value null "" ;;
    value[-0-9]* | first-value[-0-9]*)
      [[ $1 =~ ^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$ ]] || json_fault "\"${1:0:40}\" is not a number" || return 1
      json_value number "$1"
      ;;
    *) json_fault "\"${1:0:40}\" stands where it cannot be" ;;
  esac
}

# json_string TEXT: as it stands between its quotation marks; a key or a value
json_string() {
  local string=$1
  [[ $string != *[$'\x01'-$'\x1f']* ]] || json_fault "a string holds a control character" || return 1
  [[ $string != *[$'\x80'-$'\xff']* ]] || is_utf8 "$string" || json_fault "a string is not UTF-8" || return 1
  [[ $string != *\\* ]] || json_unescape || return 1
  case $want in
    value | first-value) json_value string "$string" ;;
    key | first-key)
      [[ $string && $string != *[!A-Za-z0-9_-]* ]] || json_fault "a key is \"${string:0:40}\"" || return 1
      json_key "$string"
      ;;
    *) json_fault "the string \"${string:0:40}\" stands where it cannot be" ;;
  esac
}

# json_key KEY
json_key() {
  if [[ $inside == . ]]; then path=$1; else path=$inside.$1; fi
  [[ ! ${JSON_TYPE[$path]:-} ]] || json_fault "\"$path\" stands there twice" || return 1
  JSON_KEYS[$inside]+=${JSON_KEYS[$inside]:+ }$1
  want=mark
}

# json_value TYPE VALUE: what comes after it depends on what it is in
json_value() {
  [[ $want != first-value ]] || json_next
  JSON_TYPE[${path:-.}]=$1
  JSON[${path:-.}]=$2
  json_after
}

json_after() {
  if [[ ! $inside ]]; then
    want=end
  else
    want=comma
    JSON[$inside]=$((JSON[$inside] + 1))
  fi
}

# json_next: the path of the next value of the array that is open
json_next() {
  path=${inside#.}
  path+=${path:+.}${JSON[$inside]}
}

json_open() {
  [[ $want != first-value ]] || json_next
  ((${#containers[@]} < 32)) || json_fault "it is nested too deeply" || return 1
  containers+=("$inside")
  inside=${path:-.}
  JSON_TYPE[$inside]=$1
  JSON[$inside]=0
  [[ $1 == array ]] || JSON_KEYS[$inside]=""
  want=$2
}

json_close() {
  [[ ${JSON_TYPE[$inside]} == "$1" ]] || json_fault "an $1 is closed that is not open" || return 1
  inside=${containers[-1]}
  unset 'containers[-1]'
  json_after
}

# json_unescape: the escapes of $string
json_unescape() {
  local rest=$string decoded="" character
  local -i code low
  while [[ $rest == *\\* ]]; do
    decoded+=${rest%%\\*}
    rest=${rest#*\\}
    case $rest in
      [\"\\/]*) decoded+=${rest:0:1} ;;
      b*) decoded+=$'\b' ;;
      f*) decoded+=$'\f' ;;
      n*) decoded+=$'\n' ;;
      r*) decoded+=$'\r' ;;
      t*) decoded+=$'\t' ;;
      u[0-9A-Fa-f][0-9A-Fa-f][0-9A-Fa-f][0-9A-Fa-f]*)
        code=16#${rest:1:4}
        if ((code >= 0xd800 && code < 0xdc00)) && [[ $rest =~ ^.{5}\\u([dD][c-fC-F][0-9A-Fa-f]{2}) ]]; then
          low=16#${BASH_REMATCH[1]}
          code=$((0x10000 + ((code - 0xd800) << 10) + low - 0xdc00))
          rest=${rest:6}
        elif ((code == 0 || (code >= 0xd800 && code < 0xe000))); then
          json_fault "the character \\${rest:0:5} is none"
          return 1
        fi
        utf8 character "$code"
        decoded+=$character
        rest=${rest:4}
        ;;
      *) json_fault "the escape \\${rest:0:1} is none" || return 1 ;;
    esac
    rest=${rest:1}
  done
  string=$decoded$rest
}

# json TEXT: as a JSON string; control characters never get here (the compiler refuses them)
json() {
  local text=${1//\\/\\\\}
  printf '"%s"' "${text//\"/\\\"}"
}

loaded json

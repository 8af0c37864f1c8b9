# UTF-8 in bash, byte by byte: call these with LC_ALL=C.
# Calls: nothing
# Reads: nothing
# Sets: nothing

# is_utf8 TEXT
is_utf8() {
  local well=$'^([\x01-\x7f]|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf][\x80-\xbf]|\xed[\x80-\x9f][\x80-\xbf]'
  well+=$'|\xf0[\x90-\xbf][\x80-\xbf][\x80-\xbf]|[\xf1-\xf3][\x80-\xbf][\x80-\xbf][\x80-\xbf]|\xf4[\x80-\x8f][\x80-\xbf][\x80-\xbf])*$'
  [[ $1 =~ $well ]]
}

# utf8 NAME CODE: sets the variable to the bytes of a character
utf8() {
  local -i code=$2
  local bytes
  if ((code < 0x80)); then
    printf -v bytes '\\x%x' "$code"
  elif ((code < 0x800)); then
    printf -v bytes '\\x%x' $((0xc0 | code >> 6)) $((0x80 | code & 63))
  elif ((code < 0x10000)); then
    printf -v bytes '\\x%x' $((0xe0 | code >> 12)) $((0x80 | code >> 6 & 63)) $((0x80 | code & 63))
  else
    printf -v bytes '\\x%x' $((0xf0 | code >> 18)) $((0x80 | code >> 12 & 63)) $((0x80 | code >> 6 & 63)) $((0x80 | code & 63))
  fi
  printf -v "$1" '%b' "$bytes"
}

loaded utf8

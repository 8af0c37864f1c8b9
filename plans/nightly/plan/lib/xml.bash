# A strict reader of XML 1.0 in bash alone: what virsh prints, and the domain.xml of a restore point, which anybody may have
# written. A DOCTYPE (and with it entities of its own), a processing instruction, bytes that are not UTF-8, and element names
# beyond ASCII are faults, as is all that is not well-formed; libvirt's documents have none of these.
#
# xml_read numbers the elements in the order in which they begin; the root is 0. On a fault there are none, and XML_FAULT says why.
#   XML_NAME[n]       its name as it is written, with its prefix
#   XML_PARENT[n]     the element that it is in; nothing for the root
#   XML_CHILDREN[n]   the elements in it, a space between two
#   XML_TEXT[n]       its own text, references decoded
#   XML_KEYS[n]       the names of its attributes, a space between two
#   XML_VALUE[n key]  the value of an attribute
# Calls: utf8 (is_utf8 utf8)
# Reads: nothing
# Sets: nothing

source "${BASH_SOURCE[0]%/*}/utf8.bash"

declare -a XML_NAME=() XML_PARENT=() XML_CHILDREN=() XML_TEXT=() XML_KEYS=()
declare -A XML_VALUE=()
declare XML_FAULT=""

# xml_read TEXT: status 0, or 1 with XML_FAULT
xml_read() {
  local LC_ALL=C
  xml_forget
  XML_FAULT=""
  if parse_xml "$1"; then return 0; fi
  xml_forget
  return 1
}

xml_forget() { XML_NAME=() XML_PARENT=() XML_CHILDREN=() XML_TEXT=() XML_KEYS=() XML_VALUE=(); }

# xml_read_file FILE: the same of a file
xml_read_file() {
  local text=""
  xml_forget
  if [[ ! -f $1 || ! -r $1 ]]; then
    XML_FAULT="it is not a file that can be read"
    return 1
  fi
  if IFS= read -r -d '' text <"$1"; then
    XML_FAULT="it holds a NUL character"
    return 1
  fi
  xml_read "$text"
}

# xml_children N NAME: prints the elements of this name in it, one a line
xml_children() {
  local child
  for child in ${XML_CHILDREN[$1]}; do
    [[ ${XML_NAME[child]} != "$2" ]] || printf '%s\n' "$child"
  done
}

# xml_child N NAME: sets REPLY to the first of them; status 1 if there is none
xml_child() {
  for REPLY in ${XML_CHILDREN[$1]}; do
    [[ ${XML_NAME[REPLY]} != "$2" ]] || return 0
  done
  REPLY=""
  return 1
}

xml_fault() {
  XML_FAULT=$1
  return 1
}

# parse_xml TEXT: the text is cut at each "<", as no value of an attribute can hold one; what stands between two is a tag and the
# text behind it, or a part of a comment or of a CDATA section
parse_xml() {
  local -a pieces=()
  local open="" piece
  local -i index=0 depth=0
  [[ $1 != *[$'\x01'-$'\x08\x0b\x0c\x0e'-$'\x1f']* && $1 != *$'\xef\xbf'[$'\xbe\xbf']* ]] || xml_fault "it holds a character that XML has not" || return 1
  mapfile -d '<' -t pieces <<<"${1//$'\r\n'/$'\n'}"
  for piece in "${pieces[@]}"; do
    [[ $piece != *[$'\x80'-$'\xff']* ]] || is_utf8 "$piece" || xml_fault "it is not UTF-8" || return 1
  done
  xml_text_behind "${pieces[0]}" || return 1
  for ((index = 1; index < ${#pieces[@]}; index++)); do
    piece=${pieces[index]}
    case $piece in
      '!--'*) xml_section "--" "${piece:3}" || return 1 ;;
      '![CDATA['*) xml_section "]]" "${piece:8}" || return 1 ;;
      '?xml '*)
        [[ $index == 1 && ! ${pieces[0]} && $piece =~ ^\?xml( [a-z]+=[\'\"][A-Za-z0-9._-]+[\'\"])+' '?\?\>(.*)$ ]] ||
          xml_fault "it has a processing instruction" || return 1
        xml_text_behind "${BASH_REMATCH[2]}" || return 1
        ;;
      '?'*) xml_fault "it has a processing instruction" || return 1 ;;
      '!'*) xml_fault "it has a DOCTYPE" || return 1 ;;
      /*) xml_end_tag "${piece:1}" || return 1 ;;
      *) xml_start_tag "$piece" || return 1 ;;
    esac
  done
  [[ ! $open ]] || xml_fault "the element <${XML_NAME[open]}> has no end" || return 1
  ((${#XML_NAME[@]} > 0)) || xml_fault "it has no element"
}

# xml_section END TEXT: a comment or a CDATA section, which may hold "<" and so be more than one piece
xml_section() {
  local end=$1 text=$2
  while [[ $text != *"$end>"* ]] && ((index + 1 < ${#pieces[@]})); do
    index+=1
    text+="<${pieces[index]}"
  done
  [[ $text == *"$end>"* ]] || xml_fault "a comment or CDATA section has no end" || return 1
  if [[ $end == "--" ]]; then
    # Two hyphens end a comment or make it none: no reader takes "-->" in another way than this one.
    [[ ${text%%--*} == "${text%%-->*}" ]] || xml_fault "a comment holds two hyphens" || return 1
  else
    [[ $open ]] || xml_fault "a CDATA section stands outside of the root element" || return 1
    XML_TEXT[open]+=${text%%"]]>"*}
  fi
  xml_text_behind "${text#*"$end>"}"
}

# xml_text_behind TEXT: belongs to the element that is open
xml_text_behind() {
  local decoded=${1//$'\r'/$'\n'}
  if [[ ! $open ]]; then
    [[ $decoded != *[!$' \t\n']* ]] || xml_fault "text stands outside of the root element"
    return
  fi
  [[ $decoded != *"]]>"* ]] || xml_fault "text holds \"]]>\"" || return 1
  [[ $decoded != *"&"* ]] || xml_decode || return 1
  XML_TEXT[open]+=$decoded
}

xml_end_tag() {
  [[ $1 =~ ^([A-Za-z_][A-Za-z0-9_.:-]*)[$' \t\r\n']*\>(.*)$ && $open && ${BASH_REMATCH[1]} == "${XML_NAME[open]}" ]] ||
    xml_fault "an end tag ends nothing: </${1:0:40}" || return 1
  depth=$((depth - 1))
  open=${XML_PARENT[open]}
  xml_text_behind "${BASH_REMATCH[2]}"
}

xml_start_tag() {
  local rest name key decoded
  local -i number=${#XML_NAME[@]}
  [[ $1 =~ ^([A-Za-z_][A-Za-z0-9_.:-]*)(.*)$ ]] || xml_fault "it is not well-formed at <${1:0:40}" || return 1
  name=${BASH_REMATCH[1]} rest=${BASH_REMATCH[2]}
  [[ $open ]] || ((number == 0)) || xml_fault "it has more than one root element" || return 1
  ((depth < 64)) || xml_fault "it is nested too deeply" || return 1
  XML_NAME[number]=$name XML_PARENT[number]=$open XML_CHILDREN[number]="" XML_TEXT[number]="" XML_KEYS[number]=""
  [[ ! $open ]] || XML_CHILDREN[open]+=${XML_CHILDREN[open]:+ }$number
  while [[ $rest =~ ^[$' \t\r\n']+([A-Za-z_][A-Za-z0-9_.:-]*)[$' \t\r\n']*=[$' \t\r\n']*(\"[^\"]*\"|\'[^\']*\')(.*)$ ]]; do
    key=${BASH_REMATCH[1]} decoded=${BASH_REMATCH[2]:1:-1} rest=${BASH_REMATCH[3]}
    [[ ! -v XML_VALUE["$number $key"] ]] || xml_fault "the element <$name> has the attribute $key twice" || return 1
    decoded=${decoded//[$'\t\r\n']/ }
    [[ $decoded != *"&"* ]] || xml_decode || return 1
    XML_KEYS[number]+=${XML_KEYS[number]:+ }$key
    XML_VALUE["$number $key"]=$decoded
  done
  [[ $rest =~ ^[$' \t\r\n']*(/?)\>(.*)$ ]] || xml_fault "the element <$name> is not well-formed" || return 1
  if [[ ! ${BASH_REMATCH[1]} ]]; then
    open=$number
    depth+=1
  fi
  xml_text_behind "${BASH_REMATCH[2]}"
}

# xml_decode: the references of $decoded
xml_decode() {
  local rest=$decoded text="" name character
  local -i code
  while [[ $rest == *"&"* ]]; do
    text+=${rest%%"&"*}
    rest=${rest#*"&"}
    name=${rest%%;*}
    case $name in
      lt) character="<" ;;
      gt) character=">" ;;
      amp) character="&" ;;
      quot) character='"' ;;
      apos) character="'" ;;
      *)
        if [[ $name =~ ^#(0*([0-9]{1,7}))$ ]]; then
          code=10#${BASH_REMATCH[2]}
        elif [[ $name =~ ^#x0*([0-9a-fA-F]{1,6})$ ]]; then
          code=16#${BASH_REMATCH[1]}
        else
          xml_fault "it refers to something that XML does not know: &${name:0:20}"
          return 1
        fi
        ((code == 9 || code == 10 || code == 13 || (code >= 0x20 && code < 0xd800) || (code >= 0xe000 && code < 0xfffe) || (code >= 0x10000 && code < 0x110000))) ||
          xml_fault "it refers to a character that XML has not: &$name;" || return 1
        utf8 character "$code"
        ;;
    esac
    [[ $rest == "$name;"* ]] || xml_fault "a reference has no end" || return 1
    text+=$character
    rest=${rest#*;}
  done
  decoded=$text$rest
}

# xml_write N [INDENT]: prints the element with all that is in it
xml_write() {
  local indent=${2:-} key child line
  line="$indent<${XML_NAME[$1]}"
  for key in ${XML_KEYS[$1]}; do line+=" $key='$(xml_escape "${XML_VALUE["$1 $key"]}")'"; done
  if [[ ${XML_CHILDREN[$1]} ]]; then
    printf '%s>\n' "$line"
    [[ ! ${XML_TEXT[$1]//[$' \t\n']/} ]] || printf '%s\n' "$(xml_escape "${XML_TEXT[$1]}")"
    for child in ${XML_CHILDREN[$1]}; do xml_write "$child" "$indent  "; done
    printf '%s</%s>\n' "$indent" "${XML_NAME[$1]}"
  elif [[ ${XML_TEXT[$1]} ]]; then
    printf '%s>%s</%s>\n' "$line" "$(xml_escape "${XML_TEXT[$1]}")" "${XML_NAME[$1]}"
  else
    printf '%s/>\n' "$line"
  fi
}

xml_escape() {
  local text=${1//&/"&amp;"}
  text=${text//</"&lt;"}
  text=${text//>/"&gt;"}
  text=${text//\'/"&apos;"}
  text=${text//\"/"&quot;"}
  # As a reader would take them for spaces in an attribute.
  text=${text//$'\t'/"&#9;"}
  text=${text//$'\n'/"&#10;"}
  printf '%s' "${text//$'\r'/"&#13;"}"
}

loaded xml

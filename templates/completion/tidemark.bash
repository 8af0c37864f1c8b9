# bash completion of tidemark; tidemark itself says what may come next.
_tidemark() {
  local current kind line word
  local -a answer
  mapfile -t answer < <(tidemark __complete --line "${COMP_LINE:0:COMP_POINT}" 2>/dev/null)
  ((${#answer[@]} > 0)) || return 0
  kind=${answer[-1]}
  unset 'answer[-1]'
  current=${COMP_WORDS[COMP_CWORD]}
  COMPREPLY=()
  for line in "${answer[@]}"; do
    word=${line%%$'\t'*}
    # The shell takes a colon or an equals sign for the end of a word, and wants only what comes after it.
    if [[ $word == *[:=]* && $COMP_WORDBREAKS == *:* ]]; then
      _tidemark_behind_break "$word"
    else
      COMPREPLY+=("$(printf '%q' "$word")")
    fi
  done
  case $kind in
    :files) compopt -o filenames && mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$current") ;;
    :folders) compopt -o filenames && mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -d -- "$current") ;;
  esac
  if [[ ${COMPREPLY[0]-} == *[/=] ]]; then compopt -o nospace; fi
}

# Leaves out of a word what stands before the cursor's word on the line already.
_tidemark_behind_break() {
  local typed=${COMP_LINE:0:COMP_POINT}
  typed=${typed##*[[:space:]]}
  local done=${typed%"${typed##*[:=]}"}
  COMPREPLY+=("${1#"$done"}")
}

complete -F _tidemark tidemark

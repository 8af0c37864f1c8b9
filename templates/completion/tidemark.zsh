#compdef tidemark
# zsh completion of tidemark; tidemark itself says what may come next.
_tidemark() {
  local -a answer candidates descriptions
  local line kind
  answer=("${(@f)$(tidemark __complete "${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
  (( ${#answer} )) || return 1
  kind=$answer[-1]
  for line in "${(@)answer[1,-2]}"; do
    candidates+=("${line%%$'\t'*}")
    descriptions+=("${line%%$'\t'*}${${line#*$'\t'}:+  -- ${line#*$'\t'}}")
  done
  (( ${#candidates} )) && compadd -l -d descriptions -a candidates
  case $kind in
    :files) _files ;;
    :folders) _files -/ ;;
  esac
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _tidemark "$@"
else
  compdef _tidemark tidemark
fi

# Files in folders that other users may write to. A name that can be foreseen may exist already, as a link to a file that must not be
# written.
# Calls: host (known), journal (state_folder), messages (refuse), ownership (make_folder)
# Reads: DOMAIN, POINT
# Sets: nothing

# claim PATH: makes an empty file; status 1 if the name exists, even as a link that leads nowhere
claim() {
  [[ ! -e $1 && ! -L $1 ]] && (set -C && : >"$1") 2>/dev/null
}

# claim_anew PATH: removes the file or link that an earlier run has left, and makes an empty file
claim_anew() { rm -f -- "$1" && claim "$1"; }

# rename_new FILE PATH: gives a finished file its name; status 1 if the name exists. A hard link never replaces a file; on a file
# system without hard links, mv checks the name first.
rename_new() {
  if ln -T -- "$1" "$2" 2>/dev/null; then
    rm -f -- "$1"
  elif [[ -e $2 || -L $2 ]]; then
    return 1
  else
    mv -nT -- "$1" "$2" && [[ ! -e $1 ]]
  fi
}

# refuse_linked_state: refuses links in .tidemark, because the names of its files are known to everybody
refuse_linked_state() {
  local path
  local -a links=()
  for path in "$(state_folder)" "$(state_folder)"/*; do
    [[ ! -L $path ]] || links+=("$path is a link, but a run never makes one there: find out who made it, and remove it")
  done
  ((${#links[@]} == 0)) || refuse "${links[@]}"
}

# make_point_folder: makes the folder of the new restore point, with the domain's XML
make_point_folder() {
  local folder=${DOMAIN[folder]}/${POINT[name]}
  make_folder "$folder" && [[ ! -L $folder ]] || refuse "$folder is not a folder of the repository: find out who made it, and remove it"
  claim_anew "$folder/domain.xml" || refuse "$folder/domain.xml cannot be written"
  known dumpxml @ --inactive >"$folder/domain.xml"
}

loaded files

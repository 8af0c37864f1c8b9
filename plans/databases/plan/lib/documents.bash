# The documents for libvirt. The planned documents are adapted to what was decided on this host, then read again and compared with the
# table of runs before libvirt gets them.
# Calls: demand (planned_document), host (xml_text), messages (refuse), seal (makes_checkpoint), xml (xml_escape)
# Reads: ATTACHED, ATTACHED_TYPE, BASE, BITMAP, DISKS, DOMAIN, EXPECTED, EXPORT, EXPORT_BITMAP, EXTRA, FORMAT, IMAGE, IMAGE_TYPE,
#   POINT, SCRATCH, SCRATCH_TYPE, SERVER
# Sets: nothing

# prepare_documents BACKUP CHECKPOINT: writes both files; no checkpoint if no disk can have a bitmap
prepare_documents() {
  local planned=${POINT[documents]}
  [[ -f $planned.backup.xml ]] || refuse "$planned.backup.xml is not there: copy the whole plan here again"
  planned_document "$planned.backup.xml" | settle_backup >"$1"
  hold_document backup "$planned.backup.xml" "$1"
  makes_checkpoint || return 0
  [[ -f $planned.checkpoint.xml ]] || refuse "$planned.checkpoint.xml is not there: copy the whole plan here again"
  planned_document "$planned.checkpoint.xml" | settle_checkpoint >"$2"
  hold_document checkpoint "$planned.checkpoint.xml" "$2"
}

# is_dropped TARGET: whether the domain no longer has this disk of the plan, so that neither document may name it
is_dropped() { [[ ! ${ATTACHED_TYPE[$1]:-} ]] && ((${#ATTACHED[@]} > 0)); }

# shared_base: prints the base of all disks; nothing if they have different ones or none
shared_base() {
  local target shared=${BASE[${DISKS[0]}]}
  for target in "${DISKS[@]}"; do [[ ${BASE[$target]} == "$shared" ]] || return 0; done
  printf '%s' "$shared"
}

# settle_backup: copies the document from stdin to stdout line by line, in the layout of the compiler. If a person has changed the layout,
# hold_document notices that.
settle_backup() {
  local line name shared skip=""
  shared=$(shared_base)
  while IFS= read -r line; do
    if [[ $line =~ ^\ *\<disk\ (.*\ )?name=\'([^\']+)\' ]]; then
      name=${BASH_REMATCH[2]} skip=""
      if is_dropped "$name"; then skip=yes; elif [[ -v BASE[$name] ]]; then line=$(settled_disk "$line" "$name"); fi
      if [[ $skip && $line == *"/>" ]]; then skip="" && continue; fi
    elif [[ $line =~ ^\ *\<incremental\> ]]; then
      [[ $shared ]] || continue
      line="  <incremental>$shared</incremental>"
    elif [[ $skip && $line == *"</disk>"* ]]; then
      skip="" && continue
    elif [[ $line =~ ^\ *\</disks\> ]]; then
      for name in "${EXTRA[@]}"; do extra_disk "$name"; done
    fi
    [[ $skip ]] || printf '%s\n' "$line"
  done
}

# extra_disk TARGET: prints the element of a disk that the plan does not know. Without a level of its own, libvirt would make it an
# incremental where the document has a base.
extra_disk() {
  local level=" backupmode='full'" export="" store="target file='$(xml_escape "${IMAGE[$1]}")'"
  # A libvirt that knows no level for each disk gets none.
  [[ $(<"${POINT[documents]}.backup.xml") == *" backupmode="* ]] || level=""
  [[ ${DOMAIN[mode]} != pull ]] || export=" exportname='$1'" store="scratch file='$(xml_escape "${SCRATCH[$1]}")'"
  printf "    <disk name='%s' backup='yes' type='file'%s>\n      <driver type='qcow2'/>\n      <%s/>\n    </disk>\n" \
    "$1" "$level$export" "$store"
}

# settled_disk LINE TARGET: prints the start tag of a disk with the base that was decided, or as a full
settled_disk() {
  if [[ ${BASE[$2]} ]]; then
    sed "s/ incremental='[^']*'/ incremental='${BASE[$2]}'/" <<<"$1"
  else
    sed "s/ incremental='[^']*'//; s/ exportbitmap='[^']*'//; s/ backupmode='incremental'/ backupmode='full'/" <<<"$1"
  fi
}

settle_checkpoint() {
  local line name
  while IFS= read -r line; do
    if [[ $line =~ ^\ *\<disk\ (.*\ )?name=\'([^\']+)\' ]]; then
      name=${BASH_REMATCH[2]}
      ! is_dropped "$name" || continue
      [[ ${BITMAP[$name]:-no} == yes ]] || line="    <disk name='$name' checkpoint='no'/>"
    fi
    printf '%s\n' "$line"
  done
}

# hold_document KIND PLANNED SETTLED: refuses a document that contradicts the table
hold_document() {
  local says should line
  local -a differences=()
  says=$("$1_facts" "$3") || refuse "$2 is not as the compiler writes it (${says##*$'\n'}): copy the whole plan here again"
  should=$("settled_$1")
  [[ $says != "$should" ]] || return 0
  while IFS= read -r line; do
    [[ $'\n'$says$'\n' == *$'\n'"$line"$'\n'* ]] || differences+=("$2 lacks: $line")
  done <<<"$should"
  while IFS= read -r line; do
    [[ $'\n'$should$'\n' == *$'\n'"$line"$'\n'* ]] || differences+=("$2 has, but the table has not: $line")
  done <<<"$says"
  refuse "${differences[@]}" "the $1 document and the table of runs contradict each other, so libvirt got neither: copy the whole plan here again"
}

# settled_backup and settled_checkpoint: print what the documents must say, one fact a line, in the order of the domain's disks
settled_backup() {
  local target base store
  printf 'mode %s\n' "${DOMAIN[mode]}"
  case ${SERVER[transport]} in
    unix) printf 'server unix %s\n' "${SERVER[address]}" ;;
    tcp) printf 'server tcp %s %s tls=%s\n' "${SERVER[address]}" "${SERVER[port]}" "${SERVER[tls]}" ;;
  esac
  for target in "${EXPECTED[@]}" "${EXTRA[@]}"; do
    if is_dropped "$target"; then continue; fi
    [[ " ${DISKS[*]} " == *" $target "* ]] || {
      printf 'disk %s is not backed up\n' "$target"
      continue
    }
    base=${BASE[$target]}
    if [[ ${DOMAIN[mode]} == pull ]]; then
      store="export=${EXPORT[$target]}${base:+ bitmap=${EXPORT_BITMAP[$target]}} scratch ${SCRATCH_TYPE[$target]} qcow2 ${SCRATCH[$target]}"
    else
      store="target ${IMAGE_TYPE[$target]} ${FORMAT[$target]} ${IMAGE[$target]}"
    fi
    printf 'disk %s %s, %s\n' "$target" "${base:-full}" "$store"
  done
}

settled_checkpoint() {
  local target
  printf 'name %s\n' "${POINT[name]}"
  for target in "${EXPECTED[@]}"; do
    if is_dropped "$target"; then continue; fi
    if [[ ${BITMAP[$target]:-no} == yes ]]; then
      printf 'disk %s has the bitmap %s\n' "$target" "${POINT[name]}"
    else
      printf 'disk %s has no bitmap\n' "$target"
    fi
  done
}

# each_element FILE FUNCTION: calls `FUNCTION open PATH` with ATTRIBUTE set, and `FUNCTION close PATH TEXT`, for each element. Anything but
# elements, attributes and text is a fault, which is printed.
each_element() {
  local document text path="" name single="'[^'<]*'" double='"[^"<]*"'
  local attribute="[[:space:]]+([a-z]+)=($single|$double)" attributes empty
  local tag="^<(/?)([a-z]+)(($attribute)*)[[:space:]]*(/?)>"
  local -A ATTRIBUTE=()
  document=$(<"$1")
  while [[ $document ]]; do
    text=${document%%<*} document=${document#"${document%%<*}"}
    [[ $document ]] || break
    [[ $document =~ $tag ]] || {
      printf 'at "%s"' "${document:0:40}"
      return 1
    }
    document=${document:${#BASH_REMATCH[0]}}
    name=${BASH_REMATCH[2]}
    if [[ ${BASH_REMATCH[1]} ]]; then
      [[ ${path##*/} == "$name" ]] && "$2" close "$path" "$text" || return 1
      path=${path%/*}
      continue
    fi
    attributes=${BASH_REMATCH[3]} empty=${BASH_REMATCH[7]} path+=/$name ATTRIBUTE=()
    while [[ $attributes =~ ^$attribute ]]; do
      attributes=${attributes:${#BASH_REMATCH[0]}}
      text=${BASH_REMATCH[2]:1:-1}
      [[ $text != *"&"* ]] || text=$(xml_text "$text")
      ATTRIBUTE[${BASH_REMATCH[1]}]=$text
    done
    "$2" open "$path" || return 1
    [[ $empty ]] || continue
    "$2" close "$path" "" || return 1
    path=${path%/*}
  done
  [[ ! $path ]] || {
    printf 'it has no end'
    return 1
  }
}

# backup_facts FILE: prints the facts of a document in the form of settled_backup
backup_facts() {
  local shared="" disks=""
  local -A disk=()
  each_element "$1" backup_element || return 1
  printf '%s' "$disks"
}

backup_element() {
  local base
  case $1:$2 in
    open:/domainbackup) disks+="mode ${ATTRIBUTE[mode]:-push}"$'\n' ;;
    close:/domainbackup/incremental)
      [[ $disks != *"disk "* ]] || return 1
      shared=$3
      ;;
    open:/domainbackup/server)
      if [[ ${ATTRIBUTE[transport]:-} == unix ]]; then
        disks+="server unix ${ATTRIBUTE[socket]:-}"$'\n'
      else
        disks+="server ${ATTRIBUTE[transport]:-tcp} ${ATTRIBUTE[name]:-} ${ATTRIBUTE[port]:-} tls=${ATTRIBUTE[tls]:-no}"$'\n'
      fi
      ;;
    open:/domainbackup/disks/disk)
      disk=([name]=${ATTRIBUTE[name]:-} [backup]=${ATTRIBUTE[backup]:-yes} [mode]=${ATTRIBUTE[backupmode]:-} [base]=${ATTRIBUTE[incremental]:-}
        [type]=${ATTRIBUTE[type]:-} [export]=${ATTRIBUTE[exportname]:-} [bitmap]=${ATTRIBUTE[exportbitmap]:-} [format]="" [path]="")
      ;;
    open:/domainbackup/disks/disk/driver) disk[format]=${ATTRIBUTE[type]:-} ;;
    open:/domainbackup/disks/disk/target | open:/domainbackup/disks/disk/scratch)
      disk[path]=${ATTRIBUTE[file]:-}${ATTRIBUTE[dev]:-} disk[store]=${2##*/}
      ;;
    close:/domainbackup/disks/disk)
      if [[ ${disk[backup]} == no ]]; then
        disks+="disk ${disk[name]} is not backed up"$'\n'
        return
      fi
      # A disk without a base of its own has the base of the document, as in libvirt.
      base=${disk[base]:-$shared}
      if [[ ${disk[mode]} == full ]]; then base=full; elif [[ ${disk[mode]} == incremental ]]; then base=${base:-nothing}; fi
      disks+="disk ${disk[name]} ${base:-full},${disk[export]:+ export=${disk[export]}}${disk[bitmap]:+ bitmap=${disk[bitmap]}}"
      disks+=" ${disk[store]:-target} ${disk[type]} ${disk[format]} ${disk[path]}"$'\n'
      ;;
    close:/domainbackup | open:/domainbackup/incremental | */domainbackup/disks | close:/domainbackup/server | close:/domainbackup/disks/disk/*) ;;
    open:/domainbackup/disks/disk/*/seclabel* | open:/domainbackup/disks/disk/*/encryption*) ;;
    *)
      printf 'it has %s' "$2"
      return 1
      ;;
  esac
}

checkpoint_facts() {
  local disks=""
  each_element "$1" checkpoint_element || return 1
  printf '%s' "$disks"
}

checkpoint_element() {
  case $1:$2 in
    close:/domaincheckpoint/name) disks+="name $3"$'\n' ;;
    open:/domaincheckpoint/disks/disk)
      if [[ ${ATTRIBUTE[checkpoint]:-} == bitmap ]]; then
        disks+="disk ${ATTRIBUTE[name]:-} has the bitmap ${ATTRIBUTE[bitmap]:-}"$'\n'
      elif [[ ${ATTRIBUTE[checkpoint]:-} == no ]]; then
        disks+="disk ${ATTRIBUTE[name]:-} has no bitmap"$'\n'
      else
        disks+="disk ${ATTRIBUTE[name]:-} has ${ATTRIBUTE[checkpoint]:-nothing said of it}"$'\n'
      fi
      ;;
    */domaincheckpoint | open:/domaincheckpoint/name | */domaincheckpoint/description | */domaincheckpoint/disks | close:/domaincheckpoint/disks/disk) ;;
    *)
      printf 'it has %s' "$2"
      return 1
      ;;
  esac
}

loaded documents

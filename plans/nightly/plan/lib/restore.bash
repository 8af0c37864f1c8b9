# Machinery of every restore script: standalone images from a chain, checked first. Sourced, never run.
# Needs bash 4.4, coreutils and qemu-img; virsh only for --define and to find the disks that must not be written to.

source "${BASH_SOURCE[0]%/*}/messages.bash"
source "${BASH_SOURCE[0]%/*}/manifest.bash"
source "${BASH_SOURCE[0]%/*}/host.bash"
source "${BASH_SOURCE[0]%/*}/images.bash"
source "${BASH_SOURCE[0]%/*}/stream.bash"

declare -A DOMAIN=([name]="" [uuid]="" [folder]="")
declare -A RUN=([dry]="" [progress]="" [step]="")

restore_usage() {
  cat <<TEXT
Usage: ${0##*/} [options]
Builds standalone images of ${DOMAIN[name]} as it was at $1.

      --to DIR              where the images go (default: the current folder)
      --disk TARGET         only this disk; may be given more than once
      --format qcow2|raw    format of the images (default: qcow2)
      --define NAME         define a new domain of this name on them, from the saved XML
      --repository DIR      the domain's folder in the repository, if it was moved (now ${DOMAIN[folder]})
      --check-only          check manifests, checksums and chains, write nothing
  -c, --connect URI         libvirt connection
  -n, --dry-run             print what would be run
  -h, --help                this text

Exit status: 0 restored; 1 failed; 2 wrong usage; 3 refused: something is in the way or damaged.
TEXT
}

# restore_point NAME UUID FOLDER POINT OPTIONS…
restore_point() {
  DOMAIN=([name]=$1 [uuid]=$2 [folder]=$3)
  local point=$4 to=. format=qcow2 define="" check="" connection=""
  local -a wanted=()
  shift 4
  while (($# > 0)); do
    case $1 in
      --to | --disk | --format | --define | --repository | -c | --connect)
        (($# > 1)) || {
          error "$1 needs a value"
          exit 2
        }
        ;;&
      --to) to=$2 && shift ;;
      --disk) wanted+=("$2") && shift ;;
      --format) format=$2 && shift ;;
      --define) define=$2 && shift ;;
      --repository) DOMAIN[folder]=$2 && shift ;;
      -c | --connect) connection=$2 && shift ;;
      --check-only) check=yes ;;
      -n | --dry-run) RUN[dry]=yes ;;
      -h | --help) restore_usage "$point" && exit 0 ;;
      *)
        error "unknown argument: $1"
        restore_usage "$point" >&2
        exit 2
        ;;
    esac
    shift
  done
  [[ $format == qcow2 || $format == raw ]] || {
    error "the format is qcow2 or raw"
    exit 2
  }
  need_tools qemu-img sha256sum
  connect "$connection"
  has_manifest "$point" || refuse "there is no restore point $point in ${DOMAIN[folder]}; there are: $(points | paste -sd ' ')"
  ((${#wanted[@]} > 0)) || mapfile -t wanted < <(disk_targets "${DOMAIN[folder]}/$point/manifest.json")

  local target
  if [[ ! $check ]]; then
    refuse_targets "$to" "$format" "${wanted[@]}"
    run mkdir -p -- "$to"
    FETCHED=$to/.tidemark-received
    [[ ${RUN[dry]} ]] || trap 'rm -rf -- "$FETCHED"' EXIT
  fi
  for target in "${wanted[@]}"; do check_chain "$point" "$target"; done
  log "checked: ${#wanted[@]} disks of $point, with all they stand on"
  [[ $check ]] && return
  for target in "${wanted[@]}"; do
    log "restore $target"
    run qemu-img convert -f "$(disk_field "$point" "$target" format)" -O "$format" -- \
      "$(image_path "$point" "$target")" "$to/$target.$format.part" || die "the disk $target could not be restored"
    run mv -n -- "$to/$target.$format.part" "$to/$target.$format"
  done
  [[ ! $define ]] || define_domain "$point" "$define" "$to" "$format" "${wanted[@]}"
  title "restored $point to $to"
}

# check_chain POINT TARGET: manifests, checksums and backing files from the newest image down to its full
check_chain() {
  local point=$1 target=$2 image base sum facts backing expected
  while :; do
    has_manifest "$point" || refuse "the restore point $point is missing, and the disk $target stands on it"
    image=$(image_path "$point" "$target")
    if ! is_streamed "$point"; then
      [[ -e $image ]] || refuse "$image is missing"
    fi
    if [[ ! ${CHECKED[$image]:-} ]]; then
      sum=$(checksum_of "$point" "$target" "$image") || refuse "$point: the stream of $target could not be received"
      [[ ${sum%% *} == "$(disk_field "$point" "$target" sha256)" ]] ||
        refuse "$image is not what was backed up: its checksum differs from the manifest's"
      CHECKED[$image]=yes
    fi
    base=$(disk_field "$point" "$target" base)
    # A header can name any file of this host, and qemu-img would copy it into the disk.
    facts=""
    if [[ -e $image && $(disk_field "$point" "$target" format) == qcow2 ]]; then
      facts=$(qemu-img info -f qcow2 -- "$image") || refuse "qemu-img cannot read $image"
      ! grep -q '^ *data file: ' <<<"$facts" || refuse "$image keeps its data in another file, which no run makes"
      [[ $base || $'\n'$facts != *$'\n'"backing file: "* ]] || refuse "$image is a full as its manifest says, and stands on another file"
    fi
    [[ $base ]] || return 0
    if [[ ! -e $image ]]; then
      # A stream that was only read through: what it names is seen when it is received for good.
      point=$base
      continue
    fi
    backing=$(sed -n 's/^backing file: \(.*\)$/\1/p' <<<"$facts")
    backing=${backing%% (actual path: *}
    [[ $backing == /* ]] || backing=${image%/*}/$backing
    expected=$(image_path "$base" "$target")
    [[ $(realpath -ms -- "$backing") == "$(realpath -ms -- "$expected")" || $backing -ef $expected ]] || refuse "$image stands on $backing, not on $expected as its manifest says"
    point=$base
  done
}

declare -A CHECKED=()

# checksum_of POINT TARGET IMAGE: a stream is received into the image meanwhile, if it is to be restored
checksum_of() {
  if ! is_streamed "$1"; then
    sha256sum <"$3"
  elif [[ ! $FETCHED || ${RUN[dry]} ]]; then
    receive "$1" "$2" | sha256sum
  else
    mkdir -p -- "${3%/*}"
    receive "$1" "$2" | tee -- "$3" | sha256sum
  fi
}

# Nothing that exists is written to: neither a file nor a disk that a domain of this host has.
refuse_targets() {
  local to=$1 format=$2 target path
  local -a found=()
  for target in "${@:3}"; do
    path=$to/$target.$format
    [[ -e $path || -L $path ]] && found+=("$path exists; choose another folder with --to")
  done
  ((${#found[@]} == 0)) || refuse "${found[@]}"
}

# define_domain POINT NAME FOLDER FORMAT TARGET…: the saved XML with a new name, without its UUID and MAC addresses, on the
# restored images; disks that were not restored are left out. The firmware's variables it gets anew from their template: in the
# file of the old domain it would write, and undefining it would delete that.
define_domain() {
  need_tools virsh
  local point=$1 name=$2 format=$4 folder xml line block="" target
  folder=$(cd -- "$3" && pwd)
  local -a restored=("${@:5}")
  xml=$(mktemp)
  while IFS= read -r line; do
    if [[ $line =~ ^\ \ \<name\> ]]; then
      printf '  <name>%s</name>\n' "$(xml_escape "$name")"
    elif [[ $line =~ ^\ \ \<uuid\>|^\ +\<mac\ address=|^\ {6}\<entry\ name=\'uuid\'\> ]]; then
      continue
    elif [[ $line =~ ^\ {4}\<nvram ]]; then
      [[ $line =~ \ template=\'[^\']*\' ]] && printf '    <nvram%s/>\n' "${BASH_REMATCH[0]}"
      while [[ $line != "    <nvram"*"/>" && $line != *"</nvram>" ]] && IFS= read -r line; do :; done
    elif [[ $line =~ ^\ +\<disk\  ]]; then
      block=$line
      target=""
    elif [[ $block ]]; then
      [[ $line =~ \<target\ dev=\'([^\']+)\' ]] && target=${BASH_REMATCH[1]}
      block+=$'\n'$line
      if [[ $line == *"</disk>"* ]]; then
        restored_disk "$block" "$target" "$folder/$target.$format" "$format" "${restored[@]}"
        block=""
      fi
    else
      printf '%s\n' "$line"
    fi
  done <"${DOMAIN[folder]}/$point/domain.xml" >"$xml"
  run "${VIRSH[@]}" define --file "$xml" >/dev/null || die "the domain could not be defined from $xml"
  rm -f -- "$xml"
  log "defined $name; it is not started"
}

# restored_disk BLOCK TARGET PATH FORMAT RESTORED…: a disk's element on its restored image
restored_disk() {
  local line printed=""
  if [[ " ${*:5} " != *" $2 "* ]]; then
    [[ $1 == *"device='cdrom'"* || $1 == *"device='floppy'"* ]] && grep -v '<source' <<<"$1"
    return 0
  fi
  while IFS= read -r line; do
    case $line in
      *"<disk "*) printf "    <disk type='file' device='disk'>\n" ;;
      *"<driver "*) printf "      <driver name='qemu' type='%s'/>\n" "$4" ;;
      *"<target "*)
        printf "      <source file='%s'/>\n%s\n" "$(xml_escape "$3")" "$line"
        printed=yes
        ;;
      *"</disk>"* | *"<address "* | *"<boot "* | *"<serial>"*) printf '%s\n' "$line" ;;
    esac
  done <<<"$1"
  [[ $printed ]]
}

xml_escape() {
  local text=${1//&/"&amp;"}
  text=${text//</"&lt;"}
  text=${text//>/"&gt;"}
  text=${text//\'/"&apos;"}
  printf '%s' "${text//\"/"&quot;"}"
}

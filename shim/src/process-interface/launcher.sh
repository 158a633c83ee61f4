#!/bin/sh
# Started by containerd as containerd-shim-spin-v2. Says where the server is when one runs, and leaves all else to Node: a
# start of Node takes longer than all that a container needs besides. hack/shim-tree.ts fills in what is in braces.
build={build}
loader={loader}

program=$(readlink -f "$0")
home=${program%/bin/*}

if [ "$*" = -info ]; then
  exec cat "$home/shim/info"
fi

before='' action='' namespace='' address=''
for argument; do
  case $before in
    -namespace) namespace=$argument ;;
    -address) address=$argument ;;
    -id | -publish-binary | -bundle | -socket) ;;
    *) if [ "$argument" = start ]; then action=start; fi ;;
  esac
  before=$argument
done

# As announcement.ts writes it.
state=/run/containerd/spin/$namespace
if [ "$action" = start ] && [ -e "$state/server" ]; then
  : > "$state/starts"
  if read -r its_build its_address pid since socket < "$state/server" &&
    [ "$its_build" = "$build" ] && [ "$its_address" = "$address" ] &&
    read -r stat < "/proc/$pid/stat"; then
    arguments=$*
    # shellcheck disable=SC2086
    set -- ${stat##*) }
    if [ "${20}" = "$since" ]; then
      printf %s "$socket" > address
      if [ "${MAX_SHIM_VERSION:-2}" -ge 3 ]; then
        printf '{"version":3,"address":"%s","protocol":"ttrpc"}' "$socket"
      else
        printf %s "$socket"
      fi
      exit 0
    fi
    # shellcheck disable=SC2086
    set -- $arguments
  fi 2> /dev/null
fi

export SPINDLE_SHIM_HOME="$home" SPINDLE_SHIM_PROGRAM="$program"
runtime=$home/runtime
exec "$runtime/$loader" --library-path "$runtime/${loader%/*}" "$runtime/usr/bin/node" --max-semi-space-size=1 \
  "$home/shim/dist/main.cjs" "$@"

# Sourced by the server scripts of the SPICE lab (bash). Every server is an
# instance NAME with its own state folder $LAB_TMP/NAME: pid files, logs, env.
LAB_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
LAB_TMP=${LAB_TMP:-${TMPDIR:-/tmp}/spice-lab}

die() { echo "lab: $*" >&2; exit 1; }

listening() { (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

free_port() { # a port of 127.0.0.1 on which nobody listens now
  local p
  while p=$((20000 + RANDOM % 12000)); listening "$p"; do :; done
  echo "$p"
}

alive() { # alive PIDFILE: it runs (a zombie does not)
  [[ -s $1 ]] && [[ $(sed 's/.*) //' "/proc/$(<"$1")/stat" 2>/dev/null) == [!Z]* ]]
}

spawn() { # spawn LABEL CMD...: run detached; pid in $DIR/LABEL.pid, output in $DIR/LABEL.log
  local label=$1; shift
  setsid nohup "$@" >"$DIR/$label.log" 2>&1 </dev/null &
  echo $! >"$DIR/$label.pid"
}

wait_port() { # wait_port PORT LABEL [SECONDS]
  local end=$((SECONDS + ${3:-30}))
  until listening "$1"; do
    alive "$DIR/$2.pid" || { tail -n 20 "$DIR/$2.log" >&2; die "$2 ended before it listened on $1"; }
    ((SECONDS < end)) || die "$2: no listener on $1 after ${3:-30} s"
    sleep 0.1
  done
}

wait_socket() { # wait_socket PATH LABEL: a unix socket is there
  local i
  for i in {1..300}; do
    [[ ! -S $1 ]] || return 0
    alive "$DIR/$2.pid" || { tail -n 20 "$DIR/$2.log" >&2; die "$2 ended before it made $1"; }
    sleep 0.1
  done
  die "$2: no socket $1 after 30 s"
}

begin() { # begin DEFAULT_NAME: make the state folder of a new instance
  NAME=${NAME:-$1}; DIR=$LAB_TMP/$NAME
  compgen -G "$DIR/*.pid" >/dev/null && stop_instance
  rm -rf "$DIR"; mkdir -p "$DIR"
}

stop_instance() { # end the processes this instance started, and nothing else
  local f pid i
  DIR=$LAB_TMP/${NAME:?}
  for f in "$DIR"/*.pid; do
    alive "$f" || { rm -f "$f"; continue; }
    pid=$(<"$f")
    kill -TERM -- "-$pid" 2>/dev/null || kill -TERM "$pid" 2>/dev/null || true
    kill -CONT -- "-$pid" 2>/dev/null || true # a test may have stopped it: it could not end
    for i in {1..50}; do alive "$f" || break; sleep 0.1; done
    kill -KILL -- "-$pid" 2>/dev/null || true
    rm -f "$f"
  done
}

certs() { # certs FOLDER: a CA and a server certificate for 127.0.0.1/localhost, with QEMU's file names
  [[ -s $1/server-cert.pem ]] && return
  mkdir -p "$1"
  openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj "/O=lab/CN=lab CA" \
    -keyout "$1/ca-key.pem" -out "$1/ca-cert.pem" 2>/dev/null
  openssl req -newkey rsa:2048 -nodes -subj "/O=lab/CN=127.0.0.1" \
    -keyout "$1/server-key.pem" -out "$1/server.csr" 2>/dev/null
  openssl x509 -req -in "$1/server.csr" -CA "$1/ca-cert.pem" -CAkey "$1/ca-key.pem" -CAcreateserial -days 3650 \
    -extfile <(echo "subjectAltName=IP:127.0.0.1,DNS:localhost") -out "$1/server-cert.pem" 2>/dev/null
}

report() { # report KEY=VALUE...: what a client needs; kept in $DIR/env too
  printf '%s\n' "$@" "SPICE_DIR=$DIR" | tee "$DIR/env"
}

case_command() { # start | stop | status, for the script that sources this
  case ${1:-start} in
    start) start ;;
    stop) NAME=${NAME:-$DEFAULT_NAME}; stop_instance ;;
    status) cat "$LAB_TMP/${NAME:-$DEFAULT_NAME}/env" ;;
    *) die "usage: [VAR=value...] $0 start|stop|status" ;;
  esac
}

# The QEMU options both QEMU servers share. Sourced after lib.sh.
#   AUTH=none|password   PASSWORD=secret
#   TLS=0|1|only         both ports, or the TLS port alone
#   TLS_CHANNELS=        e.g. "main inputs": channels refused on the plain port (NEED_SECURED)
#   UNIX=0|1             1: a unix socket in place of the ports, $SPICE_DIR/spice.sock (QEMU has one or the other)
#   COMPRESSION=auto_glz|auto_lz|quic|glz|lz|off   JPEG=auto|never|always   ZLIB_GLZ=auto|never|always
#   STREAMING=filter|all|off   PLAYBACK_COMPRESSION=on|off   SEAMLESS=off|on (migration)
#   GPU=qxl|std|virtio|cirrus  HEADS=1..4 (qxl: one device each; virtio: max_outputs)
#   AUDIO=0|1  AGENT=0|1  USBREDIR=0..n  WEBDAV=0|1  PORTCHAN=0|1 (the QEMU monitor on a port channel)
#   ACCEL=tcg|kvm  MEM=MiB  SMP=n  PORT=  TLS_PORT=
AUTH=${AUTH:-none} PASSWORD=${PASSWORD:-secret} TLS=${TLS:-0} TLS_CHANNELS=${TLS_CHANNELS:-} UNIX=${UNIX:-0}
COMPRESSION=${COMPRESSION:-auto_glz} JPEG=${JPEG:-auto} ZLIB_GLZ=${ZLIB_GLZ:-auto}
STREAMING=${STREAMING:-filter} PLAYBACK_COMPRESSION=${PLAYBACK_COMPRESSION:-on}
GPU=${GPU:-qxl} HEADS=${HEADS:-1}
AUDIO=${AUDIO:-0} AGENT=${AGENT:-0} USBREDIR=${USBREDIR:-0} WEBDAV=${WEBDAV:-0} PORTCHAN=${PORTCHAN:-0}
ACCEL=${ACCEL:-tcg} SMP=${SMP:-1}

qemu_args() { # fills Q, PORT, TLS_PORT, REPORT
  local spice i c
  spice=image-compression=$COMPRESSION,jpeg-wan-compression=$JPEG,zlib-glz-wan-compression=$ZLIB_GLZ
  spice+=,streaming-video=$STREAMING,playback-compression=$PLAYBACK_COMPRESSION,seamless-migration=${SEAMLESS:-off}
  Q=(-name "$NAME" -accel "$ACCEL" -m "${MEM:-128}" -smp "$SMP" -nodefaults -no-user-config -vga none
     -qmp "unix:$DIR/qmp.sock,server=on,wait=off")
  if [[ $UNIX = 1 ]]; then
    [[ $TLS = 0 ]] || die "UNIX=1 goes with TLS=0"
    spice+=,unix=on,addr=$DIR/spice.sock; REPORT=("SPICE_UNIX=$DIR/spice.sock")
  else
    spice+=,addr=127.0.0.1; REPORT=("SPICE_HOST=127.0.0.1")
  fi
  if [[ $UNIX = 0 && $TLS != only ]]; then
    PORT=${PORT:-$(free_port)}; spice+=,port=$PORT; REPORT+=("SPICE_PORT=$PORT")
  fi
  if [[ $TLS != 0 ]]; then
    certs "$DIR/pki"
    TLS_PORT=${TLS_PORT:-$(free_port)}; spice+=,tls-port=$TLS_PORT,x509-dir=$DIR/pki
    for c in $TLS_CHANNELS; do spice+=,tls-channel=$c; done
    REPORT+=("SPICE_TLS_PORT=$TLS_PORT" "SPICE_CA=$DIR/pki/ca-cert.pem")
  fi
  case $AUTH in
    none) spice+=,disable-ticketing=on ;;
    password) Q+=(-object "secret,id=ticket,data=$PASSWORD"); spice+=,password-secret=ticket
      REPORT+=("SPICE_PASSWORD=$PASSWORD") ;;
    *) die "AUTH=$AUTH" ;;
  esac
  case $GPU in
    qxl) Q+=(-device qxl-vga)
      for ((i = 1; i < HEADS; i++)); do Q+=(-device "qxl,id=head$i"); done ;;
    virtio) Q+=(-device "virtio-vga,id=gpu,max_outputs=$HEADS") ;;
    std) Q+=(-device VGA) ;;
    cirrus) Q+=(-device cirrus-vga) ;;
    *) die "GPU=$GPU" ;;
  esac
  if [[ $AUDIO = 1 ]]; then
    Q+=(-audiodev spice,id=snd -device intel-hda -device hda-duplex,audiodev=snd -machine pcspk-audiodev=snd)
  fi
  Q+=(-device virtio-serial)
  if [[ $AGENT = 1 ]]; then
    Q+=(-chardev spicevmc,id=vdagent,name=vdagent -device virtserialport,chardev=vdagent,name=com.redhat.spice.0)
  fi
  if [[ $WEBDAV = 1 ]]; then
    Q+=(-chardev spiceport,id=webdav,name=org.spice-space.webdav.0
        -device virtserialport,chardev=webdav,name=org.spice-space.webdav.0)
  fi
  if [[ $PORTCHAN = 1 ]]; then
    Q+=(-chardev spiceport,id=hmp,name=org.qemu.monitor.hmp.0 -mon chardev=hmp,mode=readline)
  fi
  Q+=(-device qemu-xhci -device usb-tablet)
  for ((i = 0; i < USBREDIR; i++)); do
    Q+=(-chardev "spicevmc,id=usbredir$i,name=usbredir" -device "usb-redir,chardev=usbredir$i")
  done
  Q+=(-spice "$spice")
}

qemu_start() { # qemu_start [more QEMU options...]
  qemu_args
  spawn qemu qemu-system-x86_64 "${Q[@]}" "$@"
  if [[ $UNIX = 1 ]]; then wait_socket "$DIR/spice.sock" qemu; else wait_port "${PORT:-$TLS_PORT}" qemu; fi
  report "${REPORT[@]}" "SPICE_QMP=$DIR/qmp.sock" "SPICE_PID=$(<"$DIR/qemu.pid")"
}

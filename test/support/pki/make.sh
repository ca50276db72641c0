#!/bin/sh
# Makes the certificates of the tests: long-lived, of no value anywhere else. Run it in this folder and commit what it writes.
# The keys of the two authorities are thrown away at the end: nothing can be signed with them later, everything is made anew.
set -eu
cd "$(dirname "$0")"
DAYS=36500
new_key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1"; }

authority() { # file, common name
  new_key "$1.key"
  openssl req -x509 -new -key "$1.key" -sha256 -days $DAYS -out "$1.pem" -subj "/O=Test Authority/CN=$2" \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign
}

server() { # file, subject, names
  openssl req -new -key server.key -out "$1.csr" -utf8 -subj "$2"
  printf 'subjectAltName=%s\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n' "$3" > "$1.ext"
  openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -sha256 -days $DAYS -extfile "$1.ext" -out "$1.pem"
}

authority ca 'Test CA'
authority other-ca 'Another CA'
new_key server.key
# What a connection meets: a subject with a comma and several entries, valid for the loopback addresses and one name.
server server '/C=DE/O=Example, Inc/OU=Lab/CN=vm.example' 'DNS:vm.example,DNS:localhost,IP:127.0.0.1,IP:::1'
# Right authority and subject order of its own, but for no address that a test dials.
server elsewhere '/CN=vm.example/OU=Lab/O=Example, Inc/C=DE' 'DNS:elsewhere.example'
# A subject that is hard to read: several attributes in one entry, every character that RFC 2253 escapes, a letter beyond ASCII.
server odd-subject '/O=a+OU=b/CN= #x "y" <z>;k=v\\w\+q /L=Zürich' 'DNS:odd.example'
# Ended in 2001.
openssl req -new -key server.key -out expired.csr -subj '/CN=vm.example'
mkdir -p ca.tmp && : > ca.tmp/index && echo 01 > ca.tmp/serial
printf '[ca]\ndefault_ca=d\n[d]\ndatabase=ca.tmp/index\nserial=ca.tmp/serial\nnew_certs_dir=ca.tmp\ndefault_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n' > ca.tmp/cnf
printf 'subjectAltName=IP:127.0.0.1\n' > expired.ext
openssl ca -batch -notext -config ca.tmp/cnf -cert ca.pem -keyfile ca.key -in expired.csr -out expired.pem \
  -startdate 20000101000000Z -enddate 20010101000000Z -extfile expired.ext
rm -rf ca.tmp ./*.csr ./*.ext ./*.srl ca.key other-ca.key

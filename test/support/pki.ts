/** The certificates of the tests, as PEM text. make.sh beside them says what each one is for. */
import { readFileSync } from 'node:fs';

const pem = (name: string): string => readFileSync(new URL(`./pki/${name}`, import.meta.url), 'utf8');

export const pki = {
  ca: pem('ca.pem'),
  otherCa: pem('other-ca.pem'),
  serverKey: pem('server.key'),
  server: pem('server.pem'),
  elsewhere: pem('elsewhere.pem'),
  oddSubject: pem('odd-subject.pem'),
  expired: pem('expired.pem'),
};

// Records what a SPICE server sends on its first display channel, or on the first of another type with these capabilities:
// node record-display.mjs PORT SECONDS FILE [WINDOW_PIXELS [TYPE CAPABILITIES]]
// The file holds the messages with their mini headers, as they came. A bare client of its own, without a line of src/, so
// that what is recorded does not depend on what is to be tested. No password, no TLS, 127.0.0.1 only.
import { constants, createPublicKey, publicEncrypt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';

const [port, seconds, file, windowPixels] = [Number(process.argv[2]), Number(process.argv[3]), process.argv[4], Number(process.argv[5] ?? 4 << 20)];
const channelType = Number(process.argv[6] ?? 2);
/** Sized streams, monitors config, composite, A8 surfaces, stream reports, LZ4. */
const capabilities = Number(process.argv[7] ?? 0x3f);

/** Links one channel; calls `onMessage(type, body, bytes)` for each message after acknowledging and answering pings. */
async function openChannel(type, session, capabilities, onMessage) {
  const socket = connect(port, '127.0.0.1').setNoDelay();
  let buffered = Buffer.alloc(0);
  let wake = null;
  socket.on('data', (chunk) => {
    buffered = Buffer.concat([buffered, chunk]);
    wake?.();
  });
  socket.on('error', (error) => console.error(`channel ${type}: ${error.message}`));
  async function take(count) {
    while (buffered.length < count) await new Promise((resolve) => { wake = resolve; });
    const taken = buffered.subarray(0, count);
    buffered = buffered.subarray(count);
    return taken;
  }
  const send = (messageType, body) => {
    const header = Buffer.alloc(6);
    header.writeUInt16LE(messageType, 0);
    header.writeUInt32LE(body.length, 2);
    socket.write(Buffer.concat([header, body]));
  };

  const link = Buffer.alloc(26);
  link.writeUInt32LE(session, 0);
  link[4] = type;
  link.writeUInt32LE(1, 6);
  link.writeUInt32LE(1, 10);
  link.writeUInt32LE(18, 14);
  link.writeUInt32LE(0b1011, 18); // auth selection, SPICE auth, mini header
  link.writeUInt32LE(capabilities, 22);
  const prefix = Buffer.from('REDQ\u0002\0\0\0\u0002\0\0\0\0\0\0\0', 'latin1');
  prefix.writeUInt32LE(link.length, 12);
  socket.write(Buffer.concat([prefix, link]));
  const reply = await take((await take(16)).readUInt32LE(12));
  if (reply.readUInt32LE(0) !== 0) throw new Error(`link error ${reply.readUInt32LE(0)}`);
  const key = createPublicKey({ key: reply.subarray(4, 166), format: 'der', type: 'spki' });
  const ticket = publicEncrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' }, Buffer.from('\0'));
  socket.write(Buffer.concat([Buffer.from([1, 0, 0, 0]), ticket]));
  const result = (await take(4)).readUInt32LE(0);
  if (result !== 0) throw new Error(`link result ${result}`);
  if (type === 2) {
    const init = Buffer.alloc(14);
    init[0] = 1;
    init.writeBigInt64LE(20n << 20n, 1);
    init[9] = 1;
    init.writeInt32LE(windowPixels, 10);
    send(101, init);
  }
  void (async () => {
    let window = 0;
    let unacknowledged = 0;
    for (;;) {
      const header = Buffer.from(await take(6));
      const body = Buffer.from(await take(header.readUInt32LE(2)));
      const messageType = header.readUInt16LE(0);
      if (messageType === 3) {
        window = body.readUInt32LE(4);
        unacknowledged = 0;
        send(1, body.subarray(0, 4));
      } else if (messageType === 4) send(3, body.subarray(0, 12));
      if (++unacknowledged >= window && window > 0) {
        unacknowledged = 0;
        send(2, Buffer.alloc(0));
      }
      onMessage(messageType, body, [header, body]);
    }
  })();
  return { send, close: () => socket.destroy() };
}

const recorded = [];
const session = await new Promise((resolve, reject) => {
  let main = null;
  openChannel(1, 0, 0, (type, body) => {
    if (type === 103) resolve({ id: body.readUInt32LE(0), close: () => main.close() });
  }).then((channel) => { main = channel; }, reject);
});
const channel = await openChannel(channelType, session.id, capabilities, (_type, _body, bytes) => recorded.push(...bytes));
setTimeout(() => {
  writeFileSync(file, Buffer.concat(recorded));
  channel.close();
  session.close();
}, seconds * 1000);

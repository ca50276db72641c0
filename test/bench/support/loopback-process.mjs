// The loopback server in a process of its own, for benchmarks that must not share its thread: says its port, and what it saw whenever it is asked.
const app = (name) => import(new URL(`../../../dist/${name}.js`, import.meta.url).href);
const { createNodeBase } = await app('actors/kernel/node-base');
const { listen } = await app('loopback/node-listener');
const { defaultLoopbackOptions, LoopbackServer } = await app('loopback/server');

const server = new LoopbackServer(createNodeBase(), { ...defaultLoopbackOptions, ...JSON.parse(process.argv[2]) });
const { port } = await listen(server, { kind: 'tcp', address: '127.0.0.1', port: 0 });
process.on('message', () => process.send(server.observe()));
process.on('disconnect', () => process.exit());
process.send({ port });

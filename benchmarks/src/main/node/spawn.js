// Node's child_process under measurement: spawn.js BARE_SPAWN. Understands the same lines as bare_spawn.c.
'use strict';

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const readline = require('node:readline');

const CHUNK = Buffer.alloc(65536);
const now = () => process.hrtime.bigint();
const processorMicros = () => {
  const { user, system } = process.cpuUsage();
  return user + system;
};
const ended = (child) => new Promise((resolve) => child.on('exit', resolve));

async function spawnAll(count, inFlight, pipes) {
  let left = count;
  const run = async () => {
    while (left-- > 0) {
      const child = spawn('/bin/true', [], { stdio: pipes === 0 ? 'inherit' : 'pipe' });
      await ended(child);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, run));
}

async function latencies(count, file) {
  const all = [];
  for (let i = 0; i < count; i++) {
    await ended(spawn(process.argv[2], ['end', file], { stdio: 'inherit' }));
    const heard = now();
    all.push(heard - fs.readFileSync(file).readBigInt64LE());
  }
  return all.join(' ');
}

async function catAll(count, size) {
  const cats = Array.from({ length: count }, () => spawn('/bin/cat', [], { stdio: ['pipe', 'pipe', 'inherit'] }));
  const begin = now();
  let echoed = 0;
  await Promise.all(
    cats.map((cat) => {
      let left = size;
      const write = () => {
        while (left > 0) {
          const piece = CHUNK.subarray(0, Math.min(left, CHUNK.length));
          left -= piece.length;
          if (!cat.stdin.write(piece)) {
            cat.stdin.once('drain', write);
            return;
          }
        }
        cat.stdin.end();
      };
      const done = new Promise((resolve) => cat.stdout.on('end', resolve));
      cat.stdout.on('data', (data) => {
        echoed += data.length;
      });
      write();
      return done;
    }),
  );
  const nanos = now() - begin;
  if (echoed !== count * size) throw new Error(`${echoed} bytes came back`);
  return nanos;
}

async function main() {
  console.log('ready');
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const [word, ...rest] = line.split(' ');
    const begin = now();
    const beginMicros = processorMicros();
    if (word === 'spawn') {
      await spawnAll(...rest.map(Number));
      console.log(`${now() - begin} ${processorMicros() - beginMicros}`);
    } else if (word === 'latency') {
      console.log(await latencies(Number(rest[0]), rest[1]));
    } else if (word === 'cat') {
      const nanos = await catAll(Number(rest[0]), Number(rest[1]) * 1048576);
      console.log(`${nanos} ${processorMicros() - beginMicros}`);
    }
  }
}

main();

'use strict';
// Node's cluster: hello_cluster.js PORT WORKERS. The primary replaces a worker that dies; on SIGHUP all of them, one after the other.
const cluster = require('node:cluster');
const http = require('node:http');

const port = Number(process.argv[2]);
const count = Number(process.argv[3]);

if (cluster.isPrimary) {
  for (let i = 0; i < count; i++) cluster.fork();
  cluster.on('exit', (worker) => {
    if (!worker.exitedAfterDisconnect) cluster.fork();
  });
  process.on('SIGHUP', async () => {
    for (const old of Object.values(cluster.workers)) {
      await new Promise((done) => cluster.fork().once('listening', done));
      const gone = new Promise((done) => old.once('exit', done));
      old.send('drain');
      await gone;
    }
  });
} else {
  let draining = false;
  process.on('message', (message) => {
    if (message === 'drain') {
      draining = true;
      cluster.worker.disconnect(); // accepts no more, closes idle connections, ends when the others are closed
    }
  });
  http
    .createServer((request, response) => {
      const page = `hello from a worker, pid ${process.pid}\n`;
      const head = { 'Content-Type': 'text/plain', 'Content-Length': page.length };
      // A client that never pauses would keep its connection, and this worker, for ever.
      response.writeHead(200, draining ? { ...head, Connection: 'close' } : head);
      response.end(page);
    })
    .listen(port, '127.0.0.1');
}

// The server that guests call over HTTP: `/` answers at once, `/slow` after a second.
const { createServer } = require('node:http');

const SLOW_MS = 1000;
const hello = Buffer.from('Hello from an origin!\n');

const server = createServer((request, response) => {
  const answer = () => {
    response.writeHead(200, { 'content-type': 'text/plain' });
    response.end(hello);
  };
  if (request.url === '/slow') {
    setTimeout(answer, SLOW_MS);
  } else {
    answer();
  }
});
// A thousand clients come at the same moment; the system's usual 511 would make half of them wait for a second SYN.
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => process.stdout.write(`${server.address().port}\n`));

// The floor: node:http answering what the guests answer, without a guest. CommonJS, since an ESM entry starts slower.
const { createServer } = require('node:http');
const { createHash } = require('node:crypto');

const hello = Buffer.from('Hello, world!\n');
const chunk = Buffer.alloc(16_384, 120);

/** 1 MB in 64 chunks, as the streaming guest sends it, waiting whenever the client does not keep up. */
function stream(response) {
  let left = 64;
  const more = () => {
    while (left > 0) {
      left -= 1;
      if (!response.write(chunk)) {
        response.once('drain', more);
        return;
      }
    }
    response.end();
  };
  more();
}

/** The digest of the body, as the hashing guest answers. */
function hash(request, response) {
  const sum = createHash('sha256');
  let bytes = 0;
  request.on('data', (piece) => {
    bytes += piece.length;
    sum.update(piece);
  });
  request.on('end', () => response.end(`${sum.digest('hex')} ${bytes}\n`));
}

createServer((request, response) => {
  response.writeHead(200, { 'content-type': 'text/plain' });
  if (request.method === 'POST') {
    hash(request, response);
  } else if (request.url.includes('count=64')) {
    stream(response);
  } else {
    response.end(hello);
  }
}).listen(Number(process.argv[2]), '127.0.0.1');

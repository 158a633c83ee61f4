// The floor: node:http answering what the guests answer, without a guest. CommonJS, since an ESM entry starts slower.
const { createServer } = require('node:http');

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

createServer((request, response) => {
  response.writeHead(200, { 'content-type': 'text/plain' });
  if (request.url.includes('count=64')) {
    stream(response);
  } else {
    response.end(hello);
  }
}).listen(Number(process.argv[2]), '127.0.0.1');

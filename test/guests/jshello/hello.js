// A fetch-event program: what it does is in the path.
//   /            a greeting               /headers   the request's headers as JSON, in order
//   /echo        streams the body back    /stream?count=5&ms=10   chunks written one by one with a pause before each
//   /fanout?url=A&url=B   fetches all at once: "200 12" (status, length) or the error, a line each
//   /proxy?url=A   passes a response through, body as a stream
//   /state       counts calls of this instance: always 1 when each request has a fresh state
//   /clock, /random   one fact a line     /log   writes to both outputs     /throw   fails     /never   never answers

let calls = 0;

const text = (body, init) => new Response(body, { headers: { 'content-type': 'text/plain' }, ...init });
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function slowly(count, ms) {
  let sent = 0;
  return new ReadableStream({
    async pull(controller) {
      if (sent === count) return controller.close();
      if (ms > 0) await sleep(ms);
      controller.enqueue(new TextEncoder().encode(`chunk ${sent++}\n`));
    },
  });
}

async function fetched(url) {
  try {
    const response = await fetch(url);
    return `${response.status} ${(await response.arrayBuffer()).byteLength}`;
  } catch (error) {
    return `error ${error}`;
  }
}

async function handle(request) {
  calls += 1;
  const url = new URL(request.url);
  const query = url.searchParams;
  switch (url.pathname) {
    case '/echo':
      return new Response(request.body, { headers: { 'content-type': request.headers.get('content-type') ?? 'text/plain' } });
    case '/headers':
      return Response.json([...request.headers]);
    case '/stream':
      return text(slowly(Number(query.get('count') ?? 5), Number(query.get('ms') ?? 0)));
    case '/fanout':
      return text((await Promise.all(query.getAll('url').map(fetched))).join('\n') + '\n');
    case '/proxy':
      return fetch(query.get('url'));
    case '/state':
      return text(`${calls}\n`);
    case '/clock':
      return text(`${Date.now()}\n${performance.now()}\n`);
    case '/random':
      return text(`${Math.random()}\n${crypto.getRandomValues(new Uint32Array(1))[0]}\n`);
    case '/log':
      console.log('to the output');
      console.error('to the error output');
      return text('logged\n');
    case '/throw':
      throw new Error('the guest was told to fail');
    case '/never':
      return new Promise(() => {});
    default:
      return text(`Hello from JS! ${url.pathname}\n`);
  }
}

addEventListener('fetch', (event) => event.respondWith(handle(event.request)));

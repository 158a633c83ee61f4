// A TypeScript application as `spin new` makes them: a router on the fetch event, host interfaces imported by name.
//   /   greeting   /hello/:name   POST /echo   /kv/:key (GET, PUT, DELETE)   /var/:name   /store/:label   else 404
import { Hono } from 'hono';
import { fire } from 'hono/service-worker';
import { Store } from 'fermyon:spin/key-value@2.0.0';
import { get as variable } from 'fermyon:spin/variables@2.0.0';

/** What a host call throws: the error case of its result. */
interface HostError {
  payload: { tag: string; val?: string };
}

const app = new Hono();

app.get('/', (c) => c.text('Hello from Spin JS!\n'));
app.get('/hello/:name', (c) => c.text(`Hello, ${c.req.param('name')}!\n`));
app.post('/echo', (c) => new Response(c.req.raw.body));

app.get('/kv/:key', (c) => {
  const value = Store.open('default').get(c.req.param('key'));
  return value === undefined ? c.text('none\n', 404) : c.body(new Uint8Array(value));
});
app.put('/kv/:key', async (c) => {
  Store.open('default').set(c.req.param('key'), new Uint8Array(await c.req.arrayBuffer()));
  return c.body(null, 204);
});
app.delete('/kv/:key', (c) => {
  Store.open('default').delete(c.req.param('key'));
  return c.body(null, 204);
});

app.get('/var/:name', (c) => c.text(`${variable(c.req.param('name'))}\n`));
app.get('/store/:label', (c) => {
  Store.open(c.req.param('label'));
  return c.text('opened\n');
});

app.onError((error, c) => {
  const payload = (error as unknown as HostError).payload;
  return c.text(payload ? `${payload.tag} ${payload.val ?? ''}\n` : `${error}\n`, 500);
});

fire(app);

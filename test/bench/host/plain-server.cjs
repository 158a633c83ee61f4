// What the guest of the benchmark does, in plain node:http: the same calls, with the drivers that Spindle has, of the same
// versions. Usage: plain-server.cjs <port> <file of a key-value store> <file of a database>; addresses are in requests.
const { Agent, createServer, get } = require('node:http');
const { createRequire } = require('node:module');
const { join } = require('node:path');
const { DatabaseSync } = require('node:sqlite');

/** As many as there are clients in the benchmark at one time, in each pool. */
const CONNECTIONS = 10;
const ID = 7;
const [, , port, storeFile, databaseFile] = process.argv;
const driver = createRequire(join(__dirname, '../../../runtime-node/package.json'));

/** Made at the first request that needs it. */
const once = (make) => {
  let made;
  return (address) => (made ??= make(address));
};

const store = once(() => {
  const database = new DatabaseSync(storeFile, { timeout: 1000 });
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
  return {
    read: database.prepare('SELECT value FROM spin_key_value WHERE store = ? AND key = ?'),
    write: database.prepare(
      'INSERT INTO spin_key_value (store, key, value) VALUES (?, ?, ?) ON CONFLICT (store, key) DO UPDATE SET value = excluded.value',
    ),
  };
});
const person = once(() => new DatabaseSync(databaseFile).prepare('SELECT name FROM person WHERE id = ?'));
const redis = once((address) => new (driver('ioredis').Redis)(address));
const postgres = once(
  (connectionString) => new (driver('pg').Pool)({ connectionString, max: CONNECTIONS, idleTimeoutMillis: 0 }),
);
const mysql = once((uri) => driver('mysql2/promise').createPool({ uri, connectionLimit: CONNECTIONS }));
const agent = once(() => new Agent({ keepAlive: true }));

const WORK = {
  '/nothing': () => 'nothing\n',
  '/kv-get': () => store().read.get('default', 'greeting').value,
  '/kv-set': () => {
    store().write.run('default', 'count', Buffer.from('Hello from a store!\n'));
    return 'set\n';
  },
  '/redis-get': (address) => redis(address).getBuffer('greeting'),
  '/redis-set': async (address) => {
    await redis(address).set('count', Buffer.from('Hello from a store!\n'));
    return 'set\n';
  },
  '/sqlite': () => person().get(ID).name,
  '/pg': async (address) => {
    const { rows } = await postgres(address).query('SELECT name FROM person WHERE id = $1', [ID]);
    return rows[0].name;
  },
  '/mysql': async (address) => {
    const [rows] = await mysql(address).execute('SELECT name FROM person WHERE id = ?', [ID]);
    return rows[0].name;
  },
  '/http': (url) =>
    new Promise((resolve, reject) => {
      get(url, { agent: agent() }, (response) => {
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('end', () => resolve(Buffer.concat(chunks)));
        response.on('error', reject);
      }).on('error', reject);
    }),
};

createServer(async (request, response) => {
  try {
    const [, path, argument] = /^([^?]*)\??(.*)$/.exec(request.url);
    const body = await WORK[path](argument);
    response.writeHead(200, { 'content-type': 'text/plain' });
    response.end(body);
  } catch (error) {
    response.writeHead(500);
    response.end(String(error));
  }
}).listen(Number(port), '127.0.0.1');

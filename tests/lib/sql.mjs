// tests/lib/sql.mjs - SQL for tests, answered at once, through one connection a role: a psql for each question, and a server
// process for each psql, cost more than most tests do. A thread speaks PostgreSQL's protocol; who asks waits for it.
import { connect } from 'node:net';
import { join } from 'node:path';
import { MessageChannel, Worker, isMainThread, receiveMessageOnPort, workerData } from 'node:worker_threads';

const threads = new Map();

/** Asks as that role; rows as psql -At prints them: columns separated by "|", null as nothing. Several statements are one
 * transaction, as for psql -c. Throws what the server says. */
export function askAs(user, text, folder = process.env.PGHOST) {
  const at = join(folder, '.s.PGSQL.5432');
  const name = `${user}@${at}`;
  if (!threads.has(name)) threads.set(name, startThread(user, at));
  const { port, answered } = threads.get(name);
  port.postMessage(text);
  Atomics.wait(answered, 0, 0);
  Atomics.store(answered, 0, 0);
  const { error, rows } = receiveMessageOnPort(port).message;
  if (error) throw new Error(`${error}\n${text}`);
  return rows.join('\n').trim();
}

function startThread(user, at) {
  const { port1: port, port2: theirs } = new MessageChannel();
  const answered = new Int32Array(new SharedArrayBuffer(4));
  const thread = new Worker(new URL(import.meta.url), { workerData: { sqlThread: true, user, at, theirs, answered }, transferList: [theirs] });
  thread.unref();
  port.unref();
  return { port, answered };
}

// --- in the thread ---

const message = (type, text) => {
  const body = Buffer.from(`${text}\0`);
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
};

function startup(user) {
  const body = Buffer.from(`user\0${user}\0database\0atelier\0client_encoding\0UTF8\0\0`);
  const head = Buffer.alloc(8);
  head.writeInt32BE(body.length + 8);
  head.writeInt32BE(3 << 16, 4); // the protocol's version
  return Buffer.concat([head, body]);
}

function rowOf(body) {
  const fields = [];
  for (let i = 0, at = 2; i < body.readInt16BE(0); i++) {
    const length = body.readInt32BE(at);
    fields.push(length < 0 ? '' : body.toString('utf8', at + 4, at + 4 + length));
    at += 4 + Math.max(0, length);
  }
  return fields.join('|');
}

/** "ERROR:  words" and what else psql would print of it. */
function errorOf(body) {
  const parts = Object.fromEntries(body.toString().split('\0').filter(Boolean).map((p) => [p[0], p.slice(1)]));
  return [`${parts.S}:  ${parts.M}`, parts.D && `DETAIL:  ${parts.D}`, parts.H && `HINT:  ${parts.H}`, parts.W && `CONTEXT:  ${parts.W}`].filter(Boolean).join('\n');
}

const FATAL = 'F'.charCodeAt(0); // begins the severity of an error that ends the connection
const IDLE = 'I'.charCodeAt(0); // in no transaction

/** One connection. Its answers are { rows, error }. */
function connection(user, at) {
  let socket, done, rows, error, buffer, isReady, isSilent;
  const finish = () => {
    const tell = done;
    done = undefined;
    tell?.({ rows, error });
  };
  const take = (type, body) => {
    if (type !== 'E' || body[1] !== FATAL) isSilent = false;
    if (type === 'D') rows.push(rowOf(body));
    else if (type === 'E') error ??= errorOf(body);
    else if (type === 'Z') {
      isReady = true;
      if (body[0] === IDLE) finish();
      else socket.write(message('Q', 'rollback')); // what psql leaves open when it ends
    }
  };
  const read = (data) => {
    buffer = Buffer.concat([buffer, data]);
    while (buffer.length >= 5 && buffer.length > buffer.readInt32BE(1)) {
      const length = buffer.readInt32BE(1) + 1;
      take(String.fromCharCode(buffer[0]), buffer.subarray(5, length));
      buffer = buffer.subarray(length);
    }
  };
  const open = () =>
    new Promise((resolve) => {
      [buffer, rows, error, isReady, done] = [Buffer.alloc(0), [], undefined, false, resolve];
      const mine = (socket = connect(at));
      mine.on('data', read);
      mine.on('error', (e) => (error ??= e.message));
      mine.on('close', () => {
        if (socket !== mine) return;
        socket = undefined;
        error ??= 'the server closed the connection';
        finish();
      });
      mine.write(startup(user));
    });
  const send = (text) =>
    new Promise((resolve) => {
      [rows, error, done, isSilent] = [[], undefined, resolve, true];
      socket.write(message('Q', text));
    });
  return async (text) => {
    for (;;) {
      const isOld = Boolean(socket);
      if (!isOld) await open();
      if (!isReady) return { rows, error };
      const answer = await send(text);
      if (isOld && isSilent) continue; // the server was restarted since the last question, and never saw this one
      if (/set_config\(|^\s*set /.test(text) && socket) await send('discard all'); // each question begins afresh, as in a new psql
      return answer;
    }
  };
}

if (!isMainThread && workerData?.sqlThread) {
  const { user, at, theirs, answered } = workerData;
  const ask = connection(user, at);
  theirs.on('message', async (text) => {
    theirs.postMessage(await ask(text));
    Atomics.store(answered, 0, 1);
    Atomics.notify(answered, 0);
  });
}

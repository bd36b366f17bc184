// tests/clients/ot.test.mjs - the npm `ot` client, unchanged: lib/ot.c gives its very answers, and its clients, with a
// server that orders and transforms by lib/ot.c, end in the same text.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import ot from 'ot';

const { Client, TextOperation } = ot;

let core, answers;
before(() => {
  core = spawn(path.resolve(process.env.ATELIER_BUILD_DIR ?? '.', 'tests/clients/ot_core'), { stdio: ['pipe', 'pipe', 'inherit'] });
  answers = createInterface({ input: core.stdout })[Symbol.asyncIterator]();
});
after(() => core.stdin.end());

/** What lib/ot.c answers. */
async function ask(...question) {
  core.stdin.write(`${JSON.stringify(question)}\n`);
  return JSON.parse((await answers.next()).value);
}

// The same dice every time.
let state = 12345;
const dice = (sides) => (state = (state * 1103515245 + 12345) % 2147483648) % 65536 % sides;
const letters = ['a', 'b', 'c', '\n', '"', 'é', '漢', '🎬'];
const someText = (most) => Array.from({ length: dice(most + 1) }, () => letters[dice(letters.length)]).join('');

function someOperation(text) {
  const operation = new TextOperation();
  const characters = [...text];
  while (characters.length) {
    const run = characters.splice(0, 1 + dice(4)).join('');
    if (dice(3) === 0) operation.insert(someText(3));
    if (dice(4) === 0) operation.delete(run.length);
    else operation.retain(run.length);
  }
  return operation.insert(someText(2));
}

describe('lib/ot.c beside ot.js', () => {
  it('applies, composes, transforms and inverts as ot.js does', async () => {
    for (let turn = 0; turn < 1000; turn++) {
      const text = someText(20);
      const a = someOperation(text);
      const b = someOperation(text);
      const next = someOperation(a.apply(text));
      assert.equal(await ask('apply', a, text), a.apply(text));
      assert.deepEqual(await ask('compose', a, next), a.compose(next).toJSON());
      assert.deepEqual(await ask('transform', a, b), TextOperation.transform(a, b).map((o) => o.toJSON()));
      assert.deepEqual(await ask('invert', a, text), a.invert(text).toJSON());
    }
  });

  it('makes operations of whole texts that ot.js applies', async () => {
    for (let turn = 0; turn < 300; turn++) {
      const [was, is] = [someText(30), someText(30)];
      assert.equal(TextOperation.fromJSON(await ask('diff', was, is)).apply(was), is);
    }
  });

  it('answers an error for a text of another length and for half a character', async () => {
    assert.equal(await ask('apply', [2], 'abc'), null);
    assert.equal(await ask('apply', [1, 'x', 1], '🎬'), null);
  });
});

/** A client of ot.js whose packets wait until they are fetched. */
class Typist extends Client {
  constructor(text) {
    super(0);
    this.text = text;
    this.sent = [];
    this.heard = 0;
  }

  type() {
    const operation = someOperation(this.text);
    this.text = operation.apply(this.text);
    this.applyClient(operation);
  }

  sendOperation(revision, operation) {
    this.sent.push({ revision, operation: JSON.parse(JSON.stringify(operation)) });
  }

  applyOperation(operation) {
    this.text = operation.apply(this.text);
  }

  /** The next operation of the server: its own is its acknowledgement. */
  hear({ from, operation }) {
    this.heard++;
    if (from === this) this.serverAck();
    else this.applyServer(TextOperation.fromJSON(operation));
  }
}

/** Takes a packet as a server does: transforms it by all that its sender had not heard. */
async function receive(server, typist) {
  const { revision, operation } = typist.sent.shift();
  let now = operation;
  for (const earlier of server.history.slice(revision)) [now] = await ask('transform', now, earlier.operation);
  server.text = await ask('apply', now, server.text);
  server.history.push({ from: typist, operation: now });
}

describe('clients of ot.js', () => {
  it('converge in whatever order the packets come', async () => {
    for (let history = 0; history < 60; history++) {
      const server = { text: someText(20), history: [] };
      const typists = Array.from({ length: 3 }, () => new Typist(server.text));
      const isOver = () => typists.every((t) => !t.sent.length && t.heard === server.history.length);
      for (let edits = 20; edits > 0 || !isOver(); ) {
        const typist = typists[dice(3)];
        const what = dice(3);
        if (what === 0 && edits-- > 0) typist.type();
        else if (what === 1 && typist.sent.length) await receive(server, typist);
        else if (typist.heard < server.history.length) typist.hear(server.history[typist.heard]);
      }
      for (const typist of typists) assert.equal(typist.text, server.text);
    }
  });
});

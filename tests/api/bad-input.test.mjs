// Every route that takes JSON, with everything that is not what it asks for. The list of routes is the server's own
// OpenAPI document, so a new route is tested the day it appears.
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { call, fails, failing, get, newUser } from '../lib/api.mjs';

const document = await (await fetch(`${process.env.ATELIER_URL ?? 'http://127.0.0.1:8080'}/api/v1/openapi.json`)).json();

const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, op]) => ({ method: method.toUpperCase(), path, op, schema: op.requestBody?.content?.['application/json']?.schema })),
);
const withBody = operations.filter((o) => o.schema);
const uuid = '01900000-0000-7000-8000-000000000000';
const concrete = (path) => `/${path.replace(/\{[^}]*\}/g, uuid)}`; // the helper takes "//" + path as absolute

let user;
before(async () => {
  user = await newUser();
});

const isPublic = (op) => op['x-permission'] === 'public';
const allowed = (op) => isPublic(op) || op['x-permission'] === 'signed-in' || op['x-permission'] === 'video:create';
const tokenFor = (op) => (isPublic(op) ? undefined : user.token);

/** A value of another type than the schema's; undefined when any JSON will do. */
function wrongType(schema) {
  const types = [schema.type ?? []].flat();
  if (types.length === 0) return undefined;
  return types.includes('string') ? { not: 'text' } : types.includes('array') ? 'no list' : ['neither'];
}

describe('the document', () => {
  it('lists routes', () => assert.ok(operations.length > 20, `${operations.length} routes`));
});

describe('bodies', () => {
  for (const { method, path, op, schema } of withBody) {
    if (!allowed(op)) continue;
    const send = (body, type = 'application/json') =>
      call(method, concrete(path), { body, headers: { 'content-type': type }, token: tokenFor(op) });

    it(`${method} ${path}: malformed JSON`, async () => {
      for (const bad of ['{', '{"a":1,}', '[1', 'nonsense', '{"a":1}{"b":2}', '', '{"a":NaN}', '{"a":1,"a":2}', '['.repeat(1000)])
        fails(await send(bad), 400, 'MALFORMED_JSON');
    });
    it(`${method} ${path}: invalid UTF-8`, async () => {
      fails(await send(Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xff, 0xfe, 0x22, 0x7d])), 400, 'MALFORMED_JSON');
    });
    it(`${method} ${path}: not an object`, async () => {
      for (const bad of ['[]', '"x"', '1', 'null']) fails(await send(bad), 400);
    });
    it(`${method} ${path}: another content type`, async () => {
      fails(await send('a=1', 'application/x-www-form-urlencoded'), 415, 'UNSUPPORTED_MEDIA_TYPE');
    });
    it(`${method} ${path}: unknown field`, async () => {
      const error = fails(await send(JSON.stringify({ surelyNotAField: 1 })), 400);
      assert.ok(failing(error).includes('surelyNotAField'), JSON.stringify(error));
    });
    it(`${method} ${path}: too large`, async () => {
      fails(await send(JSON.stringify({ x: 'y'.repeat(3_000_000) })), 413, 'PAYLOAD_TOO_LARGE');
    });
    const properties = Object.entries(schema.properties ?? {});
    if (schema.required?.length)
      it(`${method} ${path}: every missing field is named`, async () => {
        const error = fails(await send('{}'), 400, 'VALIDATION_ERROR');
        for (const field of schema.required) assert.ok(failing(error).includes(field), `${field} in ${JSON.stringify(error)}`);
      });
    const typed = properties.filter(([, s]) => wrongType(s) !== undefined);
    if (typed.length)
      it(`${method} ${path}: every wrong type is named`, async () => {
        const error = fails(await send(JSON.stringify(Object.fromEntries(typed.map(([k, s]) => [k, wrongType(s)])))), 400, 'VALIDATION_ERROR');
        for (const [field] of typed) assert.ok(failing(error).includes(field), `${field} in ${JSON.stringify(error)}`);
      });
    const bounded = properties.filter(([, s]) => s.maxLength && s.maxLength < 20_000);
    if (bounded.length)
      it(`${method} ${path}: every over-long value is named`, async () => {
        const error = fails(await send(JSON.stringify(Object.fromEntries(bounded.map(([k, s]) => [k, 'é'.repeat(s.maxLength + 1)])))), 400, 'VALIDATION_ERROR');
        for (const [field] of bounded) assert.ok(failing(error).includes(field), `${field} in ${JSON.stringify(error)}`);
      });
  }
});

describe('tokens', () => {
  for (const { method, path, op } of operations) {
    if (!path.startsWith('/api/v1/') || isPublic(op)) continue;
    it(`${method} ${path}: without a token and with wrong ones`, async () => {
      fails(await call(method, concrete(path)), 401, 'UNAUTHENTICATED');
      for (const bad of ['x', 'a.b.c', 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.', user.token.slice(0, -3) + 'abc', user.token + 'x'])
        fails(await call(method, concrete(path), { token: bad }), 401, 'TOKEN_INVALID');
      fails(await call(method, concrete(path), { headers: { authorization: 'Basic Zm9vOmJhcg==' } }), 401, 'TOKEN_INVALID');
    });
  }
});

describe('paths and headers', () => {
  it('knows no other path', async () => {
    for (const path of ['/nope', '/videos/not-a-uuid', '/videos//x', '/videos/', `/videos/${uuid}/`, '/..%2f..%2fetc/passwd'])
      fails(await get(path), 404, 'NOT_FOUND');
  });
  it('answers what is no path at all in its own words', async () => {
    const res = await get('/videos/%00');
    // Apache does not let such a path through: 404 in the words of etc/apache/errors
    if (res.status === 404) assert.equal(res.error.code, 'NOT_FOUND');
    else fails(res, 400, 'BAD_REQUEST');
  });
  it('says which methods a path has', async () => {
    const res = await call('DELETE', '/openapi.json');
    fails(res, 405, 'METHOD_NOT_ALLOWED');
    assert.match(res.headers.get('allow'), /GET/);
  });
  it('each answer has an id of its own, also one that the web server had kept', async () => {
    const ids = [];
    for (let i = 0; i < 4; i++) ids.push((await get('/videos/feed?limit=3')).headers.get('x-request-id'));
    for (const id of ids) assert.match(id, /^[A-Za-z0-9._-]{8,64}$/);
    assert.equal(new Set(ids).size, ids.length, ids.join(' '));
  });
  it('keeps a sane request id and replaces any other', async () => {
    assert.equal((await get('//health', { headers: { 'x-request-id': 'client-id-0001' } })).headers.get('x-request-id'), 'client-id-0001');
    for (const bad of ['short', 'with space here', 'a'.repeat(200), '{"json":"injection"}'])
      assert.notEqual((await get('//health', { headers: { 'x-request-id': bad } })).headers.get('x-request-id'), bad);
  });
  it('answers a known ETag with 304', async () => {
    const first = await get('/openapi.json');
    const etag = first.headers.get('etag');
    if (etag) assert.equal((await get('/openapi.json', { headers: { 'if-none-match': etag } })).status, 304);
  });
});

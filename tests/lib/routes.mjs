// tests/lib/routes.mjs - every route of the running server (from its own OpenAPI document), and requests to any host name.
import { request } from 'node:http';
import { base } from './api.mjs';

/** [{ method: 'GET', path: '/api/v1/users/{id}', permission, params: ['id'], hasBody, operation }] in a fixed order. */
export async function allRoutes() {
  const doc = await (await fetch(`${base}/api/v1/openapi.json`)).json();
  const routes = [];
  for (const [path, methods] of Object.entries(doc.paths))
    for (const [method, operation] of Object.entries(methods))
      routes.push({
        method: method.toUpperCase(),
        path,
        permission: operation['x-permission'],
        params: [...path.matchAll(/\{(\w+)\}/g)].map((m) => m[1]),
        hasBody: Boolean(operation.requestBody),
        operation,
      });
  return routes.sort((a, b) => (a.path + a.method < b.path + b.method ? -1 : 1));
}

/** One request with a Host header of its own; paths are absolute. */
export function callAt(host, method, path, { json, body, token, headers = {} } = {}) {
  const { hostname, port } = new URL(base);
  const all = { ...headers, host };
  if (token) all.authorization = `Bearer ${token}`;
  if (json !== undefined) {
    all['content-type'] ??= 'application/json';
    body = JSON.stringify(json);
  }
  if (body !== undefined) all['content-length'] = Buffer.byteLength(body);
  return new Promise((resolve, reject) => {
    const r = request({ hostname, port, method, path, headers: all, agent: false }, (res) => {
      const parts = [];
      res.on('data', (d) => parts.push(d)).on('end', () => {
        const text = Buffer.concat(parts).toString();
        let parsed;
        if (res.headers['content-type']?.startsWith('application/json') && text) parsed = JSON.parse(text);
        resolve({ status: res.statusCode, headers: res.headers, text, body: parsed, data: parsed?.data, error: parsed?.error });
      });
    });
    r.on('error', reject);
    r.end(body);
  });
}

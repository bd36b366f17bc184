// tests/lib/frames.mjs - doc/asyncapi.yaml as tests use it: a frame that a server sends is described there, or it is wrong.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import Ajv from 'ajv';
import formats from 'ajv-formats';
import { parse } from 'yaml';

export const file = resolve(import.meta.dirname, '../../doc/asyncapi.yaml');
const described = parse(readFileSync(file, 'utf8'));
const ajv = new Ajv({ strict: false, allErrors: true });
formats(ajv);
ajv.addSchema(described, 'asyncapi');

const nameOf = (ref) => ref.$ref.split('/').at(-1);
/** The checks of what a channel's server sends, by the frame's type. */
const checksOf = (channel) =>
  Object.fromEntries(
    Object.values(described.operations)
      .filter((o) => o.action === 'send' && nameOf(o.channel) === channel)
      .flatMap((o) => o.messages)
      .map((m) => nameOf(described.channels[channel].messages[nameOf(m)]))
      .map((name) => [described.components.messages[name].payload.properties.type.const, ajv.compile({ $ref: `asyncapi#/components/messages/${name}/payload` })]),
  );
const checks = { live: checksOf('live'), dojo: checksOf('dojo') };

/** What is wrong with a frame that came at /api/v1PATH; undefined: nothing. */
export function wrongWith(path, frame) {
  const check = checks[path.startsWith('/dojos/') ? 'dojo' : 'live'][frame.type];
  if (!check) return `no frame of this type is described: ${JSON.stringify(frame).slice(0, 500)}`;
  return check(frame) ? undefined : `${ajv.errorsText(check.errors)}: ${JSON.stringify(frame).slice(0, 500)}`;
}

/** The types of frames that a server can send. */
export const types = (channel) => Object.keys(checks[channel]);

export function assertDescribed(path, frame) {
  assert.equal(wrongWith(path, frame), undefined);
}

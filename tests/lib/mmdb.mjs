// tests/lib/mmdb.mjs - a GeoIP country file in MaxMind's format (version 2, IPv4, 24-bit records), for tests.

const control = (type, size) => (type > 7 ? Buffer.from([size, type - 7]) : Buffer.from([(type << 5) | size]));
const string = (text) => Buffer.concat([control(2, Buffer.byteLength(text)), Buffer.from(text)]);
const number = (type, n, bytes) => {
  const b = Buffer.alloc(bytes);
  b.writeUIntBE(n, 0, Math.min(bytes, 6));
  return Buffer.concat([control(type, bytes), b]);
};
const map = (entries) => Buffer.concat([control(7, entries.length), ...entries.flatMap(([key, value]) => [string(key), value])]);

/** networks: { '203.0.113.0/24': 'TR', … } → the file's bytes. */
export function mmdb(networks) {
  const nodes = [[null, null]];
  const data = [];
  let at = 0;
  for (const [network, country] of Object.entries(networks)) {
    const [address, bits] = network.split('/');
    const ip = address.split('.').reduce((n, part) => n * 256 + Number(part), 0);
    const record = map([['country', map([['iso_code', string(country)]])]]);
    let node = 0;
    for (let i = 0; i < Number(bits); i++) {
      const bit = Math.floor(ip / 2 ** (31 - i)) % 2;
      if (i === Number(bits) - 1) nodes[node][bit] = { data: at };
      else {
        nodes[node][bit] ??= nodes.push([null, null]) - 1;
        node = nodes[node][bit];
      }
    }
    data.push(record);
    at += record.length;
  }
  const tree = Buffer.alloc(nodes.length * 6);
  const value = (record) => (record === null ? nodes.length : typeof record === 'number' ? record : nodes.length + 16 + record.data);
  nodes.forEach((pair, i) => pair.forEach((record, side) => tree.writeUIntBE(value(record), i * 6 + side * 3, 3)));
  const meta = map([
    ['node_count', number(6, nodes.length, 4)],
    ['record_size', number(5, 24, 2)],
    ['ip_version', number(5, 4, 2)],
    ['database_type', string('Test-Country')],
    ['languages', control(11, 0)],
    ['binary_format_major_version', number(5, 2, 2)],
    ['binary_format_minor_version', number(5, 0, 2)],
    ['build_epoch', number(9, 1700000000, 8)],
    ['description', control(7, 0)],
  ]);
  return Buffer.concat([tree, Buffer.alloc(16), ...data, Buffer.from([0xab, 0xcd, 0xef]), Buffer.from('MaxMind.com'), meta]);
}

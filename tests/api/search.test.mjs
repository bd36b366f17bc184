// tests/api/search.test.mjs - finding videos and people: what matches, in which order, what is marked, what is never found.
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { call, del, fails, get, newUser, ok, patch, post, until } from '../lib/api.mjs';
import { plantVideos, sql } from '../lib/video.mjs';

const word = () => 'zq' + Array.from({ length: 10 }, () => String.fromCharCode(97 + Math.floor(Math.random() * 26))).join('');
const search = async (q, { user, ...rest } = {}) => {
  const answer = await get(`/search?${new URLSearchParams({ q, ...rest })}`, user && { token: user.token });
  return { items: ok(answer), meta: answer.meta };
};
const titles = ({ items }) => items.map((v) => v.title);
const plant = (user, title, set = {}) => {
  const [id] = plantVideos(user, 1, { title: 'Planted' });
  const pairs = Object.entries({ title, ...set }).map(([key, value]) => `${key} = ${value === null ? 'null' : `'${String(value).replaceAll("'", "''")}'`}`);
  sql(`update videos set ${pairs.join(', ')} where id = '${id}'`);
  return id;
};

let author, reader;
before(async () => {
  [author, reader] = await Promise.all([newUser(), newUser()]);
});

describe('what is found', () => {
  it('words of title, tags and description, in that order of weight', async () => {
    const w = word();
    plant(author, 'In the text only', { description: `Here it is: ${w}, once.` });
    plant(author, 'Among the tags', { tags: `{${w}}` });
    plant(author, `The title has ${w}`);
    assert.deepEqual(titles(await search(w)), [`The title has ${w}`, 'Among the tags', 'In the text only']);
  });
  it('other forms of a word, accents or none, several words, phrases and exclusions', async () => {
    const w = word();
    plant(author, `${w} jumping over boxes`);
    plant(author, `${w} Crème brûlée à Paris`);
    plant(author, `${w} Aulas de capoeira`, { language: 'pt-BR' });
    assert.deepEqual(titles(await search(`${w} jumps`)), [`${w} jumping over boxes`]);
    assert.deepEqual(titles(await search(`${w} creme brulee`)), [`${w} Crème brûlée à Paris`]);
    assert.deepEqual(titles(await search(`${w} aulas`)), [`${w} Aulas de capoeira`]);
    assert.deepEqual(titles(await search(`"over boxes" ${w}`)), [`${w} jumping over boxes`]);
    assert.equal((await search(`${w} -capoeira -paris`)).items.length, 1);
  });
  it('what is said in a video, and when', async () => {
    const w = word();
    const id = plant(author, 'Says it once');
    const body = `WEBVTT\n\n00:01.000 --> 00:02.000\nNothing yet\n\n01:05.500 --> 01:07.000\nHere comes the ${w} <b>now</b>\n`;
    ok(await call('PUT', `/videos/${id}/captions/en`, { token: author.token, body, headers: { 'content-type': 'text/plain' } }));
    const { items } = await search(w);
    assert.deepEqual(items.map((v) => v.id), [id]);
    assert.equal(items[0].said.at, 65.5);
    assert.match(items[0].said.text, new RegExp(`<mark>${w}</mark>`));
    assert.equal((await search('Says it once')).items.find((v) => v.id === id).said, null);
  });
  it('scripts without spaces between words', async () => {
    plant(author, '東京の夜景を歩く');
    assert.ok(titles(await search('夜景')).includes('東京の夜景を歩く'));
  });
  it('what was mistyped', async () => {
    const w = word();
    plant(author, `Learning ${w} slowly`);
    const found = await search(w.slice(0, 5) + w.slice(6));
    assert.deepEqual(titles(found), [`Learning ${w} slowly`]);
    assert.equal(found.meta.correctedTo, w);
    assert.equal((await search(w)).meta.correctedTo, null);
  });
  it('people, by name and by what they say of themselves', async () => {
    const w = word();
    ok(await patch('/users/me', { displayName: `Inês ${w}`, bio: 'Handstands <b>every</b> day' }, { token: author.token }));
    const [person] = (await search(`ines ${w}`, { type: 'users' })).items;
    assert.equal(person.id, author.id);
    assert.equal(person.highlights.title, `<mark>Inês</mark> <mark>${w}</mark>`);
    assert.ok((await search(`${w} handstand`, { type: 'users' })).items[0].highlights.snippet.includes('&lt;b&gt;'), 'what people wrote is text');
  });
});

describe('filters, order and facets', () => {
  let w;
  before(() => {
    w = word();
    plant(author, `${w} one`, { category: 'Dance', duration_s: 30, view_count: 5, published_at: '2020-01-01' });
    plant(author, `${w} two`, { category: 'dance', duration_s: 600, view_count: 900 });
    plant(author, `${w} three`, { category: 'cooking', duration_s: 3000, view_count: 70, language: 'pt' });
  });
  it('each filter leaves what it says', async () => {
    const left = async (filter) => titles(await search(w, filter)).map((t) => t.split(' ')[1]).sort();
    assert.deepEqual(await left({ category: 'dance' }), ['one', 'two']);
    assert.deepEqual(await left({ duration: 'short' }), ['one']);
    assert.deepEqual(await left({ duration: 'medium' }), ['two']);
    assert.deepEqual(await left({ duration: 'long' }), ['three']);
    assert.deepEqual(await left({ uploaded: 'year' }), ['three', 'two']);
    assert.deepEqual(await left({ category: 'dance', uploaded: 'day' }), ['two']);
  });
  it('by views and by date', async () => {
    assert.deepEqual(titles(await search(w, { sort: '-views' })), [`${w} two`, `${w} three`, `${w} one`]);
    assert.equal(titles(await search(w, { sort: '-date' })).at(-1), `${w} one`);
  });
  it('facets count what was found', async () => {
    const { meta } = await search(w, { limit: 1 });
    assert.equal(meta.total, 3);
    assert.equal(meta.totalPages, 3);
    assert.deepEqual(meta.facets.category, [{ value: 'dance', count: 2 }, { value: 'cooking', count: 1 }]);
    assert.deepEqual(meta.facets.language, [{ value: 'pt', count: 1 }]);
    assert.equal(meta.facets.duration.length, 3);
  });
  it('pages follow each other', async () => {
    const all = titles(await search(w, { sort: '-views' }));
    const pages = [];
    for (const page of [1, 2, 3, 4]) pages.push(...titles(await search(w, { sort: '-views', limit: 1, page })));
    assert.deepEqual(pages, all);
  });
  it('refuses values that it does not know', async () => {
    for (const bad of ['sort=best', 'type=songs', 'duration=tiny', 'uploaded=never', 'limit=1000']) fails(await get(`/search?q=x&${bad}`), 400, 'VALIDATION_ERROR');
    fails(await get('/search'), 400, 'VALIDATION_ERROR');
  });
});

describe('what is not found', () => {
  it('private, unlisted, hidden, deleted and unpublished videos, from the moment on', async () => {
    const w = word();
    for (const change of ["visibility = 'private'", "visibility = 'unlisted'", 'hidden_at = now()', 'deleted_at = now()', 'published_at = null']) {
      const id = plant(author, `${w} secret`);
      assert.equal((await search(w, { user: reader })).meta.total, 1, change);
      sql(`update videos set ${change} where id = '${id}'`);
      assert.equal((await search(w, { user: reader })).meta.total, 0, change);
      sql(`delete from videos where id = '${id}'`);
    }
  });
  it('videos of people with whom there is a block, in either direction', async () => {
    const w = word();
    const other = await newUser();
    plant(other, `${w} blocked`);
    assert.equal((await search(w, { user: reader })).items.length, 1);
    ok(await post(`/users/${other.id}/block`, undefined, { token: reader.token }));
    assert.equal((await search(w, { user: reader })).meta.total, 0);
    assert.equal((await search(other.username, { user: other, type: 'users' })).items.length, 1);
    assert.equal((await search(reader.username, { user: other, type: 'users' })).items.length, 0);
    const offered = ok(await get(`/search/autocomplete?q=${w}`, { token: reader.token })).filter((s) => s.type === 'video');
    assert.deepEqual(offered, []);
  });
  it("another community's", async () => {
    const w = word();
    const id = plant(author, `${w} elsewhere`);
    const other = sql("select id from tenants where slug = 'other'");
    sql(`insert into users (tenant_id, email, username, display_name) values ('${other}', '${w}@example.test', '${w}', '${w}')`);
    assert.equal((await search(w, { type: 'users' })).meta.total, 0);
    assert.equal(sql(`set atelier.tenant = '${other}'; select count(*) from search_find('video', '${w}', null, null, null, 'relevance', '{}', 0, 10) f where '${id}' = any (f.ids)`), '0');
    assert.equal(sql(`set atelier.tenant = '${other}'; select count(*) from search_complete('${w}', '{}') where type = 'video'`), '0');
  });
  it('anything by words that are only syntax', async () => {
    for (const q of ['-', '""', "' | ' & !", '<script>', '\\', '%', '=kvideo', '()'])
      assert.ok(Array.isArray((await search(q)).items), q);
  });
});

describe('while typing', () => {
  it('offers titles, words and people', async () => {
    const w = word();
    plant(author, `${w} Tutorial`);
    await newUser({ displayName: `${w} Silva` });
    const offered = ok(await get(`/search/autocomplete?q=${w.slice(0, 8).toUpperCase()}`));
    assert.ok(offered.some((s) => s.type === 'video' && s.text === `${w} Tutorial`), JSON.stringify(offered));
    assert.ok(offered.some((s) => s.type === 'word' && s.text === w));
    assert.ok(offered.some((s) => s.type === 'user' && s.text.startsWith(`${w} Silva (@`)));
    assert.deepEqual(ok(await get('/search/autocomplete?q=%25%25%25')).filter((s) => s.type !== 'word'), []);
  });
  it('offers no word, and mends none with one, that only what is out of sight has', async () => {
    const shared = word();
    const offers = async (q) => ok(await get(`/search/autocomplete?q=${q.slice(0, -2)}`)).map((s) => s.text);
    const ends = {
      'made private': (id) => patch(`/videos/${id}`, { visibility: 'private' }, { token: author.token }),
      'named anew': (id) => patch(`/videos/${id}`, { title: 'Something else', tags: [] }, { token: author.token }),
      deleted: (id) => del(`/videos/${id}`, { token: author.token }),
    };
    plant(author, `The ${shared} stays`);
    for (const [what, end] of Object.entries(ends)) {
      const w = word();
      const id = plant(author, `${w} and ${shared}`, { tags: `{${w}tagged}` });
      assert.ok((await offers(w)).includes(w), what);
      assert.ok((await offers(`${w}tagged`)).includes(`${w}tagged`), what);
      await end(id);
      await new Promise((r) => setTimeout(r, 1100)); // the web server's second
      assert.deepEqual(await offers(w), [], what);
      assert.equal((await search(`${w.slice(0, -1)}q`)).meta.correctedTo, null, what);
      assert.ok((await offers(shared)).includes(shared), what);
    }
  });
  it('suggests what several people looked for, and nothing that one alone did', async () => {
    const [popular, lonely] = [word(), word()];
    plant(author, `${popular} and ${lonely}`);
    const people = await Promise.all(Array.from({ length: 3 }, () => newUser()));
    for (const user of people) await search(popular, { user });
    for (let i = 0; i < 4; i++) await search(lonely, { user: people[0] });
    await until(async () => ok(await get(`/search/suggestions?q=${popular.slice(0, 6)}`)).some((s) => s.text === popular), { seconds: 75, what: 'the suggestion' });
    assert.deepEqual(ok(await get(`/search/suggestions?q=${lonely.slice(0, 6)}`)), []);
  });
});

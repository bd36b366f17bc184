// tests/api/admin-pages.test.mjs - the admin pages without a browser: what their forms change is what the API would change, under its rules; what
// is refused stands there again; previews.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { base, fails, get, newUser, ok, patch, post, until } from '../lib/api.mjs';
import { newStaff } from '../lib/pages.mjs';
import { renewed } from '../lib/people.mjs';
import { callAt } from '../lib/routes.mjs';
import { sql } from '../lib/running.mjs';
import { plantVideos } from '../lib/video.mjs';

const plain = (html) => html.replaceAll(/&(lt|gt|quot|amp|#39);/g, (_, n) => ({ lt: '<', gt: '>', quot: '"', amp: '&', '#39': "'" })[n]);
const tags = (html) => html.match(/<input(?:"[^"]*"|'[^']*'|[^>"'])*>/g) ?? [];
const attribute = (tag, name) => { const found = new RegExp(`\\s${name}=(?:"([^"]*)"|'([^']*)')`).exec(tag); return plain(found?.[1] ?? found?.[2] ?? ''); };
const field = (page, id) => tags(page.text).find((tag) => attribute(tag, 'id') === id);
const value = (page, id) => attribute(field(page, id), 'value');
/** What is said to be wrong with it; '' when nothing is. */
function complaint(page, id) {
  const tag = field(page, id), said = attribute(tag, 'aria-describedby');
  return attribute(tag, 'aria-invalid') === 'true' ? plain(new RegExp(`id="${said}">([^<]*)<`).exec(page.text)[1]) : '';
}

/** A browser without a window: it keeps cookies, and sends forms with their hidden fields. */
function visitor(headers = {}) {
  const cookies = new Map();
  async function ask(path, init = {}) {
    const res = await fetch(base + path, { ...init, redirect: 'manual', headers: { ...headers, cookie: [...cookies].map(([k, v]) => `${k}=${v}`).join('; ') } });
    for (const c of res.headers.getSetCookie()) cookies.set(...c.split(';')[0].split(/=(.*)/).slice(0, 2));
    return { status: res.status, text: await res.text(), to: res.headers.get('location') };
  }
  const send = (path, fields) => ask(path, { method: 'POST', body: new URLSearchParams(fields) });
  /** Fills in the form of that call on a page, and sends it. */
  async function fill(path, call, fields) {
    const page = await ask(path);
    assert.equal(page.status, 200, path);
    const form = page.text.split('<form').find((f) => f.includes(`name="call" value="${call}"`));
    const all = new URLSearchParams();
    for (const tag of tags(form.split('</form')[0])) if (attribute(tag, 'name')) all.append(attribute(tag, 'name'), attribute(tag, 'value'));
    for (const [, name, options] of form.matchAll(/<select name="([^"]*)"[^>]*>([^]*?)<\/select>/g)) all.append(name, attribute(/<option[^>]*selected[^>]*>/.exec(options)?.[0] ?? '', 'value'));
    for (const [name, v] of Object.entries(fields)) all.set(name, v);
    return send('/admin/do', all);
  }
  return { ask, send, fill, cookies };
}
async function enter(who) {
  const v = visitor();
  const res = await v.send('/admin/sign-in', { name: who.username, password: who.password, code: who.code(), next: '/admin' });
  assert.deepEqual([res.status, res.to], [303, '/admin'], res.text.slice(0, 300));
  return v;
}

let admin, operator, desk, was;
const tenant = () => JSON.parse(sql("select to_jsonb(t) from tenants t where slug = 'main'"));
before(async () => {
  was = tenant();
  [admin, operator] = [await newStaff('admin'), await newStaff('operator')];
  desk = await enter(admin);
});
after(() => sql(`update tenants set branding = '${JSON.stringify(was.branding)}', settings = '${JSON.stringify(was.settings)}', name = $$${was.name}$$, locale = '${was.locale}' where slug = 'main'`));

const looks = { 'branding.tagline': 'Fazer & mostrar', 'branding.primaryColor': '#aa3300', 'branding.accentColor': '#00AA33', 'branding.logoUrl': 'https://example.org/logo.svg', 'branding.faviconUrl': 'https://example.org/i.png',
  'branding.contactEmail': 'us@example.org', 'branding.imprintUrl': 'https://example.org/imprint', 'branding.privacyUrl': 'https://example.org/privacy', 'branding.termsUrl': 'https://example.org/terms' };
const acts = () => Number(sql(`select count(*) from audit_log where action = 'tenant.changed' and actor_id = '${admin.id}'`));

describe('the looks of a community', () => {
  test('are changed by its administrators, shown to everybody, with a trace; what is emptied is gone', async () => {
    const had = acts();
    const done = await desk.fill('/admin/settings', 'PATCH /tenant', { ...looks, name: 'Oficina', 'settings.yearlyRecaps': 'true' });
    assert.deepEqual([done.status, done.to], [303, '/admin/settings']);
    const wanted = Object.fromEntries(Object.entries(looks).map(([k, v]) => [k.slice('branding.'.length), v]));
    assert.deepEqual([tenant().name, tenant().branding, tenant().settings.yearlyRecaps], ['Oficina', wanted, true]);
    await until(async () => ok(await get('/tenant')).branding.tagline === 'Fazer & mostrar', { what: 'what everybody is told' });
    assert.equal(acts(), had + 1);
    assert.equal(sql(`select concat(before -> 'branding' ->> 'tagline', '>', after -> 'branding' ->> 'tagline') from audit_log where action = 'tenant.changed' and actor_id = '${admin.id}' order by at desc limit 1`), `${was.branding.tagline ?? ''}>Fazer & mostrar`);
    const page = await desk.ask('/admin/settings');
    for (const [name, v] of Object.entries(looks)) assert.equal(value(page, name.split('.')[1]), v);
    assert.match(page.text, /role="status">Saved/);
    await desk.fill('/admin/settings', 'PATCH /tenant', { 'branding.tagline': '', 'branding.termsUrl': '', 'settings.yearlyRecaps': '' });
    assert.deepEqual([tenant().branding.tagline, tenant().branding.termsUrl, tenant().branding.primaryColor, tenant().settings.yearlyRecaps, tenant().name], [undefined, undefined, '#aa3300', undefined, 'Oficina']);
  });

  test('are refused as the API refuses them, and what was typed stands there again', async () => {
    const [had, now] = [acts(), tenant()];
    const typed = { 'branding.tagline': `"${'x'.repeat(205)}<b>`, 'branding.primaryColor': 'red', 'branding.logoUrl': 'javascript:alert(1)', 'branding.contactEmail': 'nobody', 'branding.termsUrl': 'https://example.org/terms', locale: 'klingon' };
    const page = await desk.fill('/admin/settings', 'PATCH /tenant', { ...typed, 'settings.registration': 'closed' });
    assert.equal(page.status, 400);
    const json = { locale: 'klingon', branding: Object.fromEntries(Object.entries(typed).filter(([k]) => k.includes('.')).map(([k, v]) => [k.split('.')[1], v])) };
    const told = fails(await patch('/tenant', json, { token: (await renewed(admin)).token }), 400, 'VALIDATION_ERROR').details;
    assert.equal(told.length, 5);
    for (const { field: name, message } of told) assert.equal(complaint(page, name.split('.').at(-1)), message.startsWith('must match') ? 'does not have the right form' : message, name);
    assert.match(page.text, /role="alert">Some fields are not valid\.</, 'what each says is said there');
    for (const [name, v] of Object.entries(typed)) assert.equal(value(page, name.split('.').at(-1)), v);
    assert.equal(complaint(page, 'termsUrl'), '');
    sql(`update users set locale = 'pt' where id = '${admin.id}'`);
    const pt = await desk.fill('/admin/settings', 'PATCH /tenant', typed);
    sql(`update users set locale = null where id = '${admin.id}'`);
    assert.deepEqual(['tagline', 'primaryColor', 'logoUrl', 'contactEmail', 'locale'].map((id) => complaint(pt, id)), ['pode ter no máximo 200 caracteres', 'não tem a forma certa', 'tem de ser um endereço que comece por http:// ou https://',
      'tem de ser um endereço de correio eletrónico', 'tem de ser um código de língua como en ou pt-BR']);
    assert.match(page.text, /<option value="closed" selected/);
    assert.deepEqual([tenant(), acts()], [now, had]);
  });

  test('are asked the password for, and what was emptied is still gone then', async () => {
    await desk.fill('/admin/settings', 'PATCH /tenant', looks);
    sql(`update sessions set confirmed_at = now() - interval '1 hour' where user_id = '${admin.id}'`);
    const asked = await desk.fill('/admin/settings', 'PATCH /tenant', { 'branding.tagline': '', 'branding.primaryColor': '#123456' });
    assert.equal(asked.status, 403);
    assert.equal(tenant().branding.primaryColor, '#aa3300');
    const all = tags(asked.text).filter((tag) => attribute(tag, 'type') === 'hidden').map((tag) => [attribute(tag, 'name'), attribute(tag, 'value')]);
    const done = await desk.send('/admin/do', [...all, ['confirmWith', admin.password]]);
    assert.deepEqual([done.status, done.to], [303, '/admin/settings']);
    assert.deepEqual([tenant().branding.primaryColor, tenant().branding.tagline, tenant().branding.accentColor], ['#123456', undefined, '#00AA33']);
  });

  test('are not for those whom the API does not let, nor without the token of the form', async () => {
    const now = tenant();
    const page = await desk.ask('/admin/settings'), csrf = /name="csrf" value="([^"]+)"/.exec(page.text)[1];
    const form = { call: 'PATCH /tenant', 'branding.tagline': 'Mine', back: '/admin/settings', from: '/admin/settings' };
    assert.equal((await desk.send('/admin/do', form)).status, 403);
    assert.equal((await desk.send('/admin/do', { ...form, csrf: 'A'.repeat(43) })).status, 403);
    const moderator = await enter(await newStaff('moderator'));
    assert.equal((await moderator.send('/admin/do', { ...form, csrf })).status, 403, 'the token of somebody else');
    const own = /name="csrf" value="([^"]+)"/.exec((await moderator.ask('/admin/words')).text)[1];
    assert.equal((await moderator.ask('/admin/settings')).status, 403);
    assert.equal((await moderator.send('/admin/do', { ...form, csrf: own })).status, 303);
    assert.match((await moderator.ask('/admin')).text, /role="alert"/);
    assert.deepEqual(tenant(), now);
    assert.equal((await desk.send('/admin/do', { ...form, csrf })).status, 303);
    assert.equal(tenant().branding.tagline, 'Mine');
  });

  test('are the operator’s to change everywhere; a new community is made by a form, too', async () => {
    const v = await enter(operator), slug = `t${randomUUID().replaceAll('-', '').slice(0, 16)}`, host = `${slug}.localhost`;
    assert.equal((await v.fill('/admin/tenants', 'POST /tenants', { slug, name: 'New', hosts: `${host}, www.${host}` })).status, 303);
    const id = sql(`select id from tenants where slug = '${slug}'`);
    const now = () => JSON.parse(sql(`select to_jsonb(t) || jsonb_build_object('hosts', (select jsonb_agg(host order by host) from tenant_hosts where tenant_id = t.id)) from tenants t where id = '${id}'`));
    assert.deepEqual(now().hosts, [host, `www.${host}`]);
    const change = (fields) => v.fill(`/admin/tenants/${id}`, `PATCH /tenants/${id}`, fields);
    assert.equal((await change({ ...looks, storageQuotaBytes: '5000', modules: 'core,pocs', isActive: 'true' })).status, 303);
    assert.deepEqual([now().branding.tagline, now().storage_quota_bytes, now().modules], ['Fazer & mostrar', 5000, ['core', 'pocs']]);
    assert.equal((await callAt(host, 'GET', '/api/v1/tenant')).data.branding.primaryColor, '#aa3300');
    assert.equal((await change({ storageQuotaBytes: '' })).status, 303);
    assert.deepEqual([now().storage_quota_bytes, now().branding.tagline], [null, 'Fazer & mostrar'], 'as much as the disk has');
    const wrong = await change({ hosts: `${host},http://x/`, maxVideoBytes: 'many' });
    assert.equal(wrong.status, 400);
    assert.deepEqual([value(wrong, 'hosts'), complaint(wrong, 'hosts') !== '', complaint(wrong, 'maxVideoBytes')], [`${host},http://x/`, true, 'must be a whole number']);
  });
});

describe('a sign-in that is refused', () => {
  test('keeps the name and where one was going, and sends nothing secret back', async () => {
    const v = visitor();
    const secret = 'not my password, with <words>';
    const page = await v.send('/admin/sign-in', { name: 'Somebody "else" <b>', password: secret, code: 'ABCD-EFGH', next: '/admin/queue?kind=comment' });
    assert.equal(page.status, 401);
    assert.match(page.text, /role="alert">[^<]*wrong/i);
    assert.deepEqual([value(page, 'name'), value(page, 'password'), value(page, 'code')], ['Somebody "else" <b>', '', '']);
    for (const s of ['not my password', 'with &lt;words', 'ABCD']) assert.ok(!page.text.includes(s), s);
    assert.match(field(page, 'password'), /autofocus/);
    assert.doesNotMatch(field(page, 'name'), /autofocus/);
    assert.match(page.text, /name="next" value="\/admin\/queue\?kind=comment"/);
    const factor = await v.send('/admin/sign-in', { name: admin.email, password: admin.password, code: '', next: '' });
    assert.equal(factor.status, 401);
    assert.deepEqual([value(factor, 'name'), value(factor, 'password')], [admin.email, '']);
    assert.match(factor.text, /role="alert">[^<]*factor/i);
    assert.ok(!factor.text.includes(admin.password));
    assert.equal(v.cookies.get('atelier_session') ?? '', '');
  });

  test('leads nowhere else, and speaks the language of the browser', async () => {
    const page = await visitor({ 'accept-language': 'pt-PT' }).send('/admin/sign-in', { name: 'ninguém', password: 'x', next: 'https://evil.test/' });
    assert.equal(value(page, 'name'), 'ninguém');
    assert.ok(!page.text.includes('evil.test'));
    assert.match(page.text, /<html lang="pt"/);
    assert.doesNotMatch(page.text, /wrong/i);
  });
});

describe('a preview', () => {
  const main = (page) => plain(page.text.split('<main')[1]).replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');

  test('of each kind of report says what it would, also that it is nothing', async () => {
    const v = await enter(await newStaff('moderator'));
    for (const kind of ['videos', 'pocs']) {
      const page = await v.ask(`/admin/reports/preview?kind=${kind}`);
      assert.equal(page.status, 200);
      assert.match(main(page), /Nothing was found in this time\./, kind);
      assert.match(main(page), / 0 Likes | 0 Projects /);
      assert.doesNotMatch(page.text, /<figure/);
      assert.match(page.text, new RegExp(`<option value="${kind}" selected`));
    }
    assert.match(main(await v.ask('/admin/reports/preview?kind=moderation&fromDate=2001-01-01&toDate=2001-01-31')), /From 1 Jan 2001, before 1 Feb 2001\.[^]*Nothing was found in this time\./);
    assert.equal((await v.ask('/admin/reports/preview?fromDate=2026-02-01&toDate=2026-01-01')).status, 400);
  });

  test('has the words and charts of what is there, in the language of who looks', async () => {
    const [author, fan] = [await newUser(), await newUser()], [video] = plantVideos(author, 1);
    ok(await post(`/videos/${video}/report`, { category: 'self_harm', text: 'Look' }, { token: fan.token }), 201);
    const seen = async (locale) => (await enter(await newStaff('moderator', { locale }))).ask('/admin/reports/preview');
    const [en, pt] = [await seen('en'), await seen('pt')];
    for (const [page, words] of [[en, ['Cases decided', 'Reports by month', 'Reports by category', 'Self-harm']], [pt, ['Casos decididos', 'Denúncias por mês', 'Denúncias por categoria', 'Automutilação']]])
      for (const w of words) assert.ok(main(page).includes(w), `${w} in ${main(page)}`);
    assert.match(en.text, /<figure[^]*<rect/);
    assert.doesNotMatch(main(pt), /Reports|Decisions|self_harm/);
  });

  test('of a digest has lines', async () => {
    const en = (await desk.ask('/admin/mails/digest')).text, pt = (await desk.ask('/admin/mails/digest?lang=pt&part=text')).text;
    assert.equal(en.match(/<li/g).length, 3);
    assert.match(en, /Bruno Exemplo, Carla Exemplo and 3 others follow you/);
    assert.match(pt, /Bruno Exemplo comentou/);
  });
});

// Reading: messages, keys, exports, lists, load, and what hostile peers send.
import assert from 'node:assert/strict';
import { scenario } from '../lab.mjs';
import { browse, PHONE } from '../browser.mjs';

async function talk(lab, text = 'Hi Bob', who = {}) {
	const [alice, bob] = who.alice ? [who.alice, who.bob] : await lab.users('alice', 'bob');
	const phone = lab.phone(bob, { background: true, onToast: 'accept' });

	await phone.expect('background');
	const desktop = lab.desktop(alice, { im: [bob, text] });

	await desktop.expect('connected');
	return { alice, bob, phone, desktop };
}

scenario('a row opens its message, by keys too, and every state has an address', (lab) => browse({}, async (page) => {
	await talk(lab);
	await page.open(lab);
	await page.is('.rail .good b', '200 OK');
	await page.press(']');
	await page.press(']');
	await page.press('Enter');
	await page.is('.sheet h2', '180 Ringing');
	await page.page.waitForURL(/#\/stage\/1\/\d+$/);
	const meanings = (await page.texts('.sheet dd')).join('\n');

	assert.match(meanings, /The tell-tale: stack, mobility service/);
	await page.check('message');
	await page.click('.sheet .button:text-is("Raw")');
	await page.is('.sheet pre', /^SIP\/2\.0 180 Ringing/);
	const address = page.page.url();

	await page.press('Escape');
	assert.equal(await page.page.isVisible('.sheet'), false);
	assert.equal(await page.page.evaluate(() => document.activeElement.getAttribute('role')), 'listbox');
	await page.press('s');
	assert.ok(!(await page.texts('.row .what')).includes('100 Trying'));
	await page.press('t');
	await page.is('.times', 'since therecord before');
	await page.press('?');
	await page.check('keys');
	await page.press('Escape');
	await page.press('g');
	await page.press('l');
	await page.is('.views [aria-current]', 'Load');

	await page.page.goto('about:blank');
	await page.page.goto(address);
	await page.is('.sheet h2', '180 Ringing');
}));

scenario('a message on a phone', (lab) => browse({ viewport: PHONE }, async (page) => {
	await talk(lab);
	await page.open(lab);
	await page.is('.rail .good b', '200 OK');
	await page.click('.row:has-text("MESSAGE push") .what');
	await page.is('.sheet h2', 'MESSAGE push');
	const box = await page.page.locator('.sheet .body').boundingBox();

	assert.ok(box.height > 100, `the message has ${box.height} pixels`);
	await page.check('message on a phone');
}));

scenario('every export is a file', (lab) => browse({}, async (page) => {
	await talk(lab);
	await page.open(lab);
	await page.is('.rail .good b', '200 OK');
	await page.press('e');
	await page.is('#exports p', 'Conversation 1, every hop.');
	await page.check('export');
	const formats = await page.page.locator('#exports a').evaluateAll((links) => links.map((a) => a.dataset.format));

	assert.ok(formats.length >= 5, formats.join());
	for (const format of formats) {
		const [download] = await Promise.all([page.page.waitForEvent('download'), page.click(`#exports a[data-format="${format}"]`)]);

		assert.equal(await download.failure(), null, format);
		assert.match(download.suggestedFilename(), /^conversation-1\./, format);
	}
}));

scenario('lists are searched, and a quiet phone is explained', (lab) => browse({}, async (page) => {
	const { bob } = await talk(lab, 'Where are the keys?');

	await page.open(lab, '#/lists');
	await page.is('.lists tbody .mark', '200 connected');
	await page.page.fill('.search input', 'keys');
	await page.page.waitForURL(/#\/lists\/keys$/);
	assert.equal((await page.texts('.lists table:first-of-type tbody tr')).length, 1);
	await page.page.fill('.search input', 'nothing like it');
	await page.is('.lists tbody', 'None.');
	await page.page.fill('.search input', bob.aor);
	await page.click('.search button');
	await page.is('.reasons .here span, .reasons .here bdi', /foreground|a moment ago/);
	const { findings } = await lab.get(`users/${bob.aor}/explanation`);

	assert.deepEqual((await page.texts('.reasons li')).map((text) => text.replace(/^(Fine|Here|Do|Note)/, '').replace(/\d+ s more/, '')),
		findings.map(({ text }) => text.replace(/\d+ s more/, '')));
	await page.check('lists');
}));

scenario('load is plotted, and is a table for those who want one', (lab) => browse({}, async (page) => {
	await page.open(lab, '#/load');
	await talk(lab);
	await page.is('.card:first-child header b', '2');
	await page.is('.card:nth-child(4) header b', /^[\d.]+ ms$/);
	await page.is('.card:nth-child(5) header b', /^[\d.]+ ms$/);
	await page.check('load');
	await page.click('.card:first-child button');
	await page.is('.card:first-child td:last-child', /^[12]$/);
	await page.check('load as a table');
}));

const name = '<img src=x onerror="globalThis.harmed=1"><script>globalThis.harmed=1</script>\u202Eevil'; // all that a name may have
const hostile = `${name}\u0007`;

scenario('what a peer sends is text, and what cannot be seen is shown', (lab) => browse({}, async (page) => {
	const password = 'secret-secret';
	const bob = { aor: 'bob-x@lab.test', displayName: `${name} Bob`, password };
	const alice = { aor: 'alice-x@lab.test', displayName: '<b>Alice</b>', password };

	await lab.post('users', alice);
	await lab.post('users', bob);
	await page.open(lab);
	const { desktop, phone } = await talk(lab, hostile, { alice, bob });

	phone.say(`${hostile} yes`);
	await desktop.expect('message');
	await page.is('.rail .good b', '200 OK');
	await page.is('.desktop .lines li:last-child > bdi', /^<img src=x .*\\u202Eevil.* yes$/);
	await page.is('.bubbles li bdi', /<img src=x/);
	await page.press('e');
	await page.press('Escape');
	await page.click('.views a[data-view="lists"]');
	await page.is('.lists tbody td:nth-child(3)', /<img src=x/);
	await page.check('hostile');
	assert.deepEqual(await page.page.evaluate(() => [globalThis.harmed, document.querySelectorAll('main img, main script, main b b').length]), [undefined, 0]);
}));

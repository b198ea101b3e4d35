// For everybody: every view and dialog at four sizes, light and dark, by keys alone, without motion, with what peers may send.
import assert from 'node:assert/strict';
import { Hosted } from '../hosted.mjs';
import { scenario } from '../lab.mjs';
import { browse, DESK, PHONE, PROJECTOR } from '../browser.mjs';

const WIDE = { width: 1440, height: 900 };
const TWICE = { width: DESK.width / 2, height: DESK.height / 2 }; // a desk at 200 %

async function story(page) {
	await page.is('#next span', 'Play attempt 1');
	for (let step = 1; step <= 7; step++)
		await page.next();
}

async function dialogs(page) {
	await page.click('.joint[data-where="front-end→edge"]');
	await page.check('the dialog of a joint');
	await page.press('Escape');
	for (const key of ['e', '?']) {
		await page.press(key);
		await page.page.waitForSelector('dialog[open]');
		await page.check(`the dialog of ${key}`);
		await page.press('Escape');
	}
}

async function views(page) {
	await page.press('/');
	await page.click('.search button');
	await page.is('.reasons li', /./);
	assert.deepEqual(await page.page.locator('.reasons li').evaluateAll((all) =>
		all.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.textContent)), [], 'explanations are not cut');
	await page.check('lists');
	await page.click('.views [data-view="load"]');
	await page.is('.card:first-child header b', '2');
	await page.check('load');
	await page.click('.card:first-child button');
	await page.check('a table');
}

async function every(page) {
	await page.check('first visit');
	await story(page);
	for (const part of ['desktop', 'phone', 'ladder']) {
		await page.part(part);
		await page.check(`waiting, ${part}`);
	}
	await page.press(']');
	await page.press('Enter');
	await page.page.waitForSelector('.sheet h2');
	await page.check('message');
	await page.press('Escape');
	await dialogs(page);
	await views(page);
}

// Colours do not depend on the size: each size has one of the two.
for (const [name, viewport, colorScheme] of [['wide', WIDE, 'dark'], ['a projector', PROJECTOR, 'light'], ['a phone', PHONE, 'dark'], ['200 %', TWICE, 'light']])
	scenario(`every view and dialog: ${name}, ${colorScheme}`, { playMs: 240000 }, (lab) => browse({ viewport, colorScheme, reducedMotion: 'reduce' }, async (page) => {
		await page.open(lab);
		await every(page);
	}));

scenario('nothing moves for those who do not want it', (lab) => browse({}, async (page) => {
	const moving = () => page.page.evaluate(() => document.getAnimations().length);

	await page.open(lab);
	await story(page);
	assert.ok(await moving() > 0, 'the dots');
	await page.page.emulateMedia({ reducedMotion: 'reduce' });
	assert.equal(await moving(), 0);
}));

// What has the focus, in a word.
const focused = (page) => page.page.evaluate(() => {
	const { activeElement: element } = document;

	if (element === document.body)
		return 'BODY';
	return element.id || element.dataset.view || element.dataset.where || element.getAttribute('role') || element.className.split(' ').at(-1) || element.name || element.tagName;
});

scenario('keys reach all, in the order of the page, and are seen', (lab) => browse({}, async (page) => {
	const order = ['skip', 'stage', 'load', 'lists', 'freeze', 'plus-10', 'to-timeout', 'theme', 'play-1', 'play-2', 'next', 'to-end', 'lines', 'export', 'times',
		'sip-peer→front-end', 'phone→front-end', 'listbox', 'primary'];
	const seen = [];

	await page.open(lab);
	await story(page);
	await page.page.evaluate(() => document.querySelector('.skip').focus());
	for (let at = await focused(page); at !== 'BODY' && !(at === 'skip' && seen.length); at = await focused(page)) {
		seen.push(at);
		const outline = await page.page.evaluate(() => {
			const around = document.activeElement.matches('.inner') ? document.querySelector('.rows') : document.activeElement;

			return getComputedStyle(around).outlineStyle;
		});

		// The first got it from the script.
		assert.ok(outline !== 'none' || seen.length === 1, `${at} is not seen to have the focus`);
		await page.press('Tab');
		assert.ok(seen.length < 60, seen.join());
	}
	assert.deepEqual(order.map((one) => seen.indexOf(one)), order.map((one) => seen.indexOf(one)).sort((a, b) => a - b), seen.join());
	assert.ok(order.every((one) => seen.includes(one)), seen.join());
}));

scenario('a dialog takes the focus, and gives it back', (lab) => browse({}, async (page) => {
	await page.open(lab);
	await page.is('#next span', 'Play attempt 1');
	await page.press('b');
	for (const _ of [1, 2])
		await page.press('Tab');
	const joint = await focused(page);

	await page.press('Enter');
	await page.page.waitForSelector('#break[open]');
	assert.equal(await page.page.evaluate(() => Boolean(document.activeElement.closest('#break'))), true);
	await page.press('Escape');
	assert.equal(await focused(page), joint);
	await page.press('a');
	await page.page.keyboard.type('Hi Bob? 1');
	assert.equal(await page.page.inputValue('.desktop .write input'), 'Hi Bob? 1', 'keys are letters where one writes');
	assert.equal(await page.page.locator('dialog[open]').count(), 0);
}));

scenario('a screen reader hears turning points', (lab) => browse({}, async (page) => {
	await page.open(lab);
	await story(page);
	await page.is('#told', /180 Ringing[^]*Toast: Alice Hi Bob/); // said at most one a second
	const row = await page.page.locator('.row.turn').first().evaluate((one) => [one.getAttribute('role'), one.textContent, one.ariaPosInSet, one.ariaSetSize]);

	assert.match(row[1], /s, Front end to Alice’s desktop: 180 Ringing/);
	assert.ok(row[0] === 'option' && Number(row[2]) >= 1 && Number(row[3]) > 5, row.join());
}));

scenario('no script runs but the page’s own', async (lab) => {
	const answer = await fetch(lab.ready.console);
	const policy = answer.headers.get('content-security-policy');

	for (const rule of ["default-src 'none'", "script-src 'self'", "style-src 'self'", "base-uri 'none'", "frame-ancestors 'none'"])
		assert.ok(policy.split('; ').includes(rule), policy);
	await browse({}, async (page) => {
		await page.open(lab);
		await page.page.evaluate(() => {
			const script = document.createElement('script');

			script.textContent = 'globalThis.harmed = 1';
			document.body.append(script);
			document.body.insertAdjacentHTML('beforeend', '<p style="color: red" onclick="globalThis.harmed = 1">x</p>');
			document.body.lastChild.click();
		});
		assert.equal(await page.page.evaluate(() => globalThis.harmed), undefined);
		assert.ok(page.errors.splice(0).every((error) => /Content Security Policy/.test(error)));
	});
});

// ---- what peers may send ----

const names = ['<img src=x onerror="globalThis.harmed=1">', '\u202Eevil', 'على محمد', '👩\u200D👩\u200D👧\u200D👦 Ünï', 'W'.repeat(200)];
const lines = [...names, '\u202Eevil\u0007', 'Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich. '.repeat(900), 'שלום (עולם) 12/3', 'a\nb\r\nc\td'];

async function talk(lab, i) {
	const password = 'secret-secret';
	const [alice, bob] = ['alice', 'bob'].map((name) => ({ aor: `${name}-${i}@lab.test`, displayName: names[i], password }));

	await lab.post('users', alice);
	await lab.post('users', bob);
	const phone = await Hosted.signIn(lab, 'phone', bob, { name: `Phone ${i}` });
	const desktop = await Hosted.signIn(lab, 'desktop', alice, { name: names[i] });

	await desktop.do('send', { to: bob.aor, text: `${names[i]}?` });
	await phone.expect('invited');
	await phone.do('accept');
	await phone.expect('connected');
	await desktop.expect('connected');
	return { phone, desktop };
}

const long = { 'core.max_message': '128k', 'net.max_message': '256k', 'net.max_body': '256k' };

// Until there are so many of them.
async function count(page, selector, n) {
	await page.page.waitForFunction(([where, wanted]) => document.querySelectorAll(where).length === wanted, [selector, n])
		.catch(async () => assert.fail(`not ${n}: ${(await page.texts(selector)).map((text) => JSON.stringify(text.slice(0, 60))).join('\n')}`));
}

// A conversation that has just begun takes the place of what the ladder showed, and then the click was in vain.
async function openMessage(page) {
	for (let i = 0; i < 10; i++) {
		await page.click('.row:has-text("MESSAGE") .what');
		if (await page.page.waitForSelector('.sheet dl', { timeout: 2000 }).catch(() => null))
			return;
	}
	assert.fail('no message opens');
}

for (const [name, viewport, which] of [['a desk', DESK, [0, 2, 4]], ['a phone', PHONE, [1, 3]]])
	scenario(`hostile names and messages on ${name}`, { playMs: 240000, settings: long }, (lab) => browse({ viewport }, async (page) => {
		await page.open(lab);
		for (const i of which) {
			const { phone, desktop } = await talk(lab, i);

			for (const text of lines) {
				await desktop.do('send', { text });
				await phone.do('send', { text });
			}
			await page.part('desktop');
			await count(page, '.desktop .lines li', 2 * lines.length + 1);
			await page.check(`${names[i]}, desktop`);
			await page.part('phone');
			await count(page, '.bubbles li', 2 * lines.length + 1);
			await page.check(`${names[i]}, phone`);
			await page.part('ladder');
			await openMessage(page);
			await page.check(`${names[i]}, message`);
			await page.press('Escape');
		}
		await page.press('/');
		await count(page, '.lists table:first-of-type tbody tr', which.length);
		await page.check('lists');
		assert.deepEqual(await page.page.evaluate(() => [globalThis.harmed, document.querySelectorAll('main img, main script').length]), [undefined, 0]);
	}));

// Both attempts, a step at a time and in one go, by desktops and phones that the lab hosts.
import assert from 'node:assert/strict';
import { scenario } from '../lab.mjs';
import { browse, DESK, PHONE } from '../browser.mjs';

async function attempt1(page) {
	await page.is('#next span', 'Play attempt 1');
	await page.check('idle');
	await page.next();
	await page.is('#step', 'Attempt 1 · step 1 of 9');
	await page.is('#sentence', /^Alice writes “Hi Bob”/);
	for (let step = 2; step <= 7; step++)
		await page.next();
	await page.is('#sentence', /^The phone shows Alice’s first line/);
	await page.part('desktop');
	await page.is('.desktop .status span:nth-of-type(2)', 'Waiting for a response…');
	assert.deepEqual(await page.texts('.desktop .lines bdi:last-child'), ['Hi Bob']);
	await page.check('waiting, desktop');
	await page.part('phone');
	await page.is('.toast', 'AliceHi Bob');
	await page.is('.thinks', 'App asleep, reached by push');
	await page.check('waiting, phone');
	await page.part('ladder');
	await page.is('.rail .ring b', '180 Ringing');
	await page.is('.now .what', /^Alice is waiting · 408 in \d+ s$/);
	await page.check('waiting, ladder');
	await page.next();
	await page.next();
	await page.is('#sentence', /^Nobody came back, so the INVITE ends in 408/);
	await page.is('.rail .fail b', '408 Timeout');
	await page.part('desktop');
	await page.is('.desktop .status', /This message may not have been delivered to Bob\./);
	await page.check('408');
	await page.part('ladder');
}

async function attempt2(page) {
	await page.is('#next span', 'Play attempt 2');
	for (let step = 1; step <= 9; step++)
		await page.next();
	await page.is('#step', 'Attempt 2 · step 9 of 9');
	await page.is('.rail .good b', '200 OK');
	const rows = await page.texts('.row .what');

	for (const label of ['200 OK', 'POST accept → 204', 'invitation started: “Are you there?”', 'MESSAGE'])
		assert.ok(rows.includes(label), `${label} in ${rows.join(', ')}`);
	await page.part('phone');
	assert.deepEqual(await page.texts('.bubbles bdi'), ['Are you there?', 'Yes, just opened it', 'Lunch at twelve?']);
	await page.check('200, phone');
	await page.part('desktop');
	assert.deepEqual(await page.texts('.desktop .lines li > bdi'), ['Are you there?', 'Yes, just opened it', 'Lunch at twelve?']);
	await page.is('.desktop .status', 'Connected to Bob');
	await page.check('200, desktop');
	await page.part('ladder');
}

for (const [name, viewport, colorScheme] of [['a desk', DESK, 'light'], ['a phone', PHONE, 'dark']])
	scenario(`both attempts step by step on ${name}`, (lab) => browse({ viewport, colorScheme }, async (page) => {
		await page.open(lab);
		await attempt1(page);
		await attempt2(page);

		const { conversations } = await lab.get('conversations');
		assert.deepEqual(conversations.map(({ status, state }) => status ?? state), [408, 'CONNECTED']);
	}));

scenario('both attempts in one go, by keys, and once more', (lab) => browse({}, async (page) => {
	await page.open(lab);
	await page.is('#next span', 'Play attempt 1');
	for (const end of ['Attempt 1', 'Attempt 2', 'Attempt 1']) {
		await page.press('Shift+Space');
		await page.is('#step', new RegExp(`^${end} · step 9 of 9`));
		await page.is('#next span', end === 'Attempt 1' ? 'Play attempt 2' : 'Start again');
		await page.page.waitForFunction(() => !document.querySelector('#next').disabled);
	}
	assert.equal((await lab.get('conversations')).conversations.length, 3);
}));

scenario('what comes instead of a step is told', (lab) => browse({}, async (page) => {
	await page.open(lab);
	await page.is('#next span', 'Play attempt 1');
	for (let step = 1; step <= 7; step++)
		await page.next();
	await page.click('.phone [data-command="accept"]');
	await page.is('.rail .good b', '200 OK');
	await page.next();
	await page.is('#step', 'Attempt 1 · instead of step 8');
	await page.is('#sentence', /^Bob has come back/);
	await page.is('#next span', 'Play attempt 2');
}));

scenario('people act by hand', (lab) => browse({}, async (page) => {
	await page.open(lab);
	await page.click('.phone [data-command="host"]');
	await page.click('.phone [data-command="background"]');
	await page.is('.home .live', 'messages');
	await page.page.fill('.desktop .write input', 'Are you in?');
	await page.press('Enter');
	await page.is('.bubbles bdi, .toast > bdi', 'Are you in?');
	await page.click('.phone [data-command="accept"]');
	await page.is('.desktop .status', 'Connected to Bob');
	await page.page.fill('.app input', 'Yes');
	await page.press('Enter');
	await page.is('.desktop .lines li:last-child > bdi', 'Yes');
	await page.click('.phone [data-command="lose-network"]');
	await page.is('.thinks', 'No network');
	await page.click('.phone [data-command="network-back"]');
	await page.is('.thinks', 'App open, connected over HTTPS');
	await page.click('.phone [data-command="bye"]');
	await page.is('.desktop .status', 'The conversation is over.');
	await page.click('.phone [data-command="switch-off"]');
	await page.is('.thinks', 'Switched off; nobody has been told');
}));

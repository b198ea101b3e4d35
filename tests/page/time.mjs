// The lab's clock from the page, and what the page does while the lab is away.
import assert from 'node:assert/strict';
import { scenario } from '../lab.mjs';
import { browse } from '../browser.mjs';

async function ringing(lab, page) {
	const [alice, bob] = await lab.users('alice', 'bob');
	const phone = lab.phone(bob, { background: true, onToast: 'ignore' });

	await phone.expect('background');
	lab.desktop(alice, { im: [bob, 'Hi Bob'] });
	await phone.expect('tile');
	await page.is('.row.turn:not(.past) .what', '180 Ringing');
	return phone;
}

// It would ask a lab that comes after this one for a channel.
async function leave(phone) {
	phone.child.kill('SIGKILL');
	await phone.ended('SIGKILL');
}

scenario('the clock moves on, and to the timeout', (lab) => browse({}, async (page) => {
	await page.open(lab);
	await ringing(lab, page);
	await page.is('#clock-says', /^times out in (60|5\d) s$/);
	await page.click('#plus-10');
	await page.is('#clock-says', /^times out in (50|4\d) s$/);
	await page.click('#to-timeout');
	await page.is('.rail .fail b', '408 Timeout');
	await page.is('.fold .what', /s pass · clock advanced × 2$/);
	await page.is('#clock-says', /s ahead$/);
	assert.ok(await page.page.isDisabled('#to-timeout'));
	assert.match((await page.texts('.turn.fail .note')).join(), /Nobody came back in 60 s/);
}));

scenario('the clock stands still, and runs again', (lab) => browse({}, async (page) => {
	await page.open(lab);
	await page.press('f');
	await page.is('#clock-says', 'Frozen');
	await page.is('#freeze', 'Resume');
	assert.equal((await lab.get('clock')).frozen, true);
	await page.check('frozen');
	await page.press('f');
	await page.is('#freeze', 'Freeze');
	assert.equal((await lab.get('clock')).frozen, false);
}));

scenario('the page waits for the lab, and goes on with the one that comes', (lab) => browse({}, async (page) => {
	const { lab: base } = lab.ready;

	await page.open(lab);
	await leave(await ringing(lab, page));
	await lab.kill();
	await page.is('#link span', 'No server: trying again');
	assert.ok(await page.page.isDisabled('#freeze'));
	assert.ok((await page.texts('.row .what')).includes('INVITE'), 'what was there stays readable');
	await page.check('no server');
	page.errors.length = 0; // requests that found no server

	await lab.restart({ settings: { 'lab.listen': new URL(base).host } });
	await page.is('#link span', 'Live');
	await page.is('#sentence', 'The lab was started again.');
	await page.is('.rail', 'INVITE, 180, and then 408 or 200');
	await page.is('.row:last-child .what', 'The lab was started again');
	await page.check('started again');
	await page.click('.row.past:has-text("INVITE") .what');
	await page.is('.sheet h2', 'INVITE');
	await page.press('Escape');
	page.errors.length = 0;
	await ringing(lab, page);
	assert.equal(await page.page.locator('.row.past').count(), 0);
}));

scenario('a lab that was started again goes on below what was there', (lab) => browse({}, async (page) => {
	const { lab: base } = lab.ready;

	await page.open(lab, '#/stage/all');
	await leave(await ringing(lab, page));
	await lab.restart({ settings: { 'lab.listen': new URL(base).host } });
	await page.is('#sentence', 'The lab was started again.');
	page.errors.length = 0;
	await ringing(lab, page);
	const rows = await page.page.locator('.row').evaluateAll((all) => all.map((row) => [row.classList.contains('past'), row.querySelector('.what').textContent]));
	const again = rows.findIndex(([, label]) => label === 'The lab was started again');

	assert.ok(rows.slice(0, again).some(([isPast, label]) => isPast && label === 'tile 1'), JSON.stringify(rows));
	assert.ok(rows.slice(again).some(([isPast, label]) => !isPast && label === '180 Ringing'), JSON.stringify(rows));
}));

// Several phones of one user, side by side: each gets the push, one of them answers.
import assert from 'node:assert/strict';
import { scenario } from '../lab.mjs';
import { browse, DESK, PHONE, PROJECTOR } from '../browser.mjs';

const hand = (n, rest = '') => `.hand:nth-child(${n}) ${rest}`;

async function boxes(page) {
	return page.page.locator('.hand').evaluateAll((all) => all.map((one) => {
		const { left, right, top, bottom } = one.getBoundingClientRect();

		return { left, right, top, bottom, height: one.querySelector('.casing').getBoundingClientRect().height };
	}));
}

async function play(lab, page) {
	await page.open(lab);
	await page.part('phone');
	await page.click(hand(1, '[data-command="host"]'));
	await page.click(hand(1, '[data-command="lock"]'));
	await page.click('.phone .title .button');
	await page.is(hand(2, '.thinks'), '2 · App asleep, reached by push');
	await page.is(hand(1, '.thinks'), '1 · App asleep, reached by push');
	await page.is('#phone-heading', 'Bob’s phones');

	const [first, second] = await boxes(page);

	assert.ok(first.right <= second.left && Math.abs(first.top - second.top) < 2, JSON.stringify([first, second]));
	for (const box of [first, second])
		assert.ok(box.height > 200 && box.bottom <= page.page.viewportSize().height, JSON.stringify(box));
	await page.part('desktop');
	await page.page.fill('.desktop .write input', 'Which one?');
	await page.press('Enter');
	await page.part('phone');
	const heights = await page.page.locator('.hand .buttons .button').evaluateAll((all) => all.map((one) => Math.round(one.getBoundingClientRect().height)));

	assert.equal(new Set(heights).size, 1, `buttons of two phones are as high: ${heights}`);
	await page.is(hand(1, '.toast > bdi'), 'Which one?');
	await page.is(hand(2, '.toast > bdi'), 'Which one?');
	await page.check('two toasts');

	await page.click(hand(2, '[data-command="accept"]'));
	await page.is(hand(2, '.bubbles bdi'), 'Which one?');
	await page.page.locator(hand(1, '.toast')).waitFor({ state: 'detached' }); // a push takes it back
	await page.part('ladder');
	await page.is('.rail .good b', '200 OK');
	assert.deepEqual((await page.texts('.head span')).slice(-2), ['Bob: phone 1', 'Bob: phone 2']);
	const accept = await page.page.locator('.row:has-text("POST accept → 204")').textContent();

	assert.match(accept, /Bob: phone 2 to Front end/);
	await page.check('one of two has answered');
	await page.part('phone');
	await page.click(hand(2, '[data-command="remove"]'));
	await page.page.waitForSelector('.hand:only-child');
	await page.is('#phone-heading', 'Bob’s phone');
}

for (const [name, viewport] of [['a desk', DESK], ['a projector', PROJECTOR], ['a phone', PHONE]])
	scenario(`two of them on ${name}`, (lab) => browse({ viewport }, (page) => play(lab, page)));

scenario('the story goes on with two', (lab) => browse({}, async (page) => {
	await page.open(lab);
	await page.click(hand(1, '[data-command="host"]'));
	await page.click('.phone .title .button');
	await page.is(hand(2, '.thinks'), '2 · App asleep, reached by push');
	for (const end of ['Attempt 1', 'Attempt 2']) {
		await page.click('#to-end');
		await page.is('#step', new RegExp(`^${end} · step 9 of 9`));
		await page.page.waitForFunction(() => !document.querySelector('#next').disabled);
	}
	await page.is(hand(1, '.bubbles li:last-child bdi'), 'Lunch at twelve?');
}));

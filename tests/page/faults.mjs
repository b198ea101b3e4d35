// A joint is broken on the page: Alice sees what she saw before, and the records say what happened.
import assert from 'node:assert/strict';
import { scenario } from '../lab.mjs';
import { browse } from '../browser.mjs';

scenario('a broken joint is seen, told, and mended', (lab) => browse({}, async (page) => {
	await page.open(lab);
	await page.is('#next span', 'Play attempt 1');
	await page.click('.joint[data-where="clearing-house→push-service"]');
	await page.is('#break h2', 'Break clearing house → push service');
	await page.check('the dialog');
	await page.page.selectOption('#break-How-often', 'times');
	await page.page.fill('#break-n', '30'); // it is tried again
	await page.click('#break [type="submit"]');
	await page.is('.joint.broken', '503');

	for (let step = 1; step <= 6; step++)
		await page.next();
	await page.is('#step', 'Attempt 1 · instead of step 6');
	await page.is('#sentence', /^The push breaks on its way\. Alice sees just what she saw before: 180, and she waits\./);
	await page.is('.joint.broken', /^503 · \d+ of 30$/);
	// The notification says what has struck it.
	assert.ok((await page.texts('.row.bad .tag')).includes('Fault 1 of 30: status 503'), (await page.texts('.row')).join('\n'));
	await page.is('.desktop .status span:nth-of-type(2)', 'Waiting for a response…');
	assert.equal(await page.page.locator('.toast').count(), 0);
	assert.equal(await page.page.locator('.lifelines .hot').count(), 1);
	assert.ok((await page.texts('.row.bad .what')).some((label) => label.startsWith('Push refused')), (await page.texts('.row .what')).join());
	await page.check('broken');
	await page.next();
	await page.next();
	await page.is('.rail .fail b', '408 Timeout');

	await page.click('.joint.broken');
	await page.page.waitForFunction(() => !document.querySelector('.joint.broken'));
	assert.deepEqual((await lab.get('faults')).faults, []);
}));

scenario('a play that broke does not end as if it had not', (lab) => browse({}, async (page) => {
	await page.open(lab);
	await page.is('#next span', 'Play attempt 1');
	await lab.put('faults', { faults: [{ where: 'edge->clearing-house', what: 'status', status: 503 }] });
	await page.is('.joint.broken', '503');
	await page.press('1');
	await page.is('#step', 'Attempt 1 · step 1 of 9');
	await page.click('#to-end');
	await page.is('#step', /step 9 of 9 · It did not go as the story has it/);
	await page.is('.rail .fail b', '408 Timeout');
	await page.click('#to-end');
	await page.is('#step', /^Attempt 2 · step 9 of 9 · It did not go as the story has it/);
	await lab.request('DELETE', 'faults');
	await page.click('#play-1');
	await page.is('#step', 'Attempt 1 · step 1 of 9');
	// Space goes on, although the button that began it was clicked.
	await page.page.waitForFunction(() => document.activeElement?.id === 'next');
	await page.press('Space');
	await page.is('#step', 'Attempt 1 · step 2 of 9');
	await page.click('#to-end');
	await page.is('#step', /step 9 of 9 · The toast did arrive/);
}));

scenario('the seed stays what it was', (lab) => browse({}, async (page) => {
	await lab.request('PUT', 'faults', { faults: [{ where: 'phone→front-end', what: 'drop', probability: 1 }], seed: 7 });
	await page.open(lab);
	await page.click('.joint.broken');
	await page.page.waitForFunction(() => !document.querySelector('.joint.broken'));
	assert.deepEqual((await lab.get('faults')).faults, []);
	assert.equal((await lab.get('faults')).seed, 7);
}));

scenario('each joint offers what it can do, and is marked on its own hop', (lab) => browse({}, async (page) => {
	await page.open(lab);
	await page.is('#next span', 'Play attempt 1');
	const { joints } = await lab.get('faults');

	assert.deepEqual((await page.page.locator('.joint').evaluateAll((all) => all.map((joint) => joint.dataset.where))).sort(),
		joints.map(({ where }) => where).sort());
	for (const { where, can } of joints) {
		await page.click(`.joint[data-where="${where}"]`);
		assert.deepEqual(await page.page.locator('#break-What-happens option').evaluateAll((all) => all.map((option) => option.value)), can, where);
		for (const words of await page.texts('#break-What-happens option'))
			assert.ok(!can.includes(words), `${words} has no words of its own`);
		await page.click('#break [type="submit"]');
		await page.page.waitForSelector(`.joint.broken[data-where="${where}"]`);
	}
	const spans = await page.page.evaluate(() => {
		const middle = (element) => {
			const { left, right } = element.getBoundingClientRect();

			return Math.round((left + right) / 2);
		};

		return {
			lines: [...document.querySelectorAll('.lifelines i:not(.hot)')].map(middle),
			strips: Object.fromEntries([...document.querySelectorAll('.hot')].map((strip) => {
				const { left, right } = strip.getBoundingClientRect();

				return [strip.dataset.where, [Math.round(left), Math.round(right)]];
			})),
		};
	});
	const hops = ['sip-peer→front-end', 'front-end→edge', 'edge→clearing-house', 'clearing-house→push-service', 'push-service→phone'];

	for (const [i, where] of hops.entries())
		for (const end of [0, 1])
			assert.ok(Math.abs(spans.strips[where][end] - spans.lines[i + end]) <= 1, `${where}: ${JSON.stringify(spans)}`);
	const [left, right] = spans.strips['phone→front-end'];

	assert.ok(left < spans.lines.at(-1) && right > spans.lines.at(-1) && right - left < 40, JSON.stringify(spans));
	await page.check('all is broken');
}));

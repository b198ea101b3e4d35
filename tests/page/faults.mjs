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
	await page.page.fill('#break-n', '3');
	await page.click('#break [type="submit"]');
	await page.is('.joint.broken', '503');

	for (let step = 1; step <= 6; step++)
		await page.next();
	await page.is('#step', 'Attempt 1 · instead of step 6');
	await page.is('#sentence', /^The push breaks on its way\. Alice sees just what she saw before: 180, and she waits\./);
	await page.is('.joint.broken', /^503 · \d of 3$/);
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

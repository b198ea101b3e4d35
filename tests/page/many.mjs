// A long journal: the page keeps a window of it, reads what is older when somebody looks there, and a new record costs the
// same whether there are a thousand or ten thousand.
import assert from 'node:assert/strict';
import { scenario } from '../lab.mjs';
import { browse } from '../browser.mjs';

const AT_ONCE = 50;

// Records of requests that are nobody's.
async function fill(lab, n) {
	// A connection may be closed between two requests.
	const ask = () => fetch(lab.ready.http).then((answer) => answer.arrayBuffer()).catch(ask);

	for (let i = 0; i < n; i += AT_ONCE)
		await Promise.all(Array.from({ length: Math.min(AT_ONCE, n - i) }, ask));
	return (await lab.get('status')).journal.last;
}

const rowCount = (page) => page.page.evaluate(() => Number(document.querySelector('.row')?.ariaSetSize));

function shown(page, seq) {
	return page.page.waitForFunction((key) => document.querySelector(`.row[data-key="${key}"]`), `r${seq}`);
}

// How many blocks of the page's code run, and how many elements there are, while something goes on.
async function workOf(page, session, goOn) {
	await session.send('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
	await session.send('Profiler.takePreciseCoverage');
	await goOn();
	const { result } = await session.send('Profiler.takePreciseCoverage');

	await session.send('Profiler.stopPreciseCoverage');
	const counts = result.filter(({ url }) => url.includes('/console/')).flatMap(({ functions }) => functions.flatMap(({ ranges }) => ranges.map(({ count }) => count)));

	return { blocks: counts.reduce((sum, n) => sum + n, 0), elements: await page.page.evaluate(() => document.querySelectorAll('*').length) };
}

// When rows of new records became elements, by this machine's clock in milliseconds.
function watch(page) {
	return page.page.evaluate(() => {
		globalThis.seen = {};
		new MutationObserver((changes) => {
			for (const { addedNodes } of changes)
				for (const { dataset } of addedNodes)
					if (dataset?.key)
						globalThis.seen[dataset.key] ??= performance.timeOrigin + performance.now();
		}).observe(document.querySelector('.inner'), { childList: true });
	});
}

async function sayLatency(lab, page, from, n) {
	const seen = await page.page.evaluate(() => globalThis.seen);
	const { records } = await lab.get(`journal?from=${from}`);
	const ms = records.filter(({ seq }) => seen[`r${seq}`]).map(({ seq, time }) => seen[`r${seq}`] - Date.parse(time)).sort((a, b) => a - b);
	const at = (p) => ms[Math.floor((ms.length - 1) * p)].toFixed(0);

	console.log(`with ${n} rows a record is on the page after ${at(.5)} ms, 95 % after ${at(.95)} ms, all after ${at(1)} ms`);
}

async function oneByOne(lab, page) {
	for (let i = 0; i < 20; i++)
		await shown(page, await fill(lab, 1));
}

async function leaf(page) {
	await page.press('l');
	for (const key of ['PageUp', 'PageUp', 'ArrowUp', 'PageDown', 'PageDown', 'ArrowDown'])
		for (let i = 0; i < 5; i++)
			await page.press(key);
	await page.press('End');
}

scenario('ten thousand records cost what a thousand cost', { playMs: 240000 }, (lab) => browse({}, async (page, context) => {
	const session = await context.newCDPSession(page.page);
	const measured = [];

	await session.send('Profiler.enable');
	await page.open(lab, '#/stage/all');
	await shown(page, await fill(lab, 1000));
	await watch(page);
	for (const more of [0, 10500]) {
		await shown(page, await fill(lab, more));
		const { last } = (await lab.get('status')).journal;

		await oneByOne(lab, page);
		await sayLatency(lab, page, last + 1, await rowCount(page));
		measured.push({
			rows: await rowCount(page),
			added: await workOf(page, session, () => oneByOne(lab, page)),
			scrolled: await workOf(page, session, () => leaf(page)),
		});
	}
	const [few, many] = measured;

	assert.ok(many.rows > 9900 && many.rows <= 11001, `${many.rows} rows`);
	for (const what of ['added', 'scrolled']) {
		assert.ok(many[what].blocks < 2 * few[what].blocks, `${what}: ${JSON.stringify(measured)}`);
		assert.ok(many[what].elements < few[what].elements + 100, `${what}: ${JSON.stringify(measured)}`);
	}
}));

scenario('what is older is read when somebody looks there', { playMs: 180000 }, (lab) => browse({}, async (page) => {
	const [alice, bob] = await lab.users('alice', 'bob');
	const phone = lab.phone(bob, { background: true, onToast: 'accept' });

	await phone.expect('background');
	await lab.desktop(alice, { im: [bob, 'Long ago'] }).expect('connected');
	const last = await fill(lab, 3500);

	await page.open(lab, '#/stage/1');
	await page.is('.rail .good b', '200 OK');
	await page.is('.desktop .lines li > bdi', 'Long ago');
	await page.page.selectOption('.ladder .legend select', 'all');
	await shown(page, last);
	assert.equal(await page.page.isVisible('.earlier'), false);

	for (let known = await rowCount(page); known < 3500; known = await rowCount(page)) {
		await page.press('l');
		await page.press('Home');
		await page.page.waitForSelector('.earlier');
		const top = await page.page.getAttribute('.row[aria-selected="true"]', 'data-key');

		await page.click('.earlier');
		await page.page.waitForFunction((before) => Number(document.querySelector('.row')?.ariaSetSize) > before, known);
		assert.ok(await page.page.isVisible(`.row[data-key="${top}"]`), 'what was in view stays there');
	}
	await page.press('Home');
	await page.page.waitForSelector('.row[aria-posinset="1"]');
	await page.is('#link span', 'Live');
	assert.equal(await page.page.isVisible('.earlier'), false);
	await page.press('End');
	await shown(page, await fill(lab, 1));
}));

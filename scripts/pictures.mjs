// Pictures of the page's main states: node scripts/pictures.mjs FOLDER [README'S PICTURE]
import { copyFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { DESK, PHONE, browse } from '../tests/browser.mjs';
import { startLab } from '../tests/lab.mjs';

const [folder, readme] = process.argv.slice(2);
const forms = [
	['desk', DESK, 'light'],
	['projector', { width: 1920, height: 1080 }, 'dark'],
	['phone', PHONE, 'light'],
];

async function steps(page, n) {
	for (let i = 0; i < n; i++)
		await page.next();
}

const states = {
	idle: (page) => page.is('#next span', 'Play attempt 1'),
	waiting: (page) => steps(page, 7),
	inspect: async (page) => {
		await page.click('.row:has-text("MESSAGE push") .what');
		await page.is('.sheet h2', 'MESSAGE push');
	},
	alice: (page) => page.part('desktop'),
	bob: (page) => page.part('phone'),
	timeout: async (page) => {
		await page.part('ladder');
		await page.press('Escape');
		await steps(page, 2);
	},
	answered: (page) => steps(page, 9),
	keys: (page) => page.press('?'),
	export: async (page) => {
		await page.press('Escape');
		await page.press('e');
	},
	break: async (page) => {
		await page.press('Escape');
		await page.click('.joint[data-where="clearing-house→push-service"]');
	},
	fault: async (page) => {
		await page.page.selectOption('#break-How-often', 'times');
		await page.click('#break [type="submit"]');
		await page.is('.joint.broken', '503');
		await steps(page, 6);
	},
	frozen: (page) => page.press('f'),
	phones: async (page) => {
		await page.press('f');
		await page.click('.joint.broken');
		await page.part('phone');
		await page.click('.phone .title .button');
		await page.is('.hand:nth-child(2) .thinks', '2 · App asleep, reached by push');
		await page.page.waitForFunction(() => !document.querySelector('#play-1').disabled);
		await page.click('#play-1');
		await page.page.waitForFunction(() => document.querySelector('#step').textContent.startsWith('Attempt 1 · step 1'));
		await steps(page, 6);
	},
	ladders: (page) => page.part('ladder'),
	lists: async (page) => {
		await page.click('.views [data-view="lists"]');
		await page.click('.search button');
		await page.is('.reasons li', /./);
	},
	load: async (page) => {
		await page.click('.views [data-view="load"]');
		await page.is('.card:first-child header b', '3');
	},
	lost: async (page, lab) => {
		await page.click('.views [data-view="stage"]');
		await lab.kill();
		await page.is('#link span', 'No server: trying again');
	},
	again: async (page, lab) => {
		await lab.restart({ settings: { 'lab.listen': new URL(lab.ready.lab).host } });
		await page.is('#sentence', 'The lab was started again.');
		page.errors.length = 0; // requests that found no server
	},
};

await mkdir(folder, { recursive: true });
for (const [form, viewport, colorScheme] of forms) {
	const lab = await startLab();

	try {
		await browse({ viewport, colorScheme, reducedMotion: 'reduce' }, async (page) => {
			await page.open(lab);
			for (const [state, reach] of Object.entries(states)) {
				await reach(page, lab);
				await page.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
				await page.page.screenshot({ path: path.join(folder, `${state}-${form}-${colorScheme}.png`) });
			}
		});
	} finally {
		await lab.stop();
	}
}
if (readme)
	await copyFile(path.join(folder, 'waiting-desk-light.png'), readme);

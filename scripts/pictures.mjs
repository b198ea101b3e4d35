// Pictures of the page's main states: node scripts/pictures.mjs FOLDER
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { DESK, PHONE, browse } from '../tests/browser.mjs';
import { startLab } from '../tests/lab.mjs';

const folder = process.argv[2];
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
	export: (page) => page.press('e'),
	lists: async (page) => {
		await page.press('Escape');
		await page.click('.views [data-view="lists"]');
		await page.click('.search button');
		await page.is('.reasons li', /./);
	},
	load: async (page) => {
		await page.click('.views [data-view="load"]');
		await page.is('.card:first-child header b', '2');
	},
};

await mkdir(folder, { recursive: true });
for (const [form, viewport, colorScheme] of forms) {
	const lab = await startLab();

	try {
		await browse({ viewport, colorScheme, reducedMotion: 'reduce' }, async (page) => {
			await page.open(lab);
			for (const [state, reach] of Object.entries(states)) {
				await reach(page);
				await page.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
				await page.page.screenshot({ path: path.join(folder, `${state}-${form}-${colorScheme}.png`) });
			}
		});
	} finally {
		await lab.stop();
	}
}

// The console in Chromium: a page of a lab, at a desk's or a phone's size. A test fails if the page writes an error to its
// console, throws, or asks for anything outside the lab.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';
import { PATIENCE_MS } from './lab.mjs';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export const DESK = { width: 1280, height: 800 };
export const PROJECTOR = { width: 1024, height: 768 };
export const PHONE = { width: 390, height: 844 };

export class Page {
	constructor(page) {
		this.page = page;
		this.errors = [];
		page.on('console', (message) => {
			if (['error', 'warning'].includes(message.type()))
				this.errors.push(`${message.text()} (${message.location().url})`);
		});
		page.on('pageerror', (error) => this.errors.push(error.stack));
		page.setDefaultTimeout(PATIENCE_MS);
	}

	async open(lab, hash = '') {
		const origin = new URL(lab.ready.console).origin;

		await this.page.route((url) => url.origin !== origin, (route) => {
			this.errors.push(`asks for ${route.request().url()}`);
			return route.abort();
		});
		await this.page.goto(lab.ready.console + hash);
		await this.is('#link span', 'Live');
	}

	/** Until the text of an element is this one, or matches. */
	async is(selector, text) {
		const locator = this.page.locator(selector).first();
		const found = () => locator.textContent();

		await this.page.waitForFunction(([where, wanted, pattern]) => {
			const shown = document.querySelector(where)?.textContent.trim();

			return shown !== undefined && (pattern ? new RegExp(wanted).test(shown) : shown === wanted);
		}, [selector, text.source ?? text, text instanceof RegExp]).catch(async () =>
			assert.fail(`${selector} is ${JSON.stringify(await found().catch(() => 'not there'))}, not ${text}; errors: ${this.errors.join('\n')}`));
	}

	click(selector) {
		return this.page.click(selector);
	}

	press(key) {
		return this.page.keyboard.press(key);
	}

	/** The text of every element. */
	texts(selector) {
		return this.page.locator(selector).allTextContents();
	}

	/** One part of the stage, where only one is in view. */
	async part(name) {
		const button = `.parts [data-part="${name}"]`;

		if (await this.page.isVisible(button))
			await this.click(button);
	}

	/** The next step of the story, once the last one was told. */
	async next() {
		await this.page.waitForFunction(() => !document.querySelector('#next').disabled);
		const before = await this.page.textContent('#step');

		await this.click('#next');
		await this.page.waitForFunction((last) => document.querySelector('#step').textContent !== last && !document.querySelector('#next').disabled, before);
	}

	/** Nothing is wrong for those who do not see or point, and nothing is wider than the window. */
	async check(state) {
		await this.page.evaluate(axe);
		const { violations, width } = await this.page.evaluate(async () => ({
			violations: (await globalThis.axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })).violations
				.map(({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 200)} ${nodes[0].failureSummary}`),
			width: document.documentElement.scrollWidth - innerWidth,
		}));

		assert.deepEqual(violations, [], state);
		assert.ok(width <= 0, `${state}: wider than the window by ${width}`);
	}
}

/** Play with a page. options: those of a browser's context. */
export async function browse(options, play) {
	const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });

	try {
		const context = await browser.newContext({ viewport: DESK, ...options });
		const page = new Page(await context.newPage());

		await play(page, context);
		assert.deepEqual(page.errors, []);
	} finally {
		await browser.close();
	}
}

// Chromium as a client: a page of another origin signs in, polls and accepts through the frame for such pages, or by
// itself as CORS allows it. Pages of origins that the settings do not have get nothing.
import assert from 'node:assert/strict';
import http from 'node:http';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { after } from 'node:test';
import { chromium } from 'playwright-core';
import { scenario } from '../lab.mjs';

const html = await readFile(new URL('browser.html', import.meta.url));

// An origin with the page.
async function site() {
	const server = http.createServer((request, answer) => {
		answer.setHeader('Content-Type', 'text/html; charset=utf-8');
		answer.end(html);
	});

	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	after(() => server.close());
	return `http://127.0.0.1:${server.address().port}`;
}

const [home, stranger] = await Promise.all([site(), site()]);
const settings = { 'https.allowed_origins': home };

// Play with a page at an origin; the lab's authority is not the browser's.
async function browse(origin, play) {
	const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });

	try {
		const context = await browser.newContext({ ignoreHTTPSErrors: true });
		const page = await context.newPage();

		await page.goto(origin);
		await play(page, context);
	} finally {
		await browser.close();
	}
}

function textOf(href) {
	return decodeURIComponent(href.slice(href.indexOf(',') + 1).replaceAll('+', '%20'));
}

scenario('a page of another origin is called and answers through the frame', { settings }, async (lab) => {
	const [alice, bob] = await lab.users('alice', 'bob');

	await browse(home, async (page) => {
		const headers = await page.evaluate(async ([server, name, password]) => {
			globalThis.client = new Client();
			return globalThis.client.signIn(server, name, password);
		}, [lab.ready.https, bob.aor, bob.password]);
		assert.match(headers, /^Location: \/ucwa\/oauth\/v1\/applications\//m);
		assert.match(headers, /^ETag|^Content-Type: application\/json/m);

		const accepted = page.evaluate(() => globalThis.client.accept());
		const desktop = lab.desktop(alice, { im: [bob, 'Hi Brendan'] });
		assert.equal(textOf(await accepted), 'Hi Brendan');

		assert.equal(textOf(await page.evaluate(() => globalThis.client.message())), 'Hi Brendan');
		desktop.say('How are you?');
		assert.equal(textOf(await page.evaluate(() => globalThis.client.message())), 'How are you?');
		await page.evaluate(() => globalThis.client.say('Fine'));
		const { status } = await page.evaluate(() => globalThis.client.event('message', 'completed'));
		assert.equal(status, 'Success');
	});
});

scenario('the frame asks for nothing but the API of its own server', { settings }, async (lab) => {
	const urls = [
		'/health', '/openapi.json', '/Mcx/McxService.svc', '/ucwax', '/ucwa/../health', `${home}/ucwa/x`, 'data:,x',
		'http://', '//127.0.0.1/ucwa',
	];

	await browse(home, async (page) => {
		const ask = (url, more) => page.evaluate(async ([server, path, options]) => {
			globalThis.frame ??= await Frame.open(`${server}/xframe`);
			return globalThis.frame.request('get', '/', { ...options, url: path });
		}, [lab.ready.https, url, more]);

		for (const url of urls)
			assert.equal((await ask(url)).status, 403, url);
		for (const url of ['/', `${lab.ready.https}//xframe`, '/AutoDiscover//AutodiscoverService.svc/Root', `${lab.ready.https}?x=1`])
			assert.equal((await ask(url)).status, 200, url);
		const unauthorized = await ask('/ucwa/oauth/v1/applications/1');
		assert.equal(unauthorized.status, 401);
		assert.equal(unauthorized.statusText, 'Unauthorized');
		const query = await ask('/', { data: { sipuri: 'sip:bob@lab.test' } });
		assert.match(query.body._links.user.href, /originalDomain=lab\.test$/);
	});
});

scenario('a page of an origin that is not allowed gets nothing', { settings }, async (lab) => {
	await browse(stranger, async (page, context) => {
		const { https } = lab.ready;

		// The browser refuses to show the frame ...
		const blocked = page.waitForEvent('console', (line) => /frame-ancestors/.test(line.text()));
		await page.evaluate((server) => {
			Frame.open(`${server}/xframe`);
		}, https);
		await blocked;

		// ... a window in its place does not answer ...
		const opening = context.waitForEvent('page');
		await page.evaluate((server) => {
			globalThis.answers = [];
			addEventListener('message', ({ data }) => globalThis.answers.push(data));
			globalThis.opened = window.open(`${server}/xframe`);
		}, https);
		const opened = await opening;
		const asked = [];
		await opened.waitForLoadState();
		opened.on('request', (request) => asked.push(request.url()));
		await opened.evaluate(() => {
			globalThis.arrived = new Promise((resolve) => {
				addEventListener('message', ({ origin }) => setTimeout(resolve, 0, origin));
			});
		});
		await page.evaluate((server) => globalThis.opened.postMessage(
			JSON.stringify({ type: 'get', url: `${server}/`, messageId: 1 }), server), https);
		assert.equal(await opened.evaluate(() => globalThis.arrived), stranger);
		assert.deepEqual(asked, []);
		assert.deepEqual(await page.evaluate(() => globalThis.answers), []);

		// ... and the server does not answer the page itself.
		const failed = await page.evaluate((server) => fetch(server).then(() => 'answered', (e) => e.name), https);
		assert.equal(failed, 'TypeError');
		await lab.wait('fault', { fields: { what: `https.allowed_origins does not have ${stranger}.` } });
	});
});

scenario('a page of an allowed origin may do without the frame', { settings }, async (lab) => {
	const bob = await lab.user('bob');

	await browse(home, async (page) => {
		const created = await page.evaluate(async ([server, username, password]) => {
			const { _links: root } = await (await fetch(server)).json();
			const refused = await fetch(root.user.href);
			const [, tokens] = /MsRtcOAuth href="([^"]+)"/.exec(refused.headers.get('WWW-Authenticate'));
			const { access_token: token } = await (await fetch(tokens, {
				method: 'POST', body: new URLSearchParams({ grant_type: 'password', username, password }),
			})).json();
			const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
			const { _links: user } = await (await fetch(root.user.href, { headers })).json();
			const answer = await fetch(user.applications.href, {
				method: 'POST', headers,
				body: JSON.stringify({ UserAgent: 'Page', EndpointId: 'page', Culture: 'en-US' }),
			});

			return { status: answer.status, location: answer.headers.get('Location') };
		}, [lab.ready.https, bob.aor, bob.password]);

		assert.equal(created.status, 201);
		assert.match(created.location, /^\/ucwa\/oauth\/v1\/applications\//);
	});
});

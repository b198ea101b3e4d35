// Makes requests to this server for the page that has loaded this one into a frame: takes each as a message, and sends
// the answer to the origin that asked.
(() => {
	'use strict';

	const origins = document.currentScript.dataset.origins.split(' ');
	const names = { etag: 'ETag', 'www-authenticate': 'WWW-Authenticate', 'x-ms-diagnostics': 'X-Ms-diagnostics' };

	// The root is where clients start, and /xframe is this page: Microsoft's samples ask for it first.
	const paths = /^\/(|xframe|(ucwa|autodiscover|webticket)(\/.*)?)$/i;

	// A URL of this server that the API needs, or null.
	function own(text) {
		try {
			const url = new URL(text, location.origin);

			url.pathname = url.pathname.replace(/\/\/+/g, '/');
			return url.origin === location.origin && paths.test(url.pathname) ? url : null;
		} catch {
			return null;
		}
	}

	// As on the wire: browsers give names in lower case, and clients look for these.
	function headerLines(headers) {
		return Array.from(headers, ([name, value]) => {
			const spelled = names[name] ?? name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());

			return `${spelled}: ${value}\r\n`;
		}).join('');
	}

	function headersOf(request, origin) {
		const headers = new Headers();
		const fields = {
			Accept: request.accepts,
			'Content-Type': request.contentType,
			...request.headers,
			'X-Ms-Origin': origin,
		};

		for (const [name, value] of Object.entries(fields)) {
			if (value !== undefined && value !== null && value !== '')
				headers.set(name, value);
		}
		return headers;
	}

	// The body, or undefined; what cannot have one gets its data as a query.
	function bodyOf(request, method, url) {
		const { data } = request;

		if (data === undefined || data === null || data === '')
			return undefined;
		const text = typeof data !== 'object' ? String(data)
			: request.processData === false ? JSON.stringify(data)
				: new URLSearchParams(data).toString();
		if (method !== 'GET' && method !== 'HEAD')
			return text;
		url.search += `${url.search ? '&' : ''}${text}`;
		return undefined;
	}

	async function ask(request, origin) {
		const url = own(request.url);

		if (!url)
			return { status: 403, statusText: 'Forbidden', responseText: '', headers: '' };
		const method = String(request.type ?? 'GET').toUpperCase();
		const timeout = Number(request.xhrFields?.timeout);
		const answer = await fetch(url, {
			method,
			body: bodyOf(request, method, url),
			headers: headersOf(request, origin),
			cache: request.cache === false ? 'no-store' : 'default',
			redirect: 'error',
			signal: timeout > 0 ? AbortSignal.timeout(timeout) : null,
		});

		return {
			status: answer.status,
			statusText: answer.statusText,
			responseText: await answer.text(),
			headers: headerLines(answer.headers),
		};
	}

	// Microsoft's description has the request itself as the message, and its example has it as a member.
	function read(data) {
		try {
			const message = JSON.parse(data);

			return message.request ?? message;
		} catch {
			return null;
		}
	}

	addEventListener('message', async ({ data, origin, source }) => {
		const request = origins.includes(origin) ? read(data) : null;
		let answer;

		if (!request)
			return;
		try {
			answer = await ask(request, origin);
		} catch (error) {
			answer = { status: 0, statusText: error.message, responseText: '', headers: '' };
		}
		source.postMessage(JSON.stringify({ ...answer, messageId: request.messageId }), origin);
	});
})();

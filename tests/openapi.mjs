// What goes over HTTP in the tests, held against the documents that the servers themselves serve: every answer, and
// every request that was taken. What a document does not have fails the test.
import assert from 'node:assert/strict';
import http from 'node:http';
import https from 'node:https';
import addFormats from 'ajv-formats';
import Ajv2020 from 'ajv/dist/2020.js';

// Names of servers, as the ready file has them: how to ask for the document. Some labs have certificates of their own, which
// are not looked at here.
const places = {
	https: (ready) => [https, { ...toOptions(ready.https, '/openapi.json'), rejectUnauthorized: false }],
	push_service: (ready) => [http, toOptions(ready.push_service, '/openapi.json')],
	lab_socket: (ready) => [http, { socketPath: ready.lab_socket, path: '/lab/v1/openapi.json' }],
};
const documents = new Map();

function toOptions(base, path) {
	const { hostname, port } = new URL(base);

	return { hostname, port, path };
}

function get([protocol, options]) {
	return new Promise((resolve, reject) => {
		protocol.get({ ...options, agent: false }, async (answer) => {
			const chunks = [];

			for await (const chunk of answer)
				chunks.push(chunk);
			resolve(JSON.parse(Buffer.concat(chunks).toString('utf8')));
		}).on('error', reject);
	});
}

/** A document, ready to be asked: of one server, and strict about members that it does not name. */
export class Document {
	constructor(json) {
		this.json = json;
		this.ajv = new Ajv2020({ strict: false, allErrors: true });
		addFormats(this.ajv);
		this.ajv.addSchema(json, 'lax');
		this.ajv.addSchema(strict(json), 'strict');
		this.paths = Object.keys(json.paths).map((path) => ({
			path,
			literals: path.split('/').filter((s) => !s.startsWith('{')).length,
			pattern: new RegExp(`^${path.replaceAll(/[.*+?^$()|[\]\\]/g, '\\$&').replaceAll(/\{[^}]+\}/g, '[^/]+')}$`, 'i'),
		})).sort((a, b) => b.literals - a.literals);
	}

	#validate(which, tokens, value) {
		const pointer = tokens.map((t) => encodeURIComponent(t.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/');
		const validate = this.ajv.getSchema(`${which}#/${pointer}`);

		assert.ok(validate, `the document has no ${pointer}`);
		return validate(value) ? null : this.ajv.errorsText(validate.errors, { separator: '\n' });
	}

	#content(which, tokens, holder, type, text) {
		const media = (type ?? '').split(';')[0].trim().toLowerCase();

		if (!text.length)
			return null;
		if (!holder?.content?.[media])
			return `the media type "${media}" is not documented`;
		return this.#validate(which, [...tokens, 'content', media, 'schema'], parse(media, text));
	}

	/** Every schema can be used: what it refers to is there. */
	compile() {
		const holders = Object.entries(this.json.paths).flatMap(([path, item]) =>
			Object.entries(item).flatMap(([method, operation]) => [
				[['paths', path, method, 'requestBody'], operation.requestBody],
				...Object.entries(operation.responses).map(([status, r]) => [['paths', path, method, 'responses', status], r]),
			]));

		for (const [tokens, holder] of holders) {
			for (const media of Object.keys(holder?.content ?? {}))
				this.#validate('lax', [...tokens, 'content', media, 'schema'], null);
		}
	}

	/** Check the schema of every example. */
	examples() {
		for (const [name, schema] of Object.entries(this.json.components.schemas)) {
			for (const example of schema.examples ?? []) {
				const errors = this.#validate('strict', ['components', 'schemas', name], example);

				assert.equal(errors, null, `the example of ${name}: ${errors}`);
			}
		}
	}

	/** What is wrong with an exchange {method, path, type, body, status, headers, text}; null: nothing. */
	check(x) {
		if (x.method === 'OPTIONS') // it describes the operations of a resource, as this document does
			return null;
		const path = x.path.split('?')[0].replaceAll(/\/{2,}/g, '/');
		const found = this.paths.find((p) => p.pattern.test(path) && this.json.paths[p.path][x.method.toLowerCase()]);

		if (!found) {
			if (x.status < 400)
				return 'the document does not have this operation';
			return x.text ? this.#validate('strict', ['components', 'schemas', 'Error'], JSON.parse(x.text)) : null;
		}
		const tokens = ['paths', found.path, x.method.toLowerCase()];
		const operation = this.json.paths[found.path][x.method.toLowerCase()];
		const status = [`${x.status}`, `${String(x.status)[0]}XX`].find((s) => operation.responses[s]);

		if (!status)
			return `the status ${x.status} is not documented`;
		const errors = this.#content('strict', [...tokens, 'responses', status], operation.responses[status],
			x.headers['content-type'], x.text);
		if (errors || x.status >= 300 || !x.body || !operation.requestBody)
			return errors;
		return this.#content('lax', [...tokens, 'requestBody'], operation.requestBody, x.type, x.body);
	}
}

function parse(media, text) {
	if (media.endsWith('json') && !media.endsWith('ndjson'))
		return JSON.parse(text);
	return media.endsWith('x-www-form-urlencoded') ? Object.fromEntries(new URLSearchParams(text)) : text;
}

// In answers nothing may be that has no schema.
function strict(json) {
	const copy = structuredClone(json);
	const close = (schema) => {
		if (schema.properties) {
			schema.additionalProperties ??= false;
			Object.values(schema.properties).forEach(close);
		}
		for (const list of [schema.anyOf ?? [], schema.items ? [schema.items] : []])
			list.forEach(close);
	};

	Object.values(copy.components.schemas).forEach(close);
	return copy;
}

/** Get the documents of these servers, each once a process. */
export async function learn(ready) {
	for (const [server, place] of Object.entries(places)) {
		if (!documents.has(server) && ready[server])
			documents.set(server, new Document(await get(place(ready))));
	}
}

/** The document of a server, once learn() has met it. */
export function documentOf(server) {
	return documents.get(server);
}

/** Fail if an exchange is not as its server's document has it. Of a server that learn() has not met nothing is known. */
export function check(server, x) {
	const errors = documents.get(server)?.check(x);

	if (errors)
		assert.fail(`${x.method} ${x.path}: ${x.status} is not as documented: ${errors}\n${x.text.slice(0, 2000)}`);
}

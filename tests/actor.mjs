// Programs that a test runs: none outlives it, and no wait lasts for ever.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { PATIENCE_MS, withPatience } from './clients/lab.mjs';

export { PATIENCE_MS, withPatience };

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const build = path.resolve(root, process.env.MCXD_BUILD ?? 'build');

// At the top of the build folder, or where meson leaves it.
export function binary(name) {
	const places = [name, `mcxd/${name}`, `mcxd/tools/${name}`].map((p) => path.join(build, p));
	const found = places.find((p) => statSync(p, { throwIfNoEntry: false })?.isFile());

	if (!found)
		throw new Error(`${name} is not in ${build}; run scripts/build`);
	return found;
}

// A test that dies leaves no process behind.
const children = new Set();

process.on('exit', () => {
	for (const child of children)
		child.kill('SIGTERM');
});

export function start(file, args, stdin, env = {}) {
	const child = spawn(file, args, { stdio: [stdin, 'pipe', 'pipe'], env: { ...process.env, ...env } });

	children.add(child);
	child.on('close', () => children.delete(child));
	return child;
}

/** camelCase options as --kebab-case arguments; true is a bare flag, null and false are left out. */
export function toArguments(options) {
	return Object.entries(options).flatMap(([name, value]) => {
		const flag = `--${name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}`;

		if (value === true)
			return [flag];
		return value === null || value === undefined || value === false ? [] : [flag, String(value)];
	});
}

/** A child process that prints what happens to it, as one JSON object a line; other lines are the event "text". */
export class Actor {
	constructor(name, file, args, { env, logsToStderr } = {}) {
		this.name = name;
		this.seen = []; // every event so far
		this.cursor = 0; // of expect()
		this.errors = '';
		this.waiters = new Set();
		this.child = start(file, args, 'pipe', env);
		this.child.stdin.on('error', () => {}); // it may be gone before it has read all
		this.child.stderr.setEncoding('utf8').on('data', (text) => (this.errors += text));
		for (const input of logsToStderr ? [this.child.stdout, this.child.stderr] : [this.child.stdout])
			createInterface({ input }).on('line', (line) => this.#onLine(line));
		this.exited = once(this.child, 'close').then(([code, signal]) => {
			this.code = code ?? signal;
			this.#wake();
			return this.code;
		});
	}

	#onLine(line) {
		try {
			this.seen.push(JSON.parse(line));
		} catch {
			this.seen.push({ event: 'text', text: line });
		}
		this.#wake();
	}

	#wake() {
		for (const waiter of this.waiters)
			waiter();
		this.waiters.clear();
	}

	#change() {
		return new Promise((resolve) => this.waiters.add(resolve));
	}

	/** Every event, from the first one on, as they come. */
	async *[Symbol.asyncIterator]() {
		for (let i = 0; ; i++) {
			while (i >= this.seen.length) {
				if (this.code !== undefined)
					return;
				await this.#change();
			}
			yield this.seen[i];
		}
	}

	/** The next event of this name whose members are as given (strings, or patterns), after the one
	 *  that was expected before. */
	expect(event, members = {}) {
		return withPatience(this.#find(event, members), () => this.#describe(event, members));
	}

	async #find(event, members) {
		for (;;) {
			for (; this.cursor < this.seen.length; this.cursor++) {
				if (fits(this.seen[this.cursor], { event, ...members }))
					return this.seen[this.cursor++];
			}
			if (this.code !== undefined)
				throw new assert.AssertionError({ message: this.#describe(event, members) });
			await this.#change();
		}
	}

	#describe(event, members) {
		const seen = this.seen.map((e) => `  ${JSON.stringify(e)}`).join('\n') || '  nothing';
		const end = this.code === undefined ? '' : ` and ended with ${this.code}`;

		return `${this.name} should have said ${JSON.stringify({ event, ...members }, showPatterns)}` +
			`${end}; it said:\n${seen}\n${this.errors}`;
	}

	/** Type a line. */
	say(line) {
		this.child.stdin.write(`${line}\n`);
	}

	/** Close its input. */
	close() {
		this.child.stdin.end();
	}

	/** Wait until it ends by itself, with this exit code. */
	async ended(code = 0) {
		const got = await withPatience(this.exited, () => `${this.name} did not end`);

		assert.equal(got, code, `${this.name} ended with ${got}:\n${this.errors}`);
	}

	async stop() {
		if (this.code !== undefined)
			return;
		this.child.kill('SIGTERM');
		try {
			await withPatience(this.exited, () => `${this.name} ignored SIGTERM`);
		} catch (e) {
			this.child.kill('SIGKILL');
			throw e;
		}
	}
}

function showPatterns(_, value) {
	return value instanceof RegExp ? String(value) : value;
}

function fits(object, members) {
	return Object.entries(members).every(([name, wanted]) =>
		wanted instanceof RegExp ? wanted.test(object[name] ?? '') : object[name] === wanted);
}

// Load: how much there is, and how long it takes. Counts are the server's; times are those of the journal's records.
import * as api from './api.js';
import { el } from './dom.js';
import { Plot } from './plot.js';
import { isInvite, turnOf } from './rows.js';

const EVERY_MS = 2000;
const SAMPLES = 150; // 5 minutes
const MAX_OPEN = 20000; // invitations whose 180 or toast has not come

function percentile(sorted, p) {
	return sorted.length ? sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))] : null;
}

export class Load {
	constructor(store) {
		this.store = store;
		this.plots = {
			endpoints: new Plot({ name: 'Endpoints', series: [['Signed in', 'sip']], max: SAMPLES, least: 5 }),
			held: new Plot({ name: 'Held INVITEs', series: [['Ringing', 'push']], max: SAMPLES, least: 5 }),
			pushes: new Plot({ name: 'Pushes per second', series: [['Sent', 'sip'], ['Accepted', 'carrier', true]], max: SAMPLES, least: 5 }),
			ringing: new Plot({ name: 'INVITE to 180', unit: 'ms', series: [['p50', 'carrier'], ['p99', 'https', true]], max: SAMPLES }),
			toast: new Plot({ name: 'INVITE to toast', unit: 'ms', series: [['p50', 'carrier'], ['p99', 'https', true]], max: SAMPLES }),
			errors: new Plot({ name: 'Errors per minute', series: [['All', 'fault'], ['Push refused', 'push', true]], max: SAMPLES, least: 5 }),
		};
		this.root = el('div', { class: 'cards' }, ...Object.values(this.plots).map(({ root }) => root));
		this.open = new Map();
		this.times = { ringing: [], toast: [] };
		this.errors = [];
		setInterval(() => this.#sample(), EVERY_MS);
	}

	show() {
		this.#say();
		this.#sample();
	}

	/** A record: what it says about times and errors. */
	take(record) {
		const { conversation } = record;
		const at = Date.parse(record.time);
		const us = record.time ? at * 1000 + Number(record.time.slice(23, 26) || 0) : 0;

		if (conversation && isInvite(record)) {
			this.open.set(conversation, us);
			if (this.open.size > MAX_OPEN)
				this.open.delete(this.open.keys().next().value);
		} else if (conversation && turnOf(record) === 'ring') {
			this.#time('ringing', conversation, us);
		} else if (conversation && record.kind === 'toast') {
			this.#time('toast', conversation, us);
			this.open.delete(conversation);
		}
		const refused = record.kind === 'push' && ['refused', 'unanswered'].includes(record.fields.state);

		if (refused || record.kind === 'fault')
			this.errors.push({ at, refused });
	}

	#time(name, conversation, us) {
		const began = this.open.get(conversation);

		if (began !== undefined)
			this.times[name].push((us - began) / 1000);
	}

	async #sample() {
		if (this.store.link !== 'live')
			return;
		const metrics = await this.#metrics();

		if (!metrics)
			return;
		const at = Date.now();
		const value = (name) => metrics.get(name) ?? 0;
		const passed = this.last ? (at - this.last.at) / 1000 : EVERY_MS / 1000;
		const rate = (name) => this.last ? Math.max(0, value(name) - (this.last.metrics.get(name) ?? 0)) / passed : 0;

		this.plots.endpoints.add(at, [value('core_phones') + value('core_bindings')]);
		this.plots.held.add(at, [[...this.store.conversations.values()].filter((one) => this.store.isHeld(one)).length]);
		this.plots.pushes.add(at, [rate('core_pushes_total'), rate('core_pushes_accepted_total')]);
		this.#percentiles(at, 'ringing');
		this.#percentiles(at, 'toast');
		const since = this.store.now() - 60000;

		this.errors = this.errors.filter((error) => error.at > since);
		this.plots.errors.add(at, [this.errors.length, this.errors.filter(({ refused }) => refused).length]);
		this.last = { at, metrics };
		if (!this.isOn)
			return;
		this.#say();
		for (const plot of Object.values(this.plots))
			plot.draw();
	}

	async #metrics() {
		try {
			const { metrics } = await api.get('metrics');

			return new Map(metrics.map(({ name, value }) => [name, value]));
		} catch {
			return undefined;
		}
	}

	#percentiles(at, name) {
		const times = this.times[name].splice(0).sort((a, b) => a - b);

		this.plots[name].add(at, [percentile(times, .5), percentile(times, .99)]);
	}

	#say() {
		const last = (name) => this.plots[name].samples.at(-1)?.values[0] ?? 0;
		const count = (n, one, many) => `${n === 1 ? 'One' : n.toLocaleString('en-US')} ${n === 1 ? one : many}`;

		if (!this.isOn)
			return;
		document.getElementById('step').textContent = 'Load';
		document.getElementById('sentence').textContent = `${count(last('endpoints'), 'endpoint', 'endpoints')} signed in: how many invitations ring, how many pushes leave, and how long each takes.`;
	}
}

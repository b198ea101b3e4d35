// A message as it was on the wire, beside what each part of it means.
import { el, fill, said, seconds, setPressed } from './dom.js';
import { HOPS, labelOf, shortName } from './label.js';
import { indexFrom } from './order.js';
import { bodyMeaning, meaningOf, startMeaning } from './meanings.js';

const NEAR = 1000; // records behind a message, one of which says that it was received

/** {start, headers: [[name, value]], body} of a SIP or HTTP message. */
function parse(raw) {
	const [head, ...rest] = raw.split(/\r?\n\r?\n/);
	const lines = head.split(/\r?\n(?![ \t])/);

	return {
		start: lines[0],
		headers: lines.slice(1).map((line) => {
			const colon = line.indexOf(':');

			return [line.slice(0, colon), line.slice(colon + 1).trim()];
		}),
		body: rest.join('\n\n'),
	};
}

function isMessage(record) {
	return record.kind === 'sip' && record.raw;
}

export class Sheet {
	constructor(store, ladder, onClose) {
		Object.assign(this, { store, ladder, onClose });
		this.heading = el('h2');
		this.where = el('p');
		this.rawButton = el('button', { type: 'button', class: 'button', 'aria-pressed': 'false', onclick: () => this.#toggle() }, 'Raw');
		this.body = el('div', { class: 'body', tabindex: '0', role: 'region', 'aria-label': 'Message' });
		this.root = el('div', { class: 'sheet', hidden: true, role: 'group', 'aria-label': 'The message of the row' },
			el('header', {}, this.heading, this.where, this.rawButton,
				el('button', { type: 'button', class: 'button', onclick: () => this.close(true) }, 'Close')),
			this.body);
		ladder.append(this.root);
		this.root.addEventListener('keydown', (event) => {
			if (event.key === 'Escape')
				this.close(true);
		});
	}

	get isOpen() {
		return !this.root.hidden;
	}

	open(record) {
		if (!record)
			return;
		this.record = record;
		this.root.hidden = false;
		this.ladder.classList.add('open');
		this.heading.replaceChildren(said(labelOf(record), 80));
		this.where.replaceChildren(said(this.#where(record), 300));
		this.#draw();
	}

	close(byHand = false) {
		if (this.root.hidden)
			return;
		this.root.hidden = true;
		this.ladder.classList.remove('open');
		if (byHand)
			this.onClose();
	}

	#toggle() {
		this.raw = !this.raw;
		setPressed(this.rawButton, this.raw);
		this.#draw();
	}

	#where(record) {
		const hop = (name) => HOPS[name] ?? (name?.startsWith('phone:') ? `${shortName(name)}’s phone` : name);
		const invite = this.store.conversations.get(record.conversation)?.invite;
		const isOwn = record.kind === 'sip' && invite && record.fields.call_id !== invite.fields.call_id;

		return [
			record.from && record.to && `${hop(record.from)} → ${hop(record.to)}`,
			record.fields.transport?.toUpperCase(),
			invite && `${seconds(record.labMs - invite.labMs)} s after the INVITE`,
			isOwn && 'a transaction of its own',
			`record ${record.seq}`,
			this.#other(record),
		].filter(Boolean).join(' · ');
	}

	// One message, recorded at both of its ends.
	#other(record) {
		const { records } = this.store;
		const at = indexFrom(records, record.seq);
		const other = records.slice(at, at + NEAR).find((one) => one.sent === record.seq);

		return other && `received ${seconds(other.labMs - record.labMs)} s later, record ${other.seq}`;
	}

	#draw() {
		const { record } = this;

		this.body.scrollTop = 0;
		fill(this.body, `${record.seq} ${this.raw}`, () => {
			if (this.raw)
				return el('pre', {}, said(record.raw ?? JSON.stringify(record, null, 2)));
			return el('dl', {}, isMessage(record) ? this.#message(record) : this.#facts(record));
		});
	}

	#pair(name, value, meaning) {
		return el('div', {}, el('dt', {}, name ? el('b', {}, said(name, 100), ': ') : null, said(value, 4000)), el('dd', {}, meaning));
	}

	#message(record) {
		const { start, headers, body } = parse(record.raw);

		return [
			el('div', {}, el('dt', {}, el('b', {}, said(start, 2000))), el('dd', {}, startMeaning(record))),
			...headers.map(([name, value]) => this.#pair(name, value, meaningOf(name, value, record))),
			body ? this.#pair('', body, bodyMeaning(record)) : null,
		];
	}

	#facts(record) {
		const rows = [['What', record.summary ?? record.label, ''], ['Time', record.time, 'By the lab’s clock.']];

		for (const [name, value] of Object.entries(record.fields))
			rows.push([name, value, meaningOf(`field ${name}`, value, record)]);
		if (record.raw)
			rows.push(['', record.raw, 'What was in it.']);
		return rows.map(([name, value, meaning]) => this.#pair(name, value, meaning));
	}
}

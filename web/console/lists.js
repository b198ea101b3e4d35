// Lists: every conversation and every push, searched as one types, and why a phone stayed quiet.
import * as api from './api.js';
import { el, fill, said, seconds, setText } from './dom.js';

const MAX_ROWS = 200;
const MAX_REASON = 1000;

// What the lab finds: its class here, and its word.
const kinds = { fine: ['fine', 'Fine'], obstacle: ['here', 'Here'], advice: ['do', 'Do'], note: ['besides', 'Note'] };

const ends = {
	200: ['good', '200 connected'],
	408: ['fail', '408 nobody came'],
	487: ['', '487 cancelled'],
	603: ['fail', '603 declined'],
};

function endOf({ state, status }) {
	if (status)
		return ends[status] ?? [status >= 300 ? 'fail' : 'good', String(status)];
	return { CONNECTED: ['good', '200 connected'], ALERTING: ['ring', 'ringing'] }[state] ?? ['', state.toLowerCase()];
}

const local = (aor) => (aor ?? '').replace(/@.*/, '');

export class Lists {
	constructor(store) {
		this.store = store;
		this.search = el('input', { class: 'field', type: 'search', placeholder: 'Search: bob, 408, are you there, 30016', 'aria-label': 'Search conversations and pushes',
			oninput: () => this.#typed() });
		this.explainButton = el('button', { type: 'button', class: 'button', onclick: () => this.#explain(this.who) });
		this.conversations = this.#table(['No.', 'Who', 'First line', 'How it ended', 'After']);
		this.pushes = this.#table(['No.', 'For', 'Answer', 'Why']);
		this.reasons = el('ul', { class: 'reasons' }, el('li', { class: 'none' }, 'Search for a person, and let it be explained: where the phone is signed in, what the last push came to, and what to do.'));
		this.whose = el('span', {}, 'Why did a phone stay quiet?');
		this.root = el('div', { class: 'lists' },
			el('section', { class: 'sheetlike', 'aria-label': 'Conversations and pushes' },
				el('div', { class: 'search' }, this.search, this.explainButton),
				this.#heading('Conversations', this.conversations), this.conversations.root,
				this.#heading('Pushes', this.pushes), this.pushes.root),
			el('section', { class: 'sheetlike', 'aria-label': 'Explanation' }, el('h2', {}, this.whose), this.reasons));
		this.data = { conversations: [], pushes: [] };
	}

	#table(names) {
		const body = el('tbody');

		return { body, count: el('small'), root: el('table', {}, el('thead', {}, el('tr', {}, ...names.map((name) => el('th', { scope: 'col' }, name)))), body) };
	}

	#heading(name, { count }) {
		return el('h2', {}, name, count);
	}

	show(rest) {
		document.getElementById('step').textContent = 'Lists';
		document.getElementById('sentence').textContent = 'Every conversation and every push, with the reason why a push was not sent.';
		if (rest && rest !== this.search.value)
			this.search.value = rest;
		this.#read();
	}

	/** Records have come: read again, at most once a second. */
	changed() {
		if (!this.isOn || this.timer)
			return;
		this.timer = setTimeout(() => {
			this.timer = undefined;
			this.#read();
		}, 1000);
	}

	async #read() {
		if (!this.store.hasPeople)
			return;
		try {
			const [{ conversations }, { pushes }] = await Promise.all([api.get('conversations'), api.get('pushes')]);

			this.data = { conversations, pushes };
		} catch {
			return; // what was read stays readable
		}
		this.#draw();
	}

	#typed() {
		history.replaceState(null, '', this.search.value ? `#/lists/${encodeURIComponent(this.search.value)}` : '#/lists');
		this.#draw();
	}

	// The person whom the search is about.
	get who() {
		const text = this.search.value.trim().toLowerCase();
		const aors = [...this.store.users.keys()];

		return (text && aors.find((aor) => aor === text || local(aor) === text || this.store.name(aor).toLowerCase() === text)) || this.store.cast.phone;
	}

	#draw() {
		const words = this.search.value.toLowerCase().split(/\s+/).filter(Boolean);
		const fits = (row) => words.every((word) => JSON.stringify(Object.values(row)).toLowerCase().includes(word));

		this.#rows(this.conversations, this.data.conversations.filter(fits).reverse(), (row) => this.#conversation(row));
		this.#rows(this.pushes, this.data.pushes.filter(fits).reverse(), (row) => this.#push(row));
		fill(this.explainButton, this.who, () => ['Explain ', said(local(this.who), 40)]);
		this.explainButton.disabled = !this.who;
	}

	#rows({ body, count }, rows, make) {
		setText(count, rows.length > MAX_ROWS ? `newest ${MAX_ROWS} of ${rows.length}` : String(rows.length));
		fill(body, JSON.stringify(rows.slice(0, MAX_ROWS)), () => rows.length ? rows.slice(0, MAX_ROWS).map(make)
			: el('tr', {}, el('td', { colspan: '5' }, 'None.')));
	}

	#mark([kind, words]) {
		return el('span', { class: `mark ${kind}` }, words);
	}

	#conversation(row) {
		const end = Date.parse(row.answered ?? row.ended);

		return el('tr', {},
			el('td', { class: 'tight' }, el('a', { href: `#/stage/${row.id}` }, String(row.id))),
			el('td', {}, said(`${local(row.from)} → ${local(row.to)}`, 100)),
			el('td', {}, row.firstLine ? said(`“${row.firstLine}”`, 200) : ''),
			el('td', {}, this.#mark(endOf(row))),
			el('td', { class: 'tight' }, end ? `${seconds(end - Date.parse(row.began))} s` : ''));
	}

	#push(row) {
		const isUnderWay = row.state === 'sent' || row.state === 'waiting';
		const answer = row.status ? [row.state === 'accepted' ? 'good' : 'fail', `${row.status} · ${row.diagnosticsId ?? '–'}`]
			: [isUnderWay ? 'ring' : 'fail', isUnderWay ? 'on its way' : row.state === 'unanswered' ? 'no answer' : 'not sent'];
		const why = row.state === 'accepted' ? 'Taken by the push service, which does not answer for the phone.' : row.reason ?? '';

		return el('tr', {}, el('td', { class: 'tight' }, String(row.id)), el('td', { class: 'who' }, said(local(row.user), 60)),
			el('td', {}, this.#mark(answer)), el('td', {}, said(why, 300)));
	}

	// ---- why a phone stayed quiet ----

	async #explain(aor) {
		if (!aor)
			return;
		this.whose.replaceChildren('Why did ', said(this.store.name(aor), 60), '’s phone stay quiet?');
		try {
			const { findings } = await api.get(`users/${encodeURIComponent(aor)}/explanation`);

			this.reasons.replaceChildren(...findings.map(({ kind, text }) =>
				el('li', { class: kinds[kind][0] }, el('b', {}, kinds[kind][1]), said(text, MAX_REASON))));
		} catch (error) {
			this.reasons.replaceChildren(el('li', { class: 'here' }, el('b', {}, 'Here'), said(error.message)));
		}
	}
}

// Lists: every conversation and every push, searched as one types, and why a phone stayed quiet.
import * as api from './api.js';
import { el, fill, said, seconds, setText } from './dom.js';

const MAX_ROWS = 200;

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
		this.reasons = el('ul', { class: 'reasons' });
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
		const answer = row.status ? [row.state === 'accepted' ? 'good' : 'fail', `${row.status} · ${row.diagnosticsId ?? '–'}`]
			: [{ sent: 'ring' }[row.state] ?? 'fail', row.state === 'sent' ? 'on its way' : row.state === 'unanswered' ? 'no answer' : 'not sent'];
		const why = row.state === 'accepted' ? 'Taken by the push service; that it reached the phone nobody says.' : row.reason ?? '';

		return el('tr', {}, el('td', { class: 'tight' }, String(row.id)), el('td', { class: 'who' }, said(local(row.user), 60)),
			el('td', {}, this.#mark(answer)), el('td', {}, said(why, 300)));
	}

	// ---- why a phone stayed quiet ----

	async #explain(aor) {
		if (!aor)
			return;
		this.whose.replaceChildren('Why did ', said(this.store.name(aor), 60), '’s phone stay quiet?');
		try {
			const [{ endpoints }, { pushes }] = await Promise.all([api.get(`endpoints?user=${encodeURIComponent(aor)}`), api.get(`pushes?user=${encodeURIComponent(aor)}`)]);

			this.reasons.replaceChildren(...reasons(this.store.name(aor), this.store.users.get(aor), endpoints, pushes)
				.map(([kind, text]) => el('li', { class: kind }, el('b', {}, { fine: 'Fine', here: 'Here', do: 'Do' }[kind]), said(text))));
		} catch (error) {
			this.reasons.replaceChildren(el('li', { class: 'here' }, el('b', {}, 'Here'), said(error.message)));
		}
	}
}

function sayPhones(name, phones, contacts) {
	const agents = phones.map(({ userAgent }) => (userAgent ?? '').split(' ')[0]).filter(Boolean).join(', ');
	const desktops = contacts.length ? `on ${contacts.length === 1 ? 'a desktop' : `${contacts.length} desktops`} too` : 'on no desktop';

	return `${name} is signed in on ${phones.length === 1 ? 'one phone' : `${phones.length} phones`}${agents ? ` (${agents})` : ''}, and ${desktops}.`;
}

function phoneReasons(phone) {
	if (!phone.subscription)
		return [['here', 'The phone has not left a push address: it has no push subscription.'], ['do', 'Let the app subscribe to push (PUT pushSubscription), which it does when it signs in.']];
	const rows = [['fine', `The phone has left a push address (${phone.subscription.platform}).`]];

	if (phone.pushObstacle)
		rows.push(['here', phone.pushObstacle]);
	if (phone.state === 'HELD')
		rows.push(['here', 'The app is in the foreground: it holds an event request, and is told there. Push is used only while it sleeps.'],
			['do', 'Send the app to the background, wait for core.phone_linger, and write again.']);
	else if (phone.state === 'LINGERING')
		rows.push(['here', 'The app was there a moment ago: its next event request is waited for, and the push leaves when core.phone_linger is over.']);
	else if (!phone.pushObstacle)
		rows.push(['fine', 'The app sleeps, so the next invitation is pushed.']);
	return rows;
}

/** Sentences: what is fine, where it stops, what to do. */
export function reasons(name, user, endpoints, pushes) {
	const phones = endpoints.filter(({ type }) => type === 'phone');
	const contacts = endpoints.filter(({ type }) => type === 'contact');
	const last = pushes.at(-1);

	if (!user)
		return [['here', `${name} is not a user of this lab.`]];
	if (!phones.length)
		return [['here', `${name} is not signed in on any phone.`], ['do', 'Sign in with a phone.']];
	const rows = [['fine', sayPhones(name, phones, contacts)]];

	if (user.enableMobility && user.enablePush)
		rows.push(['fine', 'Mobility and push are allowed.']);
	else
		rows.push(['here', user.enableMobility ? 'Push is not allowed for this user.' : 'Mobility is not allowed for this user.'], ['do', 'Allow it: change the user’s policy.']);
	rows.push(...phones.flatMap(phoneReasons));
	if (last?.state === 'accepted')
		rows.push(['fine', `The last push (${last.id}) was taken by the push service. That it reached the phone nobody says.`]);
	else if (last && last.state !== 'sent')
		rows.push(['here', `The last push (${last.id}) was ${last.state}: ${last.reason ?? `status ${last.status}`}`]);
	return rows;
}

// Single keys, off while something is written. "?" lists them.
import { el } from './dom.js';

const names = { ' ': 'Space', 'Shift+ ': 'Shift Space', ArrowDown: '↓', ArrowUp: '↑', PageDown: 'PgDn', PageUp: 'PgUp', Escape: 'Esc' };

/** Take keys. rows: [keys, words, action]; a key is as KeyboardEvent has it, "Shift+ " with Shift, "g s" for two. */
export function takeKeys(rows) {
	const list = el('dl', { class: 'keys' }, rows.filter(([, words]) => words).flatMap(([keys, words]) =>
		[el('dt', {}, keys.map((key) => names[key] ?? key).join(', ')), el('dd', {}, words)]));
	const dialog = el('dialog', { 'aria-labelledby': 'keys-heading', id: 'keys' }, el('h2', { id: 'keys-heading' }, 'Keys'), list,
		el('form', { method: 'dialog', class: 'ends' }, el('button', { class: 'button' }, 'Close')));
	let prefix = '';

	document.body.append(dialog);
	addEventListener('keydown', (event) => {
		const { target } = event;
		const writes = target.matches?.('input, select, textarea');

		if (event.ctrlKey || event.metaKey || event.altKey || writes || document.querySelector('dialog[open]'))
			return;
		// Space and Enter are a button's own.
		if ((event.key === ' ' || event.key === 'Enter') && target.matches?.('button, a, summary'))
			return;
		const key = event.key === ' ' && event.shiftKey ? 'Shift+ ' : event.key;
		const name = prefix ? `${prefix} ${key}` : key;
		const row = name === '?' ? [null, null, () => dialog.showModal()] : rows.find(([keys]) => keys.includes(name));

		prefix = !prefix && rows.some(([keys]) => keys.some((one) => one.startsWith(`${key} `) && one.length > 2)) ? key : '';
		if (!row)
			return;
		event.preventDefault();
		row[2](event);
	});
}

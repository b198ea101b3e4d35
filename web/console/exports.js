// What there is of a conversation to take away.
import { el } from './dom.js';

const FORMATS = [
	['sipstack', 'SIPStack trace', 'as Snooper reads it', 'txt'],
	['pcapng', 'Packets', 'for Wireshark and sngrep', 'pcapng'],
	['har', 'HTTP archive', 'what the phone and the push service said', 'har'],
	['jsonl', 'Records', 'a line of JSON each', 'jsonl'],
	['text', 'Ladder as text', 'for a terminal or a mail', 'txt'],
	['svg', 'Ladder as picture', 'SVG', 'svg'],
	['mermaid', 'Ladder as Mermaid', 'for a README', 'mmd'],
];

/** The button that opens the dialog. */
export function exportButton(store, current) {
	const list = el('div', { class: 'exports' });
	const about = el('p');
	const dialog = el('dialog', { 'aria-labelledby': 'export-heading' }, el('h2', { id: 'export-heading' }, 'Export'), about, list,
		el('form', { method: 'dialog', class: 'ends' }, el('button', { class: 'button' }, 'Close')));

	document.body.append(dialog);
	return el('button', {
		type: 'button', class: 'button', id: 'export', 'aria-keyshortcuts': 'e', 'aria-haspopup': 'dialog',
		onclick: () => {
			const conversation = current();
			const name = conversation ? `conversation-${conversation.id}` : 'journal';

			about.textContent = conversation ? `Conversation ${conversation.id}, every hop.` : 'Everything that the journal has.';
			list.replaceChildren(...FORMATS.map(([format, what, detail, extension]) =>
				el('a', { class: 'button', download: `${name}.${extension}`, 'data-format': format,
					href: `/lab/v1/export/${format}${conversation ? `?conversation=${conversation.id}` : ''}` },
				what, el('small', {}, detail))));
			dialog.showModal();
		},
	}, 'Export');
}

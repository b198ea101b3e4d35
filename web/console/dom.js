// Elements without HTML: what a peer sent is a text node and nothing else.

const MAX_LABEL = 200;

/** Of a line that somebody wrote; the whole is in the message. */
export const MAX_LINE = 4000;

/** An element: el('button', { class: 'button', onclick: f, 'aria-label': 'x' }, 'text', child, null). */
export function el(name, attributes = {}, ...children) {
	const element = document.createElement(name);

	for (const [key, value] of Object.entries(attributes)) {
		if (key.startsWith('on'))
			element.addEventListener(key.slice(2), value);
		else if (key === 'value' || key === 'disabled' || key === 'hidden')
			element[key] = value;
		else if (value !== null && value !== undefined && value !== false)
			element.setAttribute(key, value === true ? '' : value);
	}
	element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
	return element;
}

// Controls, and what turns the direction of a line or cannot be seen.
const odd = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/;

// What joins two pictures into one: a family, a flag.
const joiner = '\u200d';
const picture = /[\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f]/u;

function escaped(character) {
	return `\\u${character.codePointAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
}

/** Text of a peer, isolated from the direction of what stands around it; what cannot be seen is shown as \u202E. */
export function said(text, max = Infinity) {
	const bdi = el('bdi');
	let whole = String(text ?? '');
	let plain = '';
	let before = '';

	if (whole.length > max)
		whole = `${whole.slice(0, max)}…`;
	for (const character of whole) {
		const isPlain = !odd.test(character) || (character === joiner && picture.test(before));

		before = character;
		if (isPlain) {
			plain += character;
			continue;
		}
		bdi.append(plain, el('span', { class: 'odd' }, escaped(character)));
		plain = '';
	}
	bdi.append(plain);
	return bdi;
}

/** The same for a row of the ladder. */
export function label(text) {
	return said(text, MAX_LABEL);
}

/** The same as a string, for attributes and announcements. */
export function sayable(text) {
	return said(text, MAX_LABEL).textContent;
}

/** Set a text, but only if it is another one: what is announced is not announced twice. */
export function setText(element, text) {
	if (element.textContent !== text)
		element.textContent = text;
}

export function setPressed(button, pressed) {
	button.setAttribute('aria-pressed', String(pressed));
}

/** Replace the children, unless the key says that they would be the same. */
export function fill(element, key, make) {
	if (element.dataset.key === key)
		return false;
	element.dataset.key = key;
	element.replaceChildren(...[make()].flat().filter(Boolean));
	return true;
}

/** Milliseconds as seconds: "60.001". */
export function seconds(ms, digits = 3) {
	return (ms / 1000).toFixed(digits);
}

// Light and dark: the system's, until somebody chooses; and a scale for the back row.

const dark = matchMedia('(prefers-color-scheme: dark)');

function stored(name) {
	try {
		return localStorage.getItem(name);
	} catch {
		return null;
	}
}

function store(name, value) {
	try {
		localStorage.setItem(name, value);
	} catch {
		// Without storage the choice lasts as long as the page.
	}
}

export class Theme {
	constructor(button) {
		this.button = button;
		this.chosen = stored('mcxd-theme');
		dark.addEventListener('change', () => this.#apply());
		button.addEventListener('click', () => this.toggle());
		this.scale(stored('mcxd-scale') ?? '');
		this.#apply();
	}

	get isDark() {
		return this.chosen ? this.chosen === 'dark' : dark.matches;
	}

	#apply() {
		document.documentElement.dataset.theme = this.isDark ? 'dark' : 'light';
		this.button.setAttribute('aria-pressed', String(this.isDark));
	}

	toggle() {
		this.chosen = this.isDark ? 'light' : 'dark';
		store('mcxd-theme', this.chosen);
		this.#apply();
	}

	scale(name) {
		document.documentElement.dataset.scale = name;
		store('mcxd-scale', name);
	}

	presenter() {
		this.scale(document.documentElement.dataset.scale === 'large' ? '' : 'large');
	}
}

// Addresses of the page: #/stage/3/1042, #/load, #/lists/bob. Every state has one.

export class Route {
	constructor(onChange) {
		this.onChange = onChange;
		addEventListener('hashchange', () => onChange(this.read()));
	}

	/** {view, conversation, record, rest} */
	read() {
		const [, view = 'stage', first = '', second = ''] = location.hash.split('/').map(decodeURIComponent);
		const known = ['stage', 'load', 'lists'].includes(view) ? view : 'stage';

		return {
			view: known,
			conversation: first === 'all' ? 'all' : Number(first) || undefined,
			record: Number(second) || undefined,
			rest: first,
		};
	}

	go(hash) {
		if (location.hash === hash)
			this.onChange(this.read());
		else
			location.hash = hash;
	}

	/** Change the address and nothing else. */
	replace(hash) {
		history.replaceState(null, '', hash);
	}
}

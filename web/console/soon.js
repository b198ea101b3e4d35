// Work that is asked for often and done once.

/** A function that has the work done within ms, once for all who ask meanwhile; the first who asks gives the arguments. */
export function soon(work, ms) {
	let timer;

	return (...args) => {
		timer ??= setTimeout(() => {
			timer = undefined;
			work(...args);
		}, ms);
	};
}

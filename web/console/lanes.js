// The ladder's columns: whoever wrote first at the left, then the lab's roles, phones at the right.
import { HOPS, PHONE } from './label.js';

const ROLES = Object.keys(HOPS);
const MAX_OF_A_KIND = 3;

/** The lane that one end of a record belongs to. A phone is one lane whatever the hop calls it: the push service knows its
 *  name, the front end its user. */
function laneOf(hop, record) {
	return hop?.startsWith(PHONE) && record.phone ? `${PHONE}#${record.phone}` : hop;
}

/** Lanes of a ladder. There are the lab's own roles from the start. */
export class Lanes {
	constructor(store, desktop, phone) {
		this.store = store;
		this.left = desktop ? [desktop] : [];
		this.right = [];
		this.phones = phone ? [phone] : [];
		this.assumed = new Set([desktop, phone]);
		this.known = new Set(ROLES);
		this.#order();
	}

	#order() {
		this.phones.sort((a, b) => this.#number(a) - this.#number(b));
		const phones = this.phones.length > MAX_OF_A_KIND ? ['phones'] : this.phones;
		const left = this.left.length > MAX_OF_A_KIND ? ['desktops'] : this.left;
		const right = this.right.length > MAX_OF_A_KIND ? ['others'] : this.right;

		this.all = [...left, ...ROLES, ...right, ...phones];
	}

	/** Take the ends of a record; true: there is a lane more. */
	take(record) {
		const from = this.#add(laneOf(record.from, record), true);
		const to = this.#add(laneOf(record.to, record), false);

		if (!from && !to)
			return false;
		const before = this.all.join();

		this.#order();
		return this.all.join() !== before;
	}

	#add(lane, sends) {
		if (!lane || this.known.has(lane))
			return false;
		this.known.add(lane);
		const of = lane.startsWith(PHONE) ? this.phones
			: this.left.includes(lane) || (sends && (this.left.length === 0 || this.wide)) ? this.left : this.right;
		// What was only assumed gives its place to what is there.
		const same = of.findIndex((other) => this.assumed.has(other) && lane !== other && this.#owner(other) === this.#owner(lane));

		if (same >= 0)
			of.splice(same, 1, lane);
		else if (!of.includes(lane))
			of.push(lane);
		return true;
	}

	// The AoR of a desktop's or phone's user.
	#owner(lane) {
		const [hop, id] = lane.split('#');

		return (id && this.store.phones.get(id)?.user) || hop.replace(PHONE, '');
	}

	// Which of the phones that the lab hosts for its user it is; 0: none.
	#number(lane) {
		const id = lane.split('#')[1];
		const actor = id && this.store.actors.find(({ server }) => server?.appId === id);

		return actor ? this.store.actors.filter(({ kind, user }) => kind === 'phone' && user === actor.user).indexOf(actor) + 1 : 0;
	}

	/** Where an end of a record stands; -1: nowhere. */
	find(hop, record) {
		const lane = laneOf(hop, record);
		const at = this.all.indexOf(lane);

		if (at >= 0 || !lane)
			return at;
		if (lane.startsWith(PHONE)) {
			const one = this.all.findIndex((other) => other.startsWith(PHONE) && this.#owner(other) === this.#owner(lane));

			return one >= 0 ? one : this.all.indexOf('phones');
		}
		return this.all.indexOf(this.left.includes(lane) ? 'desktops' : 'others');
	}

	/** {name, short} of a lane. */
	head(at) {
		const lane = this.all[at];
		const grouped = { phones: this.phones, desktops: this.left, others: this.right }[lane];

		if (grouped)
			return { name: `All ${lane}`, short: lane.charAt(0).toUpperCase() };
		if (HOPS[lane])
			return { name: HOPS[lane], short: { 'front-end': 'FE', edge: 'E', 'clearing-house': 'CH', 'push-service': 'P' }[lane] };
		const owner = this.#owner(lane);
		const name = this.store.name(owner);

		if (!lane.startsWith(PHONE))
			return { name: `${name}’s desktop`, short: name.charAt(0) };
		const own = this.phones.filter((other) => this.#owner(other) === owner);
		const number = this.#number(lane) || own.indexOf(lane) + 1;

		return own.length > 1
			? { name: `${name}: phone ${number}`, short: `${name.charAt(0)}${number}` }
			: { name: `${name}’s phone`, short: name.charAt(0) };
	}
}

// A desktop or phone that the lab hosts (/lab/v1/actors), told what to do and watched over the lab API.
export class Hosted {
	constructor(lab, actor) {
		this.lab = lab;
		this.id = actor.id;
		this.user = actor.user;
		this.from = 1; // where the next expect() begins
	}

	/** A new one of this kind ("desktop", "phone"), signed in. */
	static async signIn(lab, kind, user, options = {}) {
		const hosted = await Hosted.make(lab, kind, user, options);

		await hosted.do('sign-in');
		await hosted.expect(kind === 'phone' ? 'subscribed' : 'registered');
		return hosted;
	}

	static async make(lab, kind, user, options = {}) {
		return new Hosted(lab, await lab.post('actors', { kind, user: user.aor, ...options }));
	}

	/** Give an order; resolves with what the actor shows then. */
	do(command, body) {
		return this.lab.post(`actors/${this.id}/${command}`, body);
	}

	/** The refusal of an order: {status, message}. */
	async refused(command, body) {
		const { status, body: answer } = await this.lab.request('POST', `actors/${this.id}/${command}`, body);

		return { status, message: answer.error?.message };
	}

	/** Wait until this has happened, after what the last call waited for; resolves with the record. */
	async expect(event, fields = {}) {
		const record = await this.lab.wait('actor', {
			user: this.user, from: this.from, fields: { actor: this.id, event, ...fields },
		});

		this.from = record.seq + 1;
		return record;
	}

	/** What the person sees. */
	see() {
		return this.lab.get(`actors/${this.id}`);
	}

	remove() {
		return this.lab.delete(`actors/${this.id}`);
	}
}

// A phone as the push client service knows it: a channel, and the carrier connection by which what others have sent arrives.
// And what a provider needs to notify it over APNs.
import assert from 'node:assert/strict';
import { createPrivateKey, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { check } from './openapi.mjs';

export const TOPIC = 'com.microsoft.lync2010.iphone';
export const KEY_ID = 'MCXDLABKEY';
export const TEAM_ID = 'MCXDLABTEA';

export class Device {
	/** traits: what the phone says of itself, as POST /channels takes it. */
	static async open(lab, traits = {}) {
		const device = new Device();

		device.lab = lab;
		device.after = 0;
		device.channel = await device.must(201, 'POST', '/channels', traits);
		return device;
	}

	async must(status, method, where, body) {
		const answer = await fetch(`${this.lab.ready.push_service}${where}`, {
			method, headers: { 'content-type': 'application/json' }, body: body && JSON.stringify(body),
		});
		const text = await answer.text();

		assert.equal(answer.status, status, text);
		check('push_service', {
			method, path: where, type: 'application/json', body: body && JSON.stringify(body), status, text,
			headers: Object.fromEntries(answer.headers),
		});
		return text ? JSON.parse(text) : null;
	}

	/** What has come since the last time; waits for it. */
	async notifications(timeout = 10) {
		const { carrier } = this.channel;
		const got = await this.must(200, 'GET', `${carrier}?after=${this.after}&timeout=${timeout}`);

		this.after = got.next;
		return got.notifications;
	}

	/** The next one, without what the push client service says of it. */
	async next() {
		const [first, ...others] = await this.notifications();

		assert.ok(first, 'no notification came');
		assert.deepEqual(others, []);
		const { number, receivedAt, ...sent } = first;

		assert.ok(number > 0 && receivedAt);
		return sent;
	}

	async renew() {
		this.channel = await this.must(200, 'PUT', this.channel.channel);
	}

	async close() {
		await this.must(204, 'DELETE', this.channel.channel);
	}
}

export const keyFile = (lab) => path.join(path.dirname(lab.ready.ca), 'apns.p8');

/** A provider token. now: seconds that its time is off; key: PEM of another key than the lab's. */
export function providerToken(lab, { header = {}, claims = {}, now = 0, key = readFileSync(keyFile(lab)) } = {}) {
	const part = (o) => Buffer.from(JSON.stringify(o)).toString('base64url');
	const iat = Math.floor(Date.now() / 1000) + now;
	const input = `${part({ alg: 'ES256', kid: KEY_ID, ...header })}.${part({ iss: TEAM_ID, iat, ...claims })}`;
	const signature = sign('sha256', Buffer.from(input), { key: createPrivateKey(key), dsaEncoding: 'ieee-p1363' });

	return `${input}.${signature.toString('base64url')}`;
}


